import type { BddFileApi, CallContext } from '../../api/api';
import {
	BddFileError,
	CancelledError,
	IntegrityError,
	ServiceError,
	UnknownOutcomeError,
} from '../../api/errors';
import type { FileId } from '../../api/ids';
import { joinedSignal } from '../../api/joined-signal';
import { cancelled } from '../../api/retry';
import { MIB } from '../bytes';
import type { Progress } from '../progress';
import type { UploadSource } from '../source';
import { complete, isFailedFile, isGone } from './completion';
import { partForm } from './form';
import { planParts, type Part } from './part-plan';
import { Place } from './place';
import { readParts } from './read-parts';
import { beginSession, findSession, type PartedFile, type Session } from './session';
import type { UploadSettings } from './settings';

/** How often the service is asked which parts are missing before it is said not to keep them. */
const MAX_ROUNDS = 3;
/** Bytes of parts in memory, whatever the number of parts in flight; one part is always allowed. */
const MAX_BUFFERED_BYTES = 256 * MIB;

/**
 * One file going up in parts, several at once, each retried alone. What an earlier run left unfinished in the same place
 * is continued: the place's list shows it, the service says which parts it has. No local state is needed.
 */
export class MultipartUpload {
	private readonly place: Place;

	/** @param partSize bytes, for an upload that is begun anew */
	constructor(
		private readonly api: BddFileApi,
		private readonly source: UploadSource,
		private readonly file: PartedFile,
		private readonly partSize: number,
		private readonly settings: UploadSettings,
		private readonly progress: Progress,
		private readonly context: CallContext,
	) {
		this.place = new Place(api, file, context);
	}

	/** @returns the id of the complete file */
	async run(): Promise<FileId> {
		let session =
			(await findSession(this.api, this.place, this.file, this.settings, this.context)) ??
			(await this.begin());
		for (;;) {
			try {
				await this.sendParts(session);
				await this.source.assertUnchanged?.();
				await complete(this.api, this.place, { ...this.file, id: session.id }, this.context);
				return session.id;
			} catch (error) {
				if (!session.resumed || !isGone(error)) throw await this.closeFailed(session, error);
				// Somebody aborted what was about to be continued.
				session = await this.begin();
			}
		}
	}

	private begin(): Promise<Session> {
		return beginSession(this.api, this.place, this.file, this.partSize, this.settings.claimed, this.context);
	}

	/** Sends the missing parts until the service confirms that it has every one. */
	private async sendParts(session: Session): Promise<void> {
		const { action } = this.context;
		const all = planParts(this.source.size, session.partSize);
		for (let round = 1; ; round += 1) {
			const parts = all.filter(({ number }) => session.missing.has(number));
			this.progress.setTo(parts.reduce((bytes, { start, end }) => bytes - (end - start), this.source.size));
			await this.sendAtOnce(session, parts);
			// A resumed session that misses nothing has just been asked.
			if (parts.length === 0 && round === 1) return;
			const { remaining_parts: remaining } = await this.api.getMultipartStatus(session.id, this.context);
			session.missing = new Set(remaining ?? []);
			if (session.missing.size === 0) return;
			if (round === MAX_ROUNDS) {
				throw new ServiceError(
					`${action} failed: the service does not keep part ${[...session.missing].slice(0, 10).join()}`,
					{
						status: 200,
						serviceMessage: 'some parts not uploaded',
						description: 'The service confirmed parts that it does not have. Tell whoever runs it.',
					},
				);
			}
		}
	}

	/** Sends parts, several at once; as many are in memory. The first failure stops the others. */
	private async sendAtOnce(session: Session, parts: readonly Part[]): Promise<void> {
		if (parts.length === 0) return;
		const { context, source } = this;
		const others = new AbortController();
		const signal = joinedSignal(context.signal, others.signal);
		const length = Math.min(session.partSize, source.size);
		const concurrency = Math.max(
			1,
			Math.min(this.settings.concurrency, Math.floor(MAX_BUFFERED_BYTES / length)),
		);
		// Buffers are used again: as many as there are parts in flight, and one that is being filled.
		const free: Buffer[] = [];
		const allocate = () => free.pop() ?? Buffer.allocUnsafeSlow(length);
		const reading = readParts(source, parts, { ...context, signal }, allocate);
		const lane = async () => {
			for (let next = await reading.next(); !next.done; next = await reading.next()) {
				const { part, bytes } = next.value;
				await this.api.uploadFilePart(() => partForm(session.id, part.number, bytes), {
					...context,
					action: `${context.action}: part ${part.number}`,
					signal,
				});
				session.missing.delete(part.number);
				this.progress.add(bytes.length);
				free.push(Buffer.from(bytes.buffer));
			}
		};
		try {
			await Promise.all(Array.from({ length: Math.min(concurrency, parts.length) }, lane));
		} catch (first) {
			// The others' "cancelled" comes after it. Their sockets are closed at once.
			others.abort();
			throw context.signal?.aborted ? cancelled(context.action, context.signal.reason) : first;
		} finally {
			// Nobody may ask for a further part, and the file is open until the reading ends. A source that hangs is not waited for.
			reading.return().catch(() => undefined);
		}
	}

	/**
	 * After a failure: what can be continued later is kept and named in the error; the rest is aborted, so that no half
	 * file stays behind. A cancelled upload sends nothing more.
	 */
	private async closeFailed(session: Session, error: unknown): Promise<unknown> {
		if (!(error instanceof BddFileError) || error instanceof UnknownOutcomeError || isFailedFile(error))
			return error;
		const { context, settings } = this;
		const total = planParts(this.file.size, session.partSize).length;
		const kept = `${total - session.missing.size} of ${total} parts are kept as file ${session.id}`;
		const isFound = settings.resume && this.place.isListable;
		const again = `. ${kept}: uploading the same file again continues there`;
		if (error instanceof CancelledError) {
			const byId = `. ${kept}: to continue there, upload it again with ${session.id} as the file to resume`;
			return cancelled(context.action, error.cause, isFound ? again : byId);
		}
		if (isFound && !(error instanceof IntegrityError)) {
			error.message += again;
			return error;
		}
		try {
			await this.api.abortMultipartUpload(session.id, context);
			error.message += `. The unfinished upload (file ${session.id}) was aborted`;
		} catch {
			error.message += `. The unfinished upload (file ${session.id}) could not be aborted either`;
		}
		return error;
	}
}
