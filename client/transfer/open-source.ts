import type { Readable } from 'node:stream';

import { IntegrityError, StalledError } from '../api/errors';
import { Watch, type Watched } from '../api/watch';
import { asLocalError } from './local-error';
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
			if (reason instanceof StalledError) throw sourceHangs(context);
			throw reason ?? asLocalError(`Reading "${source.fileName}"`, error);
		} finally {
			watch.pause();
		}
	};
	const first = source.isSequential ? 0 : start;
	try {
		const stream = await inTime(() => openedUntil(signal, source, first));
		const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
		return {
			chunks: (async function* () {
				let unwanted = start - first;
				for (;;) {
					const { done, value } = await inTime(() => iterator.next());
					if (done) return;
					const wanted = value.subarray(Math.min(unwanted, value.length));
					unwanted -= value.length - wanted.length;
					if (wanted.length > 0) yield wanted;
				}
			})(),
			close: () => {
				watch.stop();
				stream.destroy();
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

/** The source's stream. The signal closes it, also one that comes when nobody waits for it any more. */
async function openedUntil(signal: AbortSignal, source: UploadSource, start: number): Promise<Readable> {
	const stream = await source.open(start);
	// It may fail at any time, also while nobody reads it; the reader sees it again.
	stream.on('error', () => undefined);
	const destroy = () => void stream.destroy();
	if (signal.aborted) destroy();
	signal.addEventListener('abort', destroy, { once: true });
	return stream;
}

/** The error for a source that is shorter or longer than its size. */
export function wrongSize({ fileName, size }: UploadSource, read: number): IntegrityError {
	const what =
		read < size ? `ended after ${read} of ${size} bytes` : `was changed (it has more than ${size} bytes)`;
	return new IntegrityError(`"${fileName}" ${what} while it was read`, {
		description: 'Try again when nothing writes to it any more.',
	});
}
