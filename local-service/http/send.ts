import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import contentDisposition from 'content-disposition';
import type { FastifyReply } from 'fastify';
import type { Content } from '../store/content';
import type { FileRecord } from '../store/records';
import type { ByteRange } from './range';

/** Headers that tell a client what a file's bytes are and under which name to keep them (RFC 6266). */
export const fileHeaders = (file: FileRecord): Record<string, string> => ({
	'content-type': 'application/octet-stream',
	// Half of a surrogate pair has no UTF-8 form: the detour through bytes replaces it.
	'content-disposition': disposition(Buffer.from(file.filename).toString()),
});

/**
 * The library would send the last part of a name that holds a `/`; what to make of such a name is for the client to
 * say.
 */
const disposition = (name: string): string =>
	name.includes('/')
		? `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`
		: contentDisposition(name);

/**
 * Streams a range of a file as the answer. When the disk or the client fails, the connection is cut: fewer bytes than
 * announced, so nobody takes them for the whole.
 */
export const sendBytes = async (
	reply: FastifyReply,
	content: Content,
	file: FileRecord,
	{ status, headers, range }: { status: number; headers: Record<string, string>; range: ByteRange },
): Promise<void> => {
	const { start, end } = range;
	const isHead = reply.request.method === 'HEAD';
	const small = isHead ? null : content.readSmall(file, start, end);
	reply.hijack();
	reply.raw.writeHead(status, { ...headers, 'content-length': String(end - start) });
	if (isHead) reply.raw.end();
	else if (small !== null) reply.raw.end(small);
	else
		await pipeline(Readable.from(content.read(file, start, end)), reply.raw).catch(() => reply.raw.destroy());
};
