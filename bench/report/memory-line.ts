import type { Memory } from '../tasks';

const BARS = '▁▂▃▄▅▆▇█';
const WIDTH = 40;

/** Memory over time as a line of small bars, from nothing to the peak: flat when it does not grow with the file. */
export function memoryLine({ samples, peak }: Memory): string {
	const count = Math.min(WIDTH, samples.length);
	return Array.from({ length: count }, (_, index) => {
		const sample = samples[Math.floor((index * samples.length) / count)] ?? 0;
		return BARS[Math.min(BARS.length - 1, Math.floor((sample / peak) * BARS.length))] ?? '';
	}).join('');
}
