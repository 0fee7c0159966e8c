import { Readable } from 'node:stream';

import { IntegrityError, isBddFileError, StalledError } from '../api/errors';
import { Watch, type Watched } from '../api/watch';
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
 * Opens a source. It is given up when it is not open, or the chunk that is asked for not there, within the timeout of
 * `context`; its signal closes it, also while nobody reads. Both are for storages: a call of the disk cannot be taken back.
 *
 * @throws LocalFileError when it cannot be opened, CancelledError, StalledError; `chunks` too, when it cannot be read on
 */
export async function openSource(source: UploadSource, start: number, context: Watched): Promise<OpenSource> {
	const watch = new Watch(context);
	const { signal } = watch.controller;
	const inTime = async <T>(work: () => Promise<T>): Promise<T> => {
		watch.start();
		try {
			return await watch.until(work());
		} catch (error) {
			const reason = watch.reason();
			throw reason instanceof StalledError ? sourceHangs(context) : (reason ?? error);
		} finally {
			watch.pause();
		}
	};
	try {
		const first = source.isSequential ? 0 : start;
		const { chunks, close } = await inTime(() => open(source, first, signal));
		return {
			chunks: (async function* () {
				let unwanted = start - first;
				for (;;) {
					const next = await inTime(() => chunks.next());
					if (next.done) return;
					const wanted = next.value.subarray(Math.min(unwanted, next.value.length));
					unwanted -= next.value.length - wanted.length;
					if (wanted.length > 0) yield wanted;
				}
			})(),
			close: () => {
				watch.stop();
				close();
			},
		};
	} catch (error) {
		watch.stop();
		throw error;
	}
}

const sourceHangs = ({ action, timeoutMs }: Watched) =>
	new StalledError(`${action} failed: it could not be read within ${timeoutMs / 1000} seconds`, {
		description: 'Its storage hangs. Try again later, or raise the option "Timeout (Seconds)".',
	});

/** @param signal closes it */
async function open(source: UploadSource, start: number, signal: AbortSignal): Promise<OpenSource> {
	const stream = await untilAborted(source.open(start), signal).catch((cause: unknown) => {
		throw failure(source, cause);
	});
	// It may fail at any time, also while nobody reads it; the reader sees it again.
	stream.on('error', () => undefined);
	const destroy = () => void stream.destroy();
	if (signal.aborted) destroy();
	signal.addEventListener('abort', destroy, { once: true });
	return {
		chunks: chunksOf(source, stream),
		close: () => {
			signal.removeEventListener('abort', destroy);
			destroy();
		},
	};
}

/** The stream; a closed one as soon as the signal fires, since a storage may never open it. */
async function untilAborted(opening: Promise<Readable>, signal: AbortSignal): Promise<Readable> {
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
	return new IntegrityError(`"${fileName}" ${what} while it was read`, {
		description: 'Try again when nothing writes to it any more.',
	});
}
