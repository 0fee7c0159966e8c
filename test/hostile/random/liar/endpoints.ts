/** What an honest service does and answers, endpoint by endpoint. */
import { wireId, type Lists } from './lists';
import type { Received } from './receive';
import { partCount, placeOf, Refusal, statusOf, type NewFile, type Store, type StoredFile } from './store';
import { SECRET, type Endpoint, type Header } from '../scenario';

/** The truth that an answer tells, or is made from. */
export type Reply =
	| { kind: 'json'; status: number; body: unknown }
	| { kind: 'file'; status: number; headers: Header[]; bytes: Buffer };

export interface Service {
	store: Store;
	lists: Lists;
	/** The origin of the storage that links lead to. */
	storage: string;
}

const ok = (data: unknown): Reply => ({ kind: 'json', status: 200, body: { code: 0, data, message: null } });

/** Does what is asked for, and says so. A refusal is an answer, too. */
export function serve(service: Service, endpoint: Endpoint, path: string, request: Received): Reply {
	if (endpoint !== 'storage' && !/^\d+$/.test(request.userId)) {
		const detail = [{ loc: ['header', 'X-User-Id'], msg: 'Field required' }];
		return { kind: 'json', status: 422, body: { detail } };
	}
	try {
		return work(service, endpoint, path, request);
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		const body = { code: 404, data: null, message: error.message };
		return { kind: 'json', status: service.store.settings.refusalStatus, body };
	}
}

function work(
	{ store, lists, storage }: Service,
	endpoint: Endpoint,
	path: string,
	request: Received,
): Reply {
	const { query, params } = request;
	const asked = query.get('file_id') ?? '';
	const posted = String(params['file_id']);
	const { search } = store.settings;
	switch (endpoint) {
		case 'uploadSimpleFile': {
			if (!request.file) throw new Refusal('file is missing');
			return ok(wireId(store.addSimple(newFile(request), request.file.digest).id));
		}
		case 'initMultipartUploadFile':
			return ok(wireId(store.begin(newFile(request), Number(params['part_size'])).id));
		case 'uploadFilePart':
			store.addPart(posted, Number(params['part_number']), request.file?.bytes ?? Buffer.alloc(0));
			return ok(wireId(posted));
		case 'completeMultipartUpload':
			store.complete(posted);
			return ok(wireId(posted));
		case 'abortMultipartUpload':
			store.abort(posted);
			return ok(wireId(posted));
		case 'getMultipartUploadFileStatus':
			return ok(multipartStatus(store.get(asked)));
		case 'deleteFile':
			store.delete(asked);
			return ok(wireId(asked));
		case 'getFileDownloadUrl':
			store.bytes(store.get(asked));
			return ok(`${storage}/bucket/${asked}?X-Amz-Expires=600&X-Amz-Signature=${SECRET}-link`);
		case 'listChatFiles':
			return ok(lists.chat(query));
		case 'listDirectories':
		case 'listFilesInDirectory':
			if (typeof search === 'number') return { kind: 'json', status: search, body: { detail: 'Not Found' } };
			return ok(endpoint === 'listDirectories' ? lists.directories(query) : lists.directory(query));
		case 'downloadFile': {
			const file = store.get(asked);
			return { kind: 'file', status: 200, headers: disposition(store, file), bytes: store.bytes(file) };
		}
		case 'storage':
			return fromStorage(store, path, request);
	}
}

function newFile({ params, userId }: Received): NewFile {
	const size = params['size'];
	return {
		name: String(params['filename']),
		place: placeOf(String(params['biz']), params['biz_params']),
		size: typeof size === 'number' ? size : undefined,
		hashcode: typeof params['hashcode'] === 'string' ? params['hashcode'] : '',
		userId,
	};
}

/** The multipart record is gone once the upload is complete or aborted. */
function multipartStatus(file: StoredFile): unknown {
	const { parts } = file;
	if (!parts && statusOf(file) !== 'merging') throw new Refusal('file not found');
	const numbers = Array.from({ length: partCount(file) }, (_, index) => index + 1);
	return {
		file_id: wireId(file.id),
		status: statusOf(file),
		part_size: parts?.partSize ?? 1,
		uploaded_parts: parts ? numbers.filter((number) => parts.received.has(number)) : null,
		remaining_parts: parts ? numbers.filter((number) => !parts.received.has(number)) : null,
	};
}

function disposition(store: Store, { name }: StoredFile): Header[] {
	const type: Header = [
		'Content-Type',
		name.endsWith('.json') ? 'application/json' : 'application/octet-stream',
	];
	switch (store.settings.disposition) {
		case 'none':
			return [type];
		case 'plain':
			return [type, ['Content-Disposition', `attachment; filename="${name.replace(/["\\\r\n\0]/g, '_')}"`]];
		case 'utf8':
			return [
				type,
				['Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(wellFormed(name))}`],
			];
	}
}

const wellFormed = (text: string) => Buffer.from(text, 'utf8').toString('utf8');

/** GET of a signed link: `ETag`, and ranges where the storage has them. */
function fromStorage(store: Store, path: string, { range, ifRange }: Received): Reply {
	const file = store.get(/\/bucket\/(\d+)$/.exec(path)?.[1] ?? '');
	const bytes = store.bytes(file);
	const etag = `"${file.digest?.md5 ?? ''}"`;
	const headers: Header[] = [['ETag', etag]];
	const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? NaN);
	const wanted = store.settings.ranges && !Number.isNaN(start) && (ifRange === undefined || ifRange === etag);
	if (!wanted) return { kind: 'file', status: 200, headers, bytes };
	if (start >= bytes.length) return { kind: 'json', status: 416, body: { detail: 'range not satisfiable' } };
	const contentRange: Header = ['Content-Range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`];
	return { kind: 'file', status: 206, headers: [...headers, contentRange], bytes: bytes.subarray(start) };
}
