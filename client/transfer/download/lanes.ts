import type { BddFileApi, CallContext } from '../../api/api';
import { serviceError } from '../../api/envelope';
import { ConnectionError, ServiceError } from '../../api/errors';
import type { HttpAnswer } from '../../api/http-answer';
import type { FileId } from '../../api/ids';
import { joinedSignal } from '../../api/joined-signal';
import { backOff, outcomeOf } from '../../api/retry';
import { MIB } from '../bytes';
import { contentRangeOf, strongTag, type ByteRange } from './content-range';
import { GOOD_BYTES, isEncoded, LINK_SECONDS } from './open';
import { Pace } from './pace';
import { endedEarly, tooManyBytes } from './problems';
import { ReadAhead } from './read-ahead';
import type { SharedLanes } from './shared-lanes';

/** A file up to this size comes faster than further connections can be made. */
export const LANES_ABOVE = 32 * MIB;
/** Long enough that the round trip of its request hardly counts, short enough to be kept in memory. */
const RANGE_BYTES = 4 * MIB;
/** A line of less than 105 MB/s is slow: further connections may help. Of a faster one they only cost. Milliseconds. */
const SLOW_MS = 80;
const SLOW_BYTES = 8 * MIB;
/** Milliseconds. */
const LOOK_EVERY_MS = 20;
/** How long a storage is waited for that may never answer, while one connection is ready. */
const OPENING_MS = 5_000;

export interface LaneSettings {
	/** For one file, at most. */
	connections: number;
	shared: SharedLanes;
}

/** The file that is to come in ranges. */
interface LaneFile {
	id: FileId;
	/** Bytes. */
	size: number;
}

/** Ranges of this file can be had no longer. What was given out until then is right. */
export class LanesEnded extends Error {
	/** @param isOtherVersion the storage has something else under its link now */
	constructor(readonly isOtherVersion: boolean) {
		super('the storage serves no more ranges of this file');
	}
}

/**
 * One large file over several connections to its signed link, in ranges that are given out in order. Every byte is of one
 * version: that of the strong ETag which the first range had. A connection that breaks costs what its range still lacks.
 *
 * It begins over one connection. When that proves slow, it is cut short, and while one range is given out, those behind it are
 * read ahead into memory: at most `connections` - 1 ranges of a file and 8 of a client, of 4 MiB each. A reader that is slow, or
 * stands still, makes it no more.
 */
export class Lanes {
	private renewal: Promise<void> | undefined;

	private constructor(
		private readonly api: BddFileApi,
		private readonly file: LaneFile,
		private readonly settings: LaneSettings,
		private readonly context: CallContext,
		private readonly stop: AbortController,
		private link: string,
		private readonly first: HttpAnswer,
		/** Of the version that is given out. */
		readonly etag: string,
	) {}

	/**
	 * Asks for the first range.
	 *
	 * @returns undefined where the link serves no ranges of this file, or no ETag that vouches for its bytes
	 * @throws CancelledError
	 */
	static async open(
		api: BddFileApi,
		file: LaneFile,
		settings: LaneSettings,
		caller: CallContext,
	): Promise<Lanes | undefined> {
		const stop = new AbortController();
		const context = { ...caller, signal: joinedSignal(caller.signal, stop.signal) };
		const timer = setTimeout(() => stop.abort(), OPENING_MS);
		try {
			const link = await linkTo(api, file, context);
			const range = { start: 0, end: file.size };
			const first = await api.openSignedUrl(link, range, context);
			const etag = strongTag(first);
			if (etag !== undefined && isRange(first, range, file.size))
				return new Lanes(api, file, settings, context, stop, link, first, etag);
			first.discard();
		} catch (error) {
			if (caller.signal?.aborted) throw error;
		} finally {
			clearTimeout(timer);
		}
		settings.shared.rest();
		return undefined;
	}

	/** Closes every connection. */
	discard(): void {
		this.stop.abort();
	}

	/**
	 * The file's bytes, once. Leaving the loop early closes every connection.
	 *
	 * @throws LanesEnded, ConnectionError, StalledError, CancelledError, IntegrityError
	 */
	async *bytes(): AsyncGenerator<Buffer, void, undefined> {
		const { connections, shared } = this.settings;
		const { size } = this.file;
		const ahead: ReadAhead<Buffer>[] = [];
		const alone = { start: 0, end: size };
		/** Where the range begins that nobody has asked for yet. */
		let next = size;
		const nextRange = () => this.range({ start: next, end: (next = Math.min(next + RANGE_BYTES, size)) });
		const readAhead = () => {
			while (next < size && ahead.length < connections - 1 && shared.take())
				ahead.push(new ReadAhead(nextRange()));
		};
		const pace = new Pace(SLOW_BYTES, SLOW_MS);
		const look = setInterval(() => {
			const end = (Math.floor(alone.start / RANGE_BYTES) + 1) * RANGE_BYTES;
			if (!pace.isSlow || !shared.areFree || end >= size) return;
			clearInterval(look);
			alone.end = next = end;
			readAhead();
		}, LOOK_EVERY_MS);
		let head = pace.of(this.range(alone, this.first));
		let headIsExtra = false;
		try {
			for (;;) {
				yield* head;
				if (headIsExtra) shared.giveBack();
				const following = ahead.shift();
				headIsExtra = following !== undefined;
				if (following) head = following.bytes();
				else if (next < size) head = nextRange();
				else return;
				readAhead();
			}
		} finally {
			clearInterval(look);
			this.discard();
			for (let held = ahead.length + (headIsExtra ? 1 : 0); held > 0; held -= 1) shared.giveBack();
		}
	}

	/**
	 * One range, on as many connections one after the other as it takes, up to the tries of a call.
	 *
	 * @param range its start moves with what was given out; its end may come nearer meanwhile
	 */
	private async *range(range: ByteRange, opened?: HttpAnswer): AsyncGenerator<Buffer, void, undefined> {
		const { action, maxTries } = this.context;
		let answer = opened;
		let link: string | undefined;
		let { end } = range;
		let startAtFailure = range.start;
		for (let failures = 0; ;) {
			try {
				if (link !== undefined) await this.renew(link);
				({ link } = this);
				if (answer === undefined) {
					({ end } = range);
					answer = await this.ask({ ...range });
				}
				for await (const chunk of answer.bytes()) {
					if (range.start + chunk.length > end) throw tooManyBytes(action, this.file.size);
					const wanted = chunk.subarray(0, range.end - range.start);
					range.start += wanted.length;
					yield wanted;
					// Left like this its connection is closed; what ends by itself can be used again.
					if (range.start === range.end && range.end < end) return;
				}
				if (range.start < range.end) throw endedEarly(action, range.start, this.file.size);
				return;
			} catch (error) {
				failures = range.start - startAtFailure >= GOOD_BYTES ? 1 : failures + 1;
				startAtFailure = range.start;
				answer = undefined;
				const isFinal = outcomeOf(error) === 'final';
				// A link may have expired, or its storage may have lost the key to it: another one is worth a try.
				if (isFinal && error instanceof ServiceError && failures === 1) continue;
				if (isFinal || failures >= maxTries) throw isOfStorage(error) ? new LanesEnded(false) : error;
				await backOff(error, failures, this.context);
			}
		}
	}

	/** @throws LanesEnded when the answer is not this range of this version, ServiceError when it is an error */
	private async ask(range: ByteRange): Promise<HttpAnswer> {
		const { context, etag, file } = this;
		const answer = await this.api.openSignedUrl(this.link, { ...range, etag }, context);
		const tag = strongTag(answer);
		if (tag === etag && isRange(answer, range, file.size)) return answer;
		answer.discard();
		if (answer.status >= 400 && answer.status !== 416) throw serviceError(answer, '', context.action);
		const total = answer.status === 200 ? answer.length : contentRangeOf(answer)?.total;
		const isOtherVersion =
			answer.status === 416 ||
			(tag !== undefined && tag !== etag) ||
			(total !== undefined && total !== file.size);
		throw new LanesEnded(isOtherVersion);
	}

	/** Gets another link, once for all ranges that failed with the old one. */
	private async renew(old: string): Promise<void> {
		if (this.link !== old) return;
		this.renewal ??= linkTo(this.api, this.file, this.context)
			.then((link) => void (this.link = link))
			.finally(() => (this.renewal = undefined));
		await this.renewal;
	}
}

/** The storage says no, or cannot be reached. The service may have the file all the same. */
const isOfStorage = (error: unknown) => error instanceof ServiceError || error instanceof ConnectionError;

/** Once: whoever asks has tries of its own. */
const linkTo = (api: BddFileApi, { id }: LaneFile, context: CallContext) =>
	api.getFileDownloadUrl(id, LINK_SECONDS, { ...context, maxTries: 1 });

/** Whether an answer is exactly these bytes of a file of this size. */
function isRange(answer: HttpAnswer, { start, end }: ByteRange, size: number): boolean {
	if (answer.status !== 206 || isEncoded(answer)) return false;
	const range = contentRangeOf(answer);
	return range?.first === start && range.last === end - 1 && range.total === size;
}
