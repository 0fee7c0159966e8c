import { Buffer } from 'node:buffer';

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { mimeTypeOf, type Download } from '../../client';

/**
 * Streams a download into n8n's binary storage.
 *
 * When the download breaks, n8n's filesystem storage keeps the bytes that had arrived, under a name it tells nobody: no
 * item refers to them, and n8n removes them together with the execution.
 */
export async function storeDownload(
	n8n: IExecuteFunctions,
	download: Download,
	fileName: string,
): Promise<{ binary: IBinaryData; size: number }> {
	try {
		// n8n takes a name for a path, and declaring the type keeps n8n from guessing at it.
		const stored = await n8n.helpers.prepareBinaryData(
			download.stream,
			fileName.replace(/[\\/]/g, '_'),
			mimeTypeOf(fileName),
		);
		const size = await sizeOf(n8n, stored);
		return { binary: { ...stored, fileName }, size };
	} finally {
		download.stream.destroy();
	}
}

async function sizeOf(n8n: IExecuteFunctions, { id, bytes, data }: IBinaryData): Promise<number> {
	if (bytes !== undefined) return bytes;
	if (id) return (await n8n.helpers.getBinaryMetadata(id)).fileSize;
	return Buffer.byteLength(data, 'base64');
}
