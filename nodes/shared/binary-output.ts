import { Buffer } from 'node:buffer';

import type { BinaryHelperFunctions, IBinaryData } from 'n8n-workflow';

import { mimeTypeOf, type Download, type WireId } from '../../client';

/** What n8n offers for its binary storage, in an execution and in a poll. */
type Storage = Pick<BinaryHelperFunctions, 'prepareBinaryData' | 'getBinaryMetadata'>;

/**
 * Streams a download into n8n's binary storage, under the base name of `fileName`.
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
		const name = baseName(fileName, download.fileId);
		// Declaring the type keeps n8n from guessing at it.
		const binary = await storage.prepareBinaryData(download.stream, name, mimeTypeOf(name));
		return { binary, size: await sizeOf(storage, binary) };
	} finally {
		download.stream.destroy();
	}
}

/**
 * A name that stays within the folder it is written to. A remote name may be anything, and the nodes that write binary
 * data to disk take its name for a path.
 */
export function baseName(fileName: string, fileId: WireId): string {
	const name = fileName.replace(/^.*[\\/]/s, '').replace(/\p{Cc}/gu, '_');
	return /^[\s.]*$/.test(name) ? `file-${fileId}` : name;
}

async function sizeOf(storage: Storage, { id, bytes, data }: IBinaryData): Promise<number> {
	if (bytes !== undefined) return bytes;
	if (id) return (await storage.getBinaryMetadata(id)).fileSize;
	return Buffer.byteLength(data, 'base64');
}
