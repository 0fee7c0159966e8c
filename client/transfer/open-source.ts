import { Readable } from 'node:stream';

import { IntegrityError, isBddFileError } from '../api/errors';
import { localFileError } from './local-error';
import type { UploadSource } from './source';

/** A source being read. */
export interface OpenSource {
	/** Its bytes, once. */
	chunks: AsyncGenerator<Buffer, void, undefined>;
	/** To be called in the end, whether everything was read or not. */
	close: () => void;
}

/**
 * Opens a source.
 *
 * @param signal closes it, also while nobody reads
 * @throws LocalFileError when it cannot be opened; `chunks` too, when it cannot be read on
 */
export async function openSource(source: UploadSource, start = 0, signal?: AbortSignal): Promise<OpenSource> {
	const stream = await untilAborted(source.open(start), signal).catch((cause: unknown) => {
		throw failure(source, cause);
	});
	// It may fail at any time, also while nobody reads it; the reader sees it again.
	stream.on('error', () => undefined);
	const destroy = () => void stream.destroy();
	if (signal?.aborted) destroy();
	signal?.addEventListener('abort', destroy, { once: true });
	return {
		chunks: chunksOf(source, stream),
		close: () => {
			signal?.removeEventListener('abort', destroy);
			destroy();
		},
	};
}

/** The stream; a closed one as soon as the signal fires, since a storage may never open it. */
async function untilAborted(opening: Promise<Readable>, signal: AbortSignal | undefined): Promise<Readable> {
	if (!signal) return await opening;
	let stop: () => void = () => undefined;
	const aborted = new Promise<Readable>((resolve) => {
		stop = () => {
			resolve(new Readable().destroy());
			// It may still come when nobody waits for it any more.
			opening.then(
				(late) => late.on('error', () => undefined).destroy(),
				() => undefined,
			);
		};
		if (signal.aborted) stop();
		else signal.addEventListener('abort', stop, { once: true });
	});
	try {
		return await Promise.race([opening, aborted]);
	} finally {
		signal.removeEventListener('abort', stop);
	}
}

async function* chunksOf(source: UploadSource, stream: Readable): AsyncGenerator<Buffer, void, undefined> {
	try {
		for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
	} catch (cause) {
		throw failure(source, cause);
	}
}

const failure = (source: UploadSource, cause: unknown) =>
	isBddFileError(cause) ? cause : localFileError(`Reading "${source.fileName}"`, cause);

/** The error for a source that is shorter or longer than its size. */
export function wrongSize({ fileName, size }: UploadSource, read: number): IntegrityError {
	const what =
		read < size ? `ended after ${read} of ${size} bytes` : `was changed (it has more than ${size} bytes)`;
	return new IntegrityError(`"${fileName}" ${what} while it was uploaded`, {
		description: 'Upload it again when nothing writes to it any more.',
	});
}
