import { page, ok, refused, type Answer } from './answers';
import type { Call } from './service';
import { recordOf, type Store, type StoredFile } from './store';

/**
 * What the service is like beyond its files. A test changes it at any time; by default the service is honest.
 */
export interface Nature {
	/** Added to the clock of the service: to `upload_at` and to the header `Date`. Milliseconds. */
	clockOffset: number;
	/** Whether answers carry the header `Date`. */
	hasDate: boolean;
	/**
	 * How a file looks in every list and search: any JSON, or undefined for "not there". `age` is how long it has been
	 * there, in milliseconds, so that a lag or a history of states is one line.
	 */
	show: (record: ReturnType<typeof recordOf>, age: number) => unknown;
}

/** Every endpoint of the service, done right. Each does its work at once and gives the answer to it. */
export class Endpoints {
	constructor(
		private readonly store: Store,
		private readonly nature: Nature,
		private readonly baseUrl: () => string,
	) {}

	uploadSimpleFile({ params, files, user }: Call): Answer {
		const bytes = files.get('file');
		if (!bytes || params['filename'] === undefined) return invalid('params');
		const { id } = this.store.add({ ...this.described(params, user), bytes, size: bytes.length });
		return ok(id);
	}

	initMultipartUploadFile({ params, user }: Call): Answer {
		const [size, partSize] = [Number(params['size']), Number(params['part_size'])];
		if (!(size > 0 && partSize > 0)) return invalid('part_size');
		const parts = { size: partSize, arrived: new Map<number, Buffer>() };
		const { id } = this.store.add({ ...this.described(params, user), size, status: 'uploading', parts });
		return ok(id);
	}

	uploadFilePart({ params, files }: Call): Answer {
		const file = this.byId(params['file_id']);
		const bytes = files.get('part');
		if (!file) return refused('file not found');
		if (!file.parts) return refused('file is not uploading');
		const number = Number(params['part_number']);
		const count = Math.ceil(file.size / file.parts.size);
		if (!(number >= 1 && number <= count)) return refused('part number out of range');
		const wanted = number < count ? file.parts.size : file.size - (count - 1) * file.parts.size;
		if (bytes?.length !== wanted) return refused('part size mismatch');
		if (file.parts.arrived.has(number)) return refused('part already uploaded');
		file.parts.arrived.set(number, bytes);
		return ok(file.id);
	}

	completeMultipartUpload({ params }: Call): Answer {
		const file = this.byId(params['file_id']);
		if (!file) return refused('file not found');
		if (!file.parts) return refused('file is not uploading');
		const { arrived, size } = file.parts;
		if (arrived.size < Math.ceil(file.size / size)) return refused('some parts not uploaded');
		const inOrder = [...arrived].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
		file.bytes = Buffer.concat(inOrder);
		file.parts = undefined;
		file.status = 'ok';
		file.bornAt = Date.now();
		return ok(file.id);
	}

	abortMultipartUpload({ params }: Call): Answer {
		const file = this.byId(params['file_id']);
		if (!file?.parts) return refused('file not found');
		file.parts = undefined;
		file.status = 'error';
		return ok(file.id);
	}

	getMultipartUploadFileStatus({ query }: Call): Answer {
		const file = this.byId(query.get('file_id'));
		if (!file?.parts) return refused('file not found');
		const { size, arrived } = file.parts;
		const all = Array.from({ length: Math.ceil(file.size / size) }, (_, index) => index + 1);
		return ok({
			file_id: file.id,
			status: file.status,
			part_size: size,
			uploaded_parts: all.filter((number) => arrived.has(number)),
			remaining_parts: all.filter((number) => !arrived.has(number)),
		});
	}

	downloadFile({ query }: Call): Answer {
		const file = this.byId(query.get('file_id'));
		return file?.status === 'ok' ? contentOf(file) : refused('file not found', 404);
	}

	getFileDownloadUrl({ query }: Call): Answer {
		const file = this.byId(query.get('file_id'));
		return file ? ok(`${this.baseUrl()}/signed/${file.id}?Signature=s1gn4ture`) : refused('file not found');
	}

	/** The storage behind the signed links. */
	signed({ path, headers }: Call): Answer {
		const file = this.byId(path.split('/').pop());
		if (!file) return { status: 404, body: '' };
		const whole = contentOf(file);
		const etag = `"${file.hashcode}"`;
		const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
		const condition = headers['if-range'];
		if (start === 0 || (condition !== undefined && condition !== etag)) {
			return { ...whole, headers: { ...whole.headers, ETag: etag } };
		}
		const range = `bytes ${start}-${file.size - 1}/${file.size}`;
		return {
			status: 206,
			headers: { ETag: etag, 'Content-Range': range },
			body: file.bytes.subarray(start),
		};
	}

	deleteFile({ query }: Call): Answer {
		const file = this.byId(query.get('file_id'));
		if (!file) return refused('file not found');
		this.store.files.delete(file.id);
		return ok(file.id);
	}

	listChatFiles({ query }: Call): Answer {
		const chatId = query.get('chat_id');
		return this.listed(query, ({ biz, bizParams }) => {
			const chat = (bizParams as { chat_id?: unknown } | null)?.chat_id;
			return biz === 'chat' && chat === chatId;
		});
	}

	/** One directory for each biz, named after it; its id is its place in this list. */
	listDirectories({ query }: Call): Answer {
		const name = query.get('name') ?? '';
		const directories = BIZ.map((biz, index) => ({ id: index + 1, created_at: CREATED_AT, name: biz }));
		const found = inOrder(
			directories.filter((directory) => directory.name.includes(name)),
			query.get('sort_by') ?? 'name_asc',
			{ name: (directory) => directory.name, created_at: (directory) => directory.created_at },
		);
		return paged(found, query);
	}

	listFilesInDirectory({ query }: Call): Answer {
		const biz = BIZ[Number(query.get('directory_id')) - 1];
		if (biz === undefined) return refused('directory not found');
		const name = (query.get('name') ?? '').toLowerCase();
		return this.listed(
			query,
			(file) => file.biz === biz && file.filename.toLowerCase().includes(name),
			query.get('sort_by') ?? 'upload_at_asc',
		);
	}

	private listed(
		query: URLSearchParams,
		isWanted: (file: StoredFile) => boolean,
		sort = 'upload_at_asc',
	): Answer {
		const files = inOrder([...this.store.files.values()].filter(isWanted), sort, {
			name: (file) => file.filename,
			upload_at: (file) => file.uploadAt,
		});
		const shown = files
			.map((file) => this.nature.show(recordOf(file), Date.now() - file.bornAt))
			.filter((record) => record !== undefined);
		return paged(shown, query);
	}

	private described(params: Record<string, unknown>, userId: string) {
		const { filename, biz, biz_params: bizParams, hashcode } = params;
		return {
			filename: String(filename),
			biz: String(biz),
			bizParams,
			userId,
			hashcode: typeof hashcode === 'string' ? hashcode : '',
			uploadAt: new Date(Date.now() + this.nature.clockOffset).toISOString(),
		};
	}

	private byId(id: unknown): StoredFile | undefined {
		return this.store.files.get(Number(id));
	}
}

const BIZ = ['chat', 'knowledgeBase', 'zero2x'];
const CREATED_AT = '2024-01-01T00:00:00Z';

const invalid = (name: string): Answer => ({
	status: 422,
	headers: { 'Content-Type': 'application/json' },
	body: JSON.stringify({ detail: [{ loc: ['body', name], msg: 'Field required', type: 'missing' }] }),
});

const contentOf = ({ bytes, filename }: StoredFile): Answer => ({
	status: 200,
	headers: {
		'Content-Type': 'application/octet-stream',
		'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`,
	},
	body: bytes,
});

/** Sorted by `<key>_asc` or `<key>_desc`; equal ones keep their order. */
function inOrder<T>(entries: T[], sort: string, keys: Record<string, (entry: T) => string>): T[] {
	const descending = sort.endsWith('_desc');
	const key = keys[sort.replace(/_(?:asc|desc)$/, '')];
	if (!key) return entries;
	const sorted = entries.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
	return descending ? sorted.reverse() : sorted;
}

/** `offset` and `limit` where they are given, else `page_number` and `page_size`. */
function paged(entries: readonly unknown[], query: URLSearchParams): Answer {
	const limit = Number(query.get('limit') ?? query.get('page_size') ?? 100);
	const offset = Number(query.get('offset') ?? (Number(query.get('page_number') ?? 1) - 1) * limit);
	return page(entries.length, entries.slice(offset, offset + limit));
}
