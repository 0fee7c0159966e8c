import type { FastifyInstance } from 'fastify';
import type { Context } from '../context';
import { withForm } from '../http/form';
import { Params } from '../http/params';
import { bodyParams, callerOf, fileIdOf, missingPart, newFile } from '../http/request';

/** Upload of one file in parts. */
export const multipartRoutes = (app: FastifyInstance, { store, answers }: Context): void => {
	app.post('/initMultipartUploadFile', (request, reply) => {
		const caller = callerOf(request);
		const params = bodyParams(request, caller);
		const meta = newFile(params, caller.userId);
		const size = params.integer('size', 0);
		const partSize = params.integer('part_size', 1);
		params.check();
		return answers.success(reply, store.beginMultipart(meta, size, partSize));
	});

	app.post('/uploadFilePart', async (request, reply) => {
		const id = await withForm(request.raw, 'part', store, ({ fields, file }) => {
			const caller = callerOf(request);
			if (file === null) throw missingPart('part', caller);
			const params = Params.fromJson(fields.get('params'), ['body', 'params'], caller.problems);
			const fileId = params.id('file_id');
			const part = params.integer('part_number', Number.MIN_SAFE_INTEGER);
			params.check();
			store.addPart(fileId, part, file);
			return fileId;
		});
		return answers.success(reply, id);
	});

	app.post('/completeMultipartUpload', (request, reply) => {
		const id = fileIdOf(request);
		store.completeMultipart(id);
		return answers.success(reply, id);
	});

	app.post('/abortMultipartUpload', async (request, reply) => {
		const id = fileIdOf(request);
		await store.abortMultipart(id);
		return answers.success(reply, id);
	});

	app.get('/getMultipartUploadFileStatus', (request, reply) => {
		const id = fileIdOf(request);
		const { status } = store.file(id);
		const { partSize: part_size, uploaded, remaining } = store.multipartState(id);
		const rest = { status, part_size, uploaded_parts: uploaded, remaining_parts: remaining };
		return answers.success(reply, `{"file_id":${id},${JSON.stringify(rest).slice(1)}`);
	});
};
