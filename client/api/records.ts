import { MAX_PARTS } from '../arguments';
import { parseId, toWireId } from './ids';
import { isRecord } from './json';
import { quoted } from './text';
import { FILE_STATUSES, type DirectoryInfo, type FileInfo, type MultipartStatus, type WireId } from './wire';

/** A record of a list that is none. It costs only itself. */
export class UnreadableRecord {
	/** What is wrong with it: a sentence. */
	readonly reason: string;

	constructor(
		what: string,
		/** As far as it says. */
		readonly fileId?: WireId,
		readonly fileName?: string,
	) {
		this.reason = `The service's record of this file cannot be read: ${what}`;
	}
}

/** One page of a list, in the service's order. */
export interface Page<T> {
	/** Of all pages. */
	total: number;
	records: (T | UnreadableRecord)[];
}

/** Whether a record of a page could be read. */
export const isReadable = <T>(record: T | UnreadableRecord): record is T =>
	!(record instanceof UnreadableRecord);

/** A page of a list of files. A record that cannot be read keeps its place. */
export type FilePage = Page<FileInfo>;

type Parse<T> = (record: unknown) => T | UnreadableRecord;

/** Names longer than this come from no file system; a chat of them would fill the memory. UTF-16 units. */
const MAX_NAME_LENGTH = 10_000;
const MAX_SHOWN_LENGTH = 100;

/**
 * Reads one page of a list, `{"total", "items"}`.
 *
 * @returns undefined when it is none: `total` is no whole number, `items` no array
 */
export function parsePage<T>(data: unknown, parse: Parse<T>): Page<T> | undefined {
	if (!isRecord(data)) return undefined;
	const { total, items } = data;
	if (!Number.isInteger(total) || (total as number) < 0 || !Array.isArray(items)) return undefined;
	return { total: total as number, records: (items as unknown[]).map(parse) };
}

/**
 * A file's record. Needed are an id, a name and a size; what else is not as it should be becomes what says the least: no
 * hash, no time, no user, a file that is not complete. A record in order is passed on as it is.
 */
export function parseFile(record: unknown): FileInfo | UnreadableRecord {
	if (!isRecord(record)) return new UnreadableRecord('it is no object');
	const id = idOf(record.id);
	const { filename, size } = record;
	const isName = typeof filename === 'string' && filename.length <= MAX_NAME_LENGTH;
	const name = typeof filename === 'string' ? filename.slice(0, MAX_NAME_LENGTH) : undefined;
	if (id === undefined)
		return new UnreadableRecord(`it has no usable id (${shown(record.id)})`, undefined, name);
	if (!isName) return new UnreadableRecord(`file ${id} has no usable name (${shown(filename)})`, id);
	if (!isCount(size)) return new UnreadableRecord(`file ${id} has no usable size (${shown(size)})`, id, name);
	const { hashcode, upload_at: uploadAt, user_id: userId, status } = record;
	const inOrder =
		id === record.id &&
		typeof hashcode === 'string' &&
		typeof uploadAt === 'string' &&
		typeof userId === 'string' &&
		isStatus(status);
	if (inOrder) return record as unknown as FileInfo;
	return {
		...(record as unknown as FileInfo),
		id,
		hashcode: typeof hashcode === 'string' ? hashcode : '',
		upload_at: typeof uploadAt === 'string' ? uploadAt : '',
		user_id: typeof userId === 'string' ? userId : (idOf(userId)?.toString() ?? ''),
		// A newer service may know more; whatever it is called, it is not `ok`.
		status: (typeof status === 'string' ? status : 'error') as FileInfo['status'],
	};
}

/** The state of a multipart upload. @returns undefined when it is none */
export function parseMultipartStatus(data: unknown): MultipartStatus | undefined {
	if (!isRecord(data) || typeof data.status !== 'string') return undefined;
	return {
		status: data.status as MultipartStatus['status'],
		part_size: isCount(data.part_size) ? data.part_size : 0,
		uploaded_parts: partNumbers(data.uploaded_parts),
		remaining_parts: partNumbers(data.remaining_parts),
	};
}

/** Null for anything but a list of part numbers. */
function partNumbers(value: unknown): number[] | null {
	if (!Array.isArray(value) || value.length > MAX_PARTS) return null;
	return value.every((number) => isCount(number)) ? value : null;
}

/** A directory's record. Needed are an id and a name. */
export function parseDirectory(record: unknown): DirectoryInfo | UnreadableRecord {
	if (!isRecord(record)) return new UnreadableRecord('it is no object');
	const id = idOf(record.id);
	const { name, created_at: createdAt } = record;
	if (id === undefined) return new UnreadableRecord(`it has no usable id (${shown(record.id)})`);
	if (typeof name !== 'string' || name.length > MAX_NAME_LENGTH)
		return new UnreadableRecord(`directory ${id} has no usable name (${shown(name)})`, id);
	if (id === record.id && typeof createdAt === 'string') return record as unknown as DirectoryInfo;
	return {
		...(record as unknown as DirectoryInfo),
		id,
		created_at: typeof createdAt === 'string' ? createdAt : '',
	};
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isStatus = (value: unknown) => FILE_STATUSES.some((status) => status === value);

function idOf(value: unknown): WireId | undefined {
	try {
		return toWireId(parseId(value, 'id'));
	} catch {
		return undefined;
	}
}

function shown(value: unknown): string {
	if (value === undefined) return 'missing';
	if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
	const text = quoted(JSON.stringify(value));
	return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}
