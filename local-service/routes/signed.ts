import type { FastifyInstance } from 'fastify';
import type { Context } from '../context';
import { HttpError } from '../errors';
import { ifRangeHolds, parseRange } from '../http/range';
import { fileHeaders, sendBytes } from '../http/send';
import type { FileRecord } from '../store/records';

interface SignedRequest {
	Params: { id: string };
	Querystring: { expires?: unknown; signature?: unknown };
}

/** The address behind a signed link: no header needed, ranges served, as object storage does. */
export const signedRoutes = (app: FastifyInstance, { store, links }: Context): void => {
	app.route<SignedRequest>({
		method: ['GET', 'HEAD'],
		url: '/signedFile/:id',
		handler: async (request, reply) => {
			const { id } = request.params;
			const { expires, signature } = request.query;
			const isValid =
				typeof expires === 'string' && typeof signature === 'string' && links.isValid(id, expires, signature);
			if (!isValid) throw new HttpError(403, 'The link is wrong or has expired');
			const file = store.catalog.files.get(id);
			if (file?.status !== 'ok') throw new HttpError(404, 'file not found');

			const etag = etagOf(file);
			const lastModified = lastModifiedOf(file);
			const headers = {
				...fileHeaders(file),
				etag,
				...(lastModified !== null && { 'last-modified': lastModified }),
				'accept-ranges': 'bytes',
			};
			// A range is defined for GET only.
			const range =
				request.method === 'GET' && ifRangeHolds(request.headers['if-range']?.toString(), etag, lastModified)
					? parseRange(request.headers.range, file.size)
					: null;
			if (range === 'unsatisfiable')
				throw new HttpError(416, 'The range is not in the file', { 'content-range': `bytes */${file.size}` });
			if (range === null) {
				const whole = { start: 0, end: file.size };
				await sendBytes(reply, store.content, file, { status: 200, headers, range: whole });
				return;
			}
			const contentRange = `bytes ${range.start}-${range.end - 1}/${file.size}`;
			await sendBytes(reply, store.content, file, {
				status: 206,
				headers: { ...headers, 'content-range': contentRange },
				range,
			});
		},
	});
};

/** The content of an id never changes and no id is given twice; size and time tell apart two data folders. */
const etagOf = ({ id, size, uploadAt }: FileRecord): string =>
	`"${id}-${size.toString(16)}-${Buffer.from(uploadAt).toString('base64url')}"`;

/** Null when the time of the upload is none, which only a test can bring about. */
const lastModifiedOf = ({ uploadAt }: FileRecord): string | null => {
	const time = Date.parse(uploadAt);
	return Number.isNaN(time) ? null : new Date(time).toUTCString();
};
