/**
 * The service's shapes on the wire, as its JSON carries them. Source of every fact: the published Python client
 * (`bdd-file-client` on PyPI) and the service's multipart router.
 */

/**
 * An id as JSON gives it without loss: a number while it is a safe integer, otherwise its decimal digits.
 * Ids exceed 2^53 in practice, so arithmetic on them is forbidden; compare them with `compareIds`.
 */
export type WireId = number | string;

export const BIZ = ['chat', 'knowledgeBase', 'zero2x'] as const;
/** The business a file belongs to. For `chat`, `biz_params` is `{"chat_id": "<string>"}`. */
export type Biz = (typeof BIZ)[number];

/** `ok` is complete; `uploading` and `merging` are on their way; `error` is a failed or aborted upload. */
export const FILE_STATUSES = ['ok', 'uploading', 'merging', 'error'] as const;
export type FileStatus = (typeof FILE_STATUSES)[number];

export interface FileInfo {
	id: WireId;
	filename: string;
	/** Bytes. */
	size: number;
	/** What the uploader sent, or `""`: 32 hex digits are an MD5, 64 a SHA-256, anything else proves nothing. */
	hashcode: string;
	/** ISO 8601. */
	upload_at: string;
	/** A string of digits, often beyond 2^53. */
	user_id: string;
	status: FileStatus;
	biz: Biz;
	biz_params: unknown;
}

export interface DirectoryInfo {
	id: WireId;
	/** ISO 8601. */
	created_at: string;
	name: string;
}

export const DIRECTORY_SORTS = ['name_asc', 'name_desc', 'created_at_asc', 'created_at_desc'] as const;
export type DirectorySort = (typeof DIRECTORY_SORTS)[number];

export const FILE_SORTS = ['name_asc', 'name_desc', 'upload_at_asc', 'upload_at_desc'] as const;
export type FileSort = (typeof FILE_SORTS)[number];

/** GET /getMultipartUploadFileStatus. Both lists are null unless `status` is `uploading`. */
export interface MultipartStatus {
	status: FileStatus;
	/** Bytes; 0 when the service does not say. */
	part_size: number;
	uploaded_parts: number[] | null;
	remaining_parts: number[] | null;
}
