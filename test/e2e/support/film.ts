import { applyPalette, GIFEncoder, quantize } from 'gifenc';
import { PNG } from 'pngjs';

/** Longer waits, as a slow machine has them, tell nobody anything. */
const LONGEST_MS = 700;
const LAST_MS = 3000;

/** What a part of the page looked like from a moment on, in milliseconds. */
export interface Frame {
	png: Buffer;
	at: number;
}

/** An endless GIF of frames of one size, less those in which nothing has changed. */
export function animated(frames: readonly Frame[]): Uint8Array {
	const changes = frames.filter(({ png }, index) => frames[index - 1]?.png.equals(png) !== true);
	const pictures = changes.map(({ png }) => PNG.sync.read(png));
	// One palette for all of them: a background that differs by a shade from frame to frame flickers.
	const palette = quantize(Buffer.concat(pictures.map(({ data }) => data)), 256);
	const gif = GIFEncoder();
	for (const [index, { data, width, height }] of pictures.entries()) {
		const from = changes[index]?.at ?? 0;
		const delay = Math.min(LONGEST_MS, (changes[index + 1]?.at ?? Infinity) - from);
		const isLast = index === pictures.length - 1;
		gif.writeFrame(applyPalette(data, palette), width, height, {
			delay: isLast ? LAST_MS : delay,
			...(index === 0 ? { palette } : {}),
		});
	}
	gif.finish();
	return gif.bytes();
}
