/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
	start: number;
	end: number;
}

/**
 * What a `Range` header asks of a file (RFC 9110): one range; `null` for the whole file, when there is no header or it
 * is none that this service serves (several ranges, another unit, nonsense); `unsatisfiable` when nothing is there.
 */
export const parseRange = (header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null => {
	const match = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '');
	const [, first = '', last = ''] = match ?? [];
	if (first === '' && last === '') return null;
	if (first === '') {
		const length = Math.min(Number(last), size);
		return length === 0 ? 'unsatisfiable' : { start: size - length, end: size };
	}
	if (last !== '' && Number(last) < Number(first)) return null;
	if (Number(first) >= size) return 'unsatisfiable';
	return { start: Number(first), end: last === '' ? size : Math.min(Number(last) + 1, size) };
};

/** Whether the validator of an `If-Range` header still stands; only then a range may be served. */
export const ifRangeHolds = (
	header: string | undefined,
	etag: string,
	lastModified: string | null,
): boolean => header === undefined || header === etag || (lastModified !== null && header === lastModified);
