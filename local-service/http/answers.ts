import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { DirectoryInfo, FileInfo } from '../../client/api/wire';
import { HttpError, InvalidRequest, Refusal } from '../errors';
import { toJson } from '../json';
import type { DirectoryRecord, FileRecord } from '../store/records';

/** The JSON text of a result: ids are written by hand, for a double cannot hold them. */
export type Json = string;

export const fileInfo = (file: FileRecord): Json => {
	const { id, filename, size, hashcode, uploadAt: upload_at, userId: user_id, status, biz, bizParams } = file;
	const rest: Omit<FileInfo, 'id' | 'biz_params'> = {
		filename,
		size,
		hashcode,
		upload_at,
		user_id,
		status,
		biz,
	};
	return `{"id":${id},${JSON.stringify(rest).slice(1, -1)},"biz_params":${bizParams}}`;
};

export const directoryInfo = ({ id, createdAt: created_at, name }: DirectoryRecord): Json => {
	const rest: Omit<DirectoryInfo, 'id'> = { created_at, name };
	return `{"id":${id},${JSON.stringify(rest).slice(1)}`;
};

export const page = (total: number, items: Json[]): Json => `{"total":${total},"items":[${items.join(',')}]}`;

/** Answers with the envelope. */
export class Answers {
	/** @param traceId whether answers carry a `trace_id`, as those of older servers do. */
	constructor(private readonly traceId: boolean) {}

	success(reply: FastifyReply, data: Json): FastifyReply {
		return this.send(reply, 0, data, null);
	}

	/** Turns what a handler throws into the answer of the real service or of its framework. */
	handleErrors(app: FastifyInstance): void {
		app.setNotFoundHandler((_request, reply) => reply.code(404).send({ detail: 'Not Found' }));
		app.setErrorHandler((error, _request, reply) => {
			if (error instanceof Refusal) return this.send(reply, 1, 'null', error.message);
			if (error instanceof InvalidRequest) return json(reply.code(422), toJson({ detail: error.problems }));
			if (error instanceof HttpError)
				return reply.code(error.status).headers(error.headers).send({ detail: error.message });
			const status = statusOf(error);
			if (status < 500)
				return reply.code(status).send({ detail: error instanceof Error ? error.message : '' });
			return reply.code(500).type('text/plain').send('Internal Server Error');
		});
	}

	private send(reply: FastifyReply, code: number, data: Json, message: string | null): FastifyReply {
		const trace = this.traceId ? `,"trace_id":"${randomUUID().replaceAll('-', '')}"` : '';
		return json(reply, `{"code":${code},"data":${data},"message":${JSON.stringify(message)}${trace}}`);
	}
}

const json = (reply: FastifyReply, text: Json): FastifyReply => reply.type('application/json').send(text);

/** The HTTP status that Fastify itself gives to an error, such as a body that is too large. */
const statusOf = (error: unknown): number =>
	error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
		? error.statusCode
		: 500;
