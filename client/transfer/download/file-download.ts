import type { BddFileApi, CallContext } from '../../api/api';
import type { HttpAnswer } from '../../api/http-answer';
import type { FileId } from '../../api/ids';
import { joinedSignal } from '../../api/joined-signal';
import { backOff, outcomeOf, withRetries } from '../../api/retry';
import { SMALL_BYTES } from '../bytes';
import { hashOf, knownChecksum, streamHash, type Checksum } from '../hash';
import type { Progress } from '../progress';
import { contentRangeOf, strongTag } from './content-range';
import { fileNameOf } from './disposition';
import { Lanes, LANES_ABOVE, LanesEnded, type LaneSettings } from './lanes';
import { GOOD_BYTES, isEncoded, LINK_SECONDS, mayBePage, openDirect, type ExpectedFile } from './open';
import {
	changedMeanwhile,
	endedEarly,
	perhapsPage,
	tooManyBytes,
	wrongContent,
	wrongLength,
} from './problems';

/** How a caller wants a file. */
export interface DownloadSettings {
	/** Whether its content is checked against the hash that is expected. */
	verify: boolean;
	lanes: LaneSettings;
}

/**
 * One file coming down. Opened, it knows the file's name and length; its bytes go on where a connection broke, and
 * they end without an error only when length and hash are right. A large one comes over several connections where its
 * storage allows it.
 */
export class FileDownload {
	private isDiscarded = false;
	/** Fires when nobody wants the bytes any more; made with the first request after the first one. */
	private stop: AbortController | undefined;
	private further: CallContext | undefined;
	/** Of the version that the service itself gives; its storage may have other tags. */
	private directTag: string | undefined;
	/** Of the first answer. */
	private readonly disposition: string | undefined;

	private constructor(
		private readonly api: BddFileApi,
		private readonly fileId: FileId,
		private readonly expected: ExpectedFile,
		private readonly settings: DownloadSettings,
		private readonly context: CallContext,
		private answer: HttpAnswer,
		/** Bytes, when the service or the list tells. */
		readonly size: number | undefined,
	) {
		this.directTag = strongTag(answer);
		this.disposition = answer.header('content-disposition');
	}

	/**
	 * Asks for a file and waits until its bytes begin to arrive.
	 *
	 * @throws ServiceError, ConnectionError, StalledError, CancelledError, IntegrityError when the length is not the listed one
	 */
	static async open(
		api: BddFileApi,
		fileId: FileId,
		expected: ExpectedFile,
		settings: DownloadSettings,
		context: CallContext,
	): Promise<FileDownload> {
		const answer = await withRetries(context, () => openDirect(api, fileId, expected, context));
		const size = answer.length ?? expected.size;
		if (expected.size !== undefined && size !== expected.size) {
			answer.discard();
			throw wrongLength(context.action, size ?? 0, expected.size);
		}
		return new FileDownload(api, fileId, expected, settings, context, answer, size);
	}

	/** As the service tells it with the content, else from the list. */
	get fileName(): string | undefined {
		return fileNameOf(this.disposition) ?? this.expected.filename;
	}

	/** Closes the connections of a download that nobody will read, and asks for nothing more. */
	discard(): void {
		this.isDiscarded = true;
		this.stop?.abort();
		this.answer.discard();
	}

	/** The context of every request but the first. */
	private get furtherContext(): CallContext {
		if (this.further) return this.further;
		this.stop = new AbortController();
		if (this.isDiscarded) this.stop.abort();
		return (this.further = {
			...this.context,
			signal: joinedSignal(this.context.signal, this.stop.signal),
		});
	}

	/**
	 * The file's bytes, once. Leaving the loop early closes every connection.
	 *
	 * @throws IntegrityError when length or hash are wrong; what was given out until then must not be used
	 */
	async *bytes(progress?: Progress): AsyncGenerator<Buffer, void, undefined> {
		const known = this.checksum;
		const hash = known && streamHash(known.algorithm, this.size);
		try {
			for await (const chunk of this.arriving(progress)) {
				await hash?.update(chunk);
				yield chunk;
			}
			if (hash && (await hash.digest()) !== known.hex) throw wrongContent(this.context.action);
		} finally {
			hash?.discard();
		}
	}

	/** The bytes as they come, as many as there should be. */
	private async *arriving(progress?: Progress): AsyncGenerator<Buffer, void, undefined> {
		let delivered = 0;
		let deliveredAtFailure = 0;
		let failures = 0;
		/** Bytes of the current answer that were given out before. */
		let skip = 0;
		let etag: string | undefined;
		let source: HttpAnswer | Lanes = (await this.openLanes()) ?? this.answer;
		for (;;) {
			try {
				for await (const chunk of source.bytes()) {
					const fresh = skip > 0 ? chunk.subarray(skip) : chunk;
					skip -= chunk.length - fresh.length;
					if (fresh.length === 0) continue;
					delivered += fresh.length;
					if (this.size !== undefined && delivered > this.size) {
						throw tooManyBytes(this.context.action, this.size);
					}
					progress?.add(fresh.length);
					yield fresh;
				}
				const { size = 0 } = this;
				if (delivered < size) throw endedEarly(this.context.action, delivered, size);
				break;
			} catch (error) {
				if (this.isDiscarded) throw error;
				if (source instanceof Lanes) {
					// Whatever else ends them has used the tries of its range.
					if (!(error instanceof LanesEnded)) throw error;
					if (error.isOtherVersion) this.assertProvable(delivered);
					etag = source.etag;
				} else {
					failures = delivered - deliveredAtFailure >= GOOD_BYTES ? 1 : failures + 1;
					if (outcomeOf(error) === 'final' || failures >= this.context.maxTries) throw error;
					if (delivered > 0 && !this.checksum && mayBePage(source)) throw perhapsPage(this.context.action);
					await backOff(error, failures, this.furtherContext);
				}
				deliveredAtFailure = delivered;
				({ answer: this.answer, skip, etag } = await this.reopen(delivered, etag));
				source = this.answer;
			}
		}
	}

	/** All of a small file at once, under the same guarantees; cheaper than `bytes`. */
	async whole(progress?: Progress): Promise<Buffer> {
		const { action, maxTries } = this.context;
		const limit = this.size ?? SMALL_BYTES;
		for (let failures = 0; ;) {
			try {
				const body = await this.answer.buffer(limit, () => tooManyBytes(action, limit));
				if (this.size !== undefined && body.length < this.size)
					throw endedEarly(action, body.length, this.size);
				const known = this.checksum;
				if (known && hashOf(known.algorithm, body) !== known.hex) throw wrongContent(action);
				progress?.add(body.length);
				return body;
			} catch (error) {
				failures += 1;
				if (this.isDiscarded || outcomeOf(error) === 'final' || failures >= maxTries) throw error;
				await backOff(error, failures, this.furtherContext);
				({ answer: this.answer } = await this.reopen(0, undefined));
			}
		}
	}

	/** What the content must have; undefined where nobody knows or wants to know. */
	private get checksum(): Checksum | undefined {
		return this.settings.verify ? knownChecksum(this.expected.hashcode ?? '') : undefined;
	}

	/** Of a large file, in place of the plain answer, which waits unread until it is known whether there are any. */
	private async openLanes(): Promise<Lanes | undefined> {
		const { lanes } = this.settings;
		if (this.size === undefined || this.size <= LANES_ABOVE || lanes.connections === 1) return undefined;
		if (!lanes.shared.areWorthATry()) return undefined;
		const file = { id: this.fileId, size: this.size };
		const opened = await Lanes.open(this.api, file, lanes, this.furtherContext);
		if (opened) this.answer.discard();
		return opened;
	}

	/**
	 * Called when the storage or the service turns out to have another version than the one whose first bytes were given out.
	 *
	 * @param answer to be dropped then
	 * @throws IntegrityError unless a hash will tell whether what follows belongs to them
	 */
	private assertProvable(delivered: number, answer?: HttpAnswer): void {
		if (delivered === 0 || this.checksum) return;
		answer?.discard();
		throw changedMeanwhile(this.context.action);
	}

	/**
	 * Goes on at byte `start`: by a range of the signed link where the storage serves it, else from the beginning, so that
	 * the caller discards `skip` bytes.
	 *
	 * @param etag of the version at the storage that was given out so far, once it is known
	 */
	private async reopen(
		start: number,
		etag: string | undefined,
	): Promise<{ answer: HttpAnswer; skip: number; etag: string | undefined }> {
		if (start > 0) {
			const continued = await this.continueAt(start, etag);
			if (continued) return continued;
		}
		const context = this.furtherContext;
		const answer = await withRetries(context, () =>
			openDirect(this.api, this.fileId, this.expected, context),
		);
		if (this.size !== undefined && answer.length !== undefined && answer.length !== this.size) {
			answer.discard();
			throw wrongLength(this.context.action, answer.length, this.size);
		}
		const tag = strongTag(answer);
		if (start === 0) {
			this.directTag = tag;
			return { answer, skip: 0, etag: undefined };
		}
		if (isOther(tag, this.directTag)) this.assertProvable(start, answer);
		return { answer, skip: start, etag };
	}

	/** The signed link from byte `start` on; undefined where that does not work. */
	private async continueAt(start: number, etag: string | undefined) {
		let answer: HttpAnswer;
		try {
			const url = await this.api.getFileDownloadUrl(this.fileId, LINK_SECONDS, this.furtherContext);
			answer = await this.api.openSignedUrl(url, { start, etag }, this.furtherContext);
		} catch {
			return undefined;
		}
		if (!isEncoded(answer)) {
			const tag = strongTag(answer);
			if (answer.status === 206 && this.continues(answer, start) && (etag ?? tag) === tag) {
				return { answer, skip: 0, etag: tag };
			}
			const isOk = answer.status === 200 && (this.size === undefined || answer.length === this.size);
			if (isOk && !isOther(tag, etag)) return { answer, skip: start, etag: etag ?? tag };
		}
		answer.discard();
		if (answer.status < 300 && isOther(strongTag(answer), etag)) this.assertProvable(start);
		return undefined;
	}

	/** Whether a range begins at byte `start` of a file of our length. Without a length it must reach to the end. */
	private continues(answer: HttpAnswer, start: number): boolean {
		const range = contentRangeOf(answer);
		if (range?.first !== start) return false;
		if (this.size === undefined) return range.last + 1 === range.total;
		return range.total === undefined || range.total === this.size;
	}
}

/** Whether two tags are known, and are those of two versions. */
const isOther = (tag: string | undefined, known: string | undefined): boolean =>
	tag !== undefined && known !== undefined && tag !== known;
