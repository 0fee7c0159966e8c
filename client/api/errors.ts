/**
 * One class per kind of failure. A message is one sentence that begins with what was being done and to which file; the
 * `description` says what to do about it. Neither ever holds a token, a header or a signed URL.
 */
import type { WireId } from './wire';

interface Details {
	/** What the user can do about it. */
	description: string;
	cause?: unknown;
}

export abstract class BddFileError extends Error {
	abstract override readonly name: string;
	/** What the user can do about it. */
	readonly description: string;

	constructor(message: string, { description, cause }: Details) {
		super(message, cause === undefined ? undefined : { cause });
		this.description = description;
	}

	/** What happened and what to do about it, for whoever reads one text only. */
	get sentence(): string {
		const message = this.message.trim();
		const end = /[.!?。！？]$/.test(message) ? '' : '.';
		return this.description === '' ? message : `${message}${end} ${this.description}`;
	}
}

/** A parameter is missing or makes no sense, or an address is refused. What it is about was not sent. */
export class InvalidInputError extends BddFileError {
	override readonly name = 'InvalidInputError';
}

/** The service answered and said no, or what it answered cannot be understood. */
export class ServiceError extends BddFileError {
	override readonly name = 'ServiceError';
	/** HTTP status. */
	readonly status: number;
	/** The envelope's `code`, when there was an envelope. */
	readonly code: number | undefined;
	/** The service's own words. */
	readonly serviceMessage: string;
	/** Milliseconds the service asked to wait (`Retry-After`), when it did. */
	readonly retryAfterMs: number | undefined;

	constructor(
		message: string,
		details: Details & {
			status: number;
			code?: number | undefined;
			serviceMessage: string;
			retryAfterMs?: number | undefined;
		},
	) {
		super(message, details);
		this.status = details.status;
		this.code = details.code;
		this.serviceMessage = details.serviceMessage;
		this.retryAfterMs = details.retryAfterMs;
	}
}

/** The connection could not be made, or broke before the whole answer had arrived. */
export class ConnectionError extends BddFileError {
	override readonly name = 'ConnectionError';
	/** False when it is certain that the service never saw the request (refused, unknown host). */
	readonly mayHaveArrived: boolean;

	constructor(message: string, details: Details & { mayHaveArrived: boolean }) {
		super(message, details);
		this.mayHaveArrived = details.mayHaveArrived;
	}
}

/** No byte moved in either direction for the whole timeout. The service may or may not have done the work. */
export class StalledError extends BddFileError {
	override readonly name = 'StalledError';
}

/** The caller's AbortSignal fired. */
export class CancelledError extends BddFileError {
	override readonly name = 'CancelledError';
}

/** Bytes arrived, but not the right ones: wrong length, wrong hash, or a source that changed while it was read. */
export class IntegrityError extends BddFileError {
	override readonly name = 'IntegrityError';
}

/** The answer was lost and whether the work was done cannot be found out. Repeating it could double a file. */
export class UnknownOutcomeError extends BddFileError {
	override readonly name = 'UnknownOutcomeError';
}

/** The local disk refused: missing, not allowed, full, not a regular file. */
export class LocalFileError extends BddFileError {
	override readonly name = 'LocalFileError';
}

/** Files of a sync failed, and whoever asked for it wants an error because of it. Everything else has been done. */
export class FilesFailedError extends BddFileError {
	override readonly name = 'FilesFailedError';
}

/** A sync would delete more than it is allowed to. Nothing was done. */
export class TooManyDeletionsError extends BddFileError {
	override readonly name = 'TooManyDeletionsError';
	/** Files that would be deleted on one side. */
	readonly deletions: number;
	/** Files that the sync remembers. */
	readonly remembered: number;

	constructor(message: string, details: Details & { deletions: number; remembered: number }) {
		super(message, details);
		this.deletions = details.deletions;
		this.remembered = details.remembered;
	}
}

/** The file arrived, and an older one that it was to replace is still there. */
export class NotReplacedError extends BddFileError {
	override readonly name = 'NotReplacedError';
	/** The file that arrived. */
	readonly fileId: WireId;

	constructor(message: string, details: Details & { fileId: WireId }) {
		super(message, details);
		this.fileId = details.fileId;
	}
}

export function isBddFileError(error: unknown): error is BddFileError {
	return error instanceof BddFileError;
}

/** The sentence that says what went wrong. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** The same, and what to do about it where the error knows it. */
export function errorSentence(error: unknown): string {
	return isBddFileError(error) ? error.sentence : messageOf(error);
}
