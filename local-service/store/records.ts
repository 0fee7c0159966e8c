import type { Biz, FileStatus } from '../../client/api/wire';

/** One file as it is kept in the journal and in memory. Ids are decimal digits: they exceed 2^53. */
export interface FileRecord {
	readonly id: string;
	/** Data from the uploader, never part of a path. */
	readonly filename: string;
	/** Bytes declared or received. */
	readonly size: number;
	readonly hashcode: string;
	/** ISO 8601 */
	readonly uploadAt: string;
	readonly userId: string;
	status: FileStatus;
	readonly biz: Biz;
	/** JSON text, handed back as it came in. */
	readonly bizParams: string;
	/** The chat that lists the file, or null for another biz. */
	readonly chatId: string | null;
	readonly directoryId: string;
	/** Bytes per stored part of a multipart upload; null for a file that is stored in one piece. */
	readonly partSize: number | null;
}

export interface DirectoryRecord {
	readonly id: string;
	/** ISO 8601 */
	readonly createdAt: string;
	readonly name: string;
}

/** One mutation: a line of the journal. */
export type Entry =
	/** The next ids to give: ids of deleted files are never given again. */
	| { op: 'counters'; nextFile: string; nextDirectory: string }
	| { op: 'directory'; directory: DirectoryRecord }
	| { op: 'file'; file: FileRecord }
	| { op: 'parts'; id: string; parts: number[] }
	| { op: 'status'; id: string; status: FileStatus }
	| { op: 'delete'; id: string };

/** How many parts a multipart file has; a file of 0 bytes has none. */
export const partCount = (size: number, partSize: number): number => Math.ceil(size / partSize);

/** Bytes of part `part` (from 1): `partSize`, and what is left for the last. */
export const partLength = (size: number, partSize: number, part: number): number =>
	Math.min(partSize, size - (part - 1) * partSize);
