import type { IDataObject } from 'n8n-workflow';

import { uploadTime, type DownloadOptions } from '../../client';

type Expected = NonNullable<DownloadOptions['expected']>;

/** What an item says of the file. */
export interface KnownFile {
	/** Empty when the item does not say. */
	fileName: string;
	/** What a download is checked against: the service's own record of a complete file, or what an upload sent. */
	expected?: Expected;
	/** When it was uploaded, where the item is the service's own record of a complete file. */
	uploadedAt?: Date | undefined;
}

/**
 * What an item's JSON knows of a file: lists give the service's records (`id`, `filename`), the other operations
 * `fileId` and `fileName`, uploads also the size and the MD5. An item about another file says nothing.
 */
export function knownFile(json: IDataObject, fileId: string): KnownFile {
	if (isFileRecord(json) && isId(json.id, fileId)) {
		const { filename, size, hashcode, status, upload_at: uploadAt } = json;
		if (status !== 'ok') return { fileName: filename };
		const uploadedAt = typeof uploadAt === 'string' ? uploadTime(uploadAt) : undefined;
		return { fileName: filename, expected: { filename, size, hashcode }, uploadedAt };
	}
	if (!isId(json.fileId, fileId) || typeof json.fileName !== 'string') return { fileName: '' };
	const { fileName, size, md5 } = json;
	return typeof size === 'number' && typeof md5 === 'string'
		? { fileName, expected: { filename: fileName, size, hashcode: md5 } }
		: { fileName };
}

const isId = (value: unknown, fileId: string) =>
	(typeof value === 'number' || typeof value === 'string') && String(value) === fileId;

function isFileRecord(json: IDataObject): json is IDataObject & Required<Expected> {
	return (
		typeof json.filename === 'string' && typeof json.size === 'number' && typeof json.hashcode === 'string'
	);
}
