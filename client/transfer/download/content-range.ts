import type { HttpAnswer } from '../../api/http-answer';

/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
	start: number;
	end: number;
}

/** What a 206 says of itself. */
export interface ContentRange {
	/** Of its first byte, counted from 0. */
	first: number;
	/** Of its last byte. */
	last: number;
	/** Bytes of the whole file; undefined when the storage leaves that open. */
	total: number | undefined;
}

/** The `Content-Range` of an answer (RFC 9110, 14.4); undefined when it has none that can be read. */
export function contentRangeOf(answer: HttpAnswer): ContentRange | undefined {
	const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.header('content-range') ?? '');
	if (!match) return undefined;
	const [, first, last, total] = match;
	return { first: Number(first), last: Number(last), total: total === '*' ? undefined : Number(total) };
}

/** A weak validator does not vouch for bytes, so it cannot guard a range (RFC 9110, 13.1.5). */
export function strongTag(answer: HttpAnswer): string | undefined {
	const etag = answer.header('etag');
	return etag?.startsWith('"') ? etag : undefined;
}
