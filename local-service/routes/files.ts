import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context';
import { Refusal } from '../errors';
import { withForm } from '../http/form';
import { Params } from '../http/params';
import { callerOf, fileIdOf, missingPart, newFile, queryParams } from '../http/request';
import { fileHeaders, sendBytes } from '../http/send';

/** The last moment that a date can express, in milliseconds since 1970. */
const LAST_MOMENT = 8.64e15;

/** Simple upload, download, link and deletion of one file. */
export const fileRoutes = (app: FastifyInstance, context: Context): void => {
	const { store, links, answers, basePath } = context;

	app.post('/uploadSimpleFile', async (request, reply) => {
		const id = await withForm(request.raw, 'file', store, ({ fields, file }) => {
			const caller = callerOf(request);
			if (file === null) throw missingPart('file', caller);
			const params = Params.fromJson(fields.get('params'), ['body', 'params'], caller.problems);
			const meta = newFile(params, caller.userId);
			const size = params.has('size') ? params.integer('size', 0) : null;
			params.check();
			if (size !== null && size !== file.size) throw new Refusal('file size mismatch');
			return store.addFile(meta, file);
		});
		return answers.success(reply, id);
	});

	app.get('/downloadFile', async (request, reply) => {
		const file = store.readableFile(fileIdOf(request));
		const range = { start: 0, end: file.size };
		await sendBytes(reply, store.content, file, { status: 200, headers: fileHeaders(file), range });
	});

	app.get('/getFileDownloadUrl', (request, reply) => {
		const params = queryParams(request, callerOf(request));
		const id = params.id('file_id');
		const seconds = params.integer('expires_in', 1);
		params.check();
		store.readableFile(id);
		const expires = Math.min(Date.now() + seconds * 1000, LAST_MOMENT);
		const query = `expires=${expires}&signature=${links.sign(id, expires)}`;
		return answers.success(
			reply,
			JSON.stringify(`${originOf(request)}${basePath}/signedFile/${id}?${query}`),
		);
	});

	app.delete('/deleteFile', async (request, reply) => {
		const id = fileIdOf(request);
		await store.delete(id);
		return answers.success(reply, id);
	});
};

/** Scheme and host that the client used, so that a link takes the same way (a proxy, say) as the request did. */
const originOf = (request: FastifyRequest): string => {
	const scheme = request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
	return `${scheme}://${request.headers.host ?? `127.0.0.1:${request.socket.localPort ?? 80}`}`;
};
