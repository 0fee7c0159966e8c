import { Buffer } from 'node:buffer';

import type { BinaryHelperFunctions, IBinaryData } from 'n8n-workflow';

import { mimeTypeOf, type Download } from '../../client';

/** What n8n offers for its binary storage, in an execution and in a poll. */
type Storage = Pick<BinaryHelperFunctions, 'prepareBinaryData' | 'getBinaryMetadata'>;

/**
 * Streams a download into n8n's binary storage.
 *
 * When the download breaks, n8n's filesystem storage keeps the bytes that had arrived, under a name it tells nobody: no
 * item refers to them, and n8n removes them together with the execution.
 */
export async function storeDownload(
	storage: Storage,
	download: Download,
	fileName: string,
): Promise<{ binary: IBinaryData; size: number }> {
	try {
		// n8n takes a name for a path, and declaring the type keeps n8n from guessing at it.
		const stored = await storage.prepareBinaryData(
			download.stream,
			fileName.replace(/[\\/]/g, '_'),
			mimeTypeOf(fileName),
		);
		const size = await sizeOf(storage, stored);
		return { binary: { ...stored, fileName }, size };
	} finally {
		download.stream.destroy();
	}
}

async function sizeOf(storage: Storage, { id, bytes, data }: IBinaryData): Promise<number> {
	if (bytes !== undefined) return bytes;
	if (id) return (await storage.getBinaryMetadata(id)).fileSize;
	return Buffer.byteLength(data, 'base64');
}
