import type { IncomingMessage } from 'node:http';

import { parseForm } from '../hostile/support/form';
import type { Chat, StoredFile } from './chat';
import type { Setup } from './history';

export const CHAT = 'c';
export const BASE_URL = 'http://bdd.simulated:2015';
export const DIRECTORY = '77';

/** What an endpoint says: JSON as it goes over the wire, bytes, or that it refuses. */
export type Answer = { data: string } | { file: StoredFile; from: number } | { refuses: string };

/** One part of an upload in parts. */
interface Parts {
	partSize: number;
	parts: Map<number, Buffer>;
}

/** What the service does when nothing goes wrong. */
export class Endpoints {
	private readonly unfinished = new Map<string, Parts>();

	constructor(
		private readonly chat: Chat,
		private readonly setup: Setup['service'],
	) {}

	/** Does what is asked, right away. */
	async work(
		endpoint: string,
		path: string,
		request: IncomingMessage,
		query: URLSearchParams,
		body: Buffer,
	): Promise<Answer> {
		const { chat } = this;
		const params = () => exactly(body.toString());
		switch (endpoint) {
			case 'uploadSimpleFile': {
				const form = await parseForm(request.headers, body);
				const { filename, hashcode } = exactly(form.fields.get('params') ?? '{}');
				const file = form.files.get('file');
				if (file === undefined) return { refuses: 'no file' };
				return { data: chat.add(String(filename), file, this.hash(hashcode), false).id };
			}
			case 'downloadFile': {
				const file = chat.byId(query.get('file_id'));
				return file?.status === 'ok' ? { file, from: 0 } : { refuses: 'file not found' };
			}
			case 'getFileDownloadUrl': {
				const file = chat.byId(query.get('file_id'));
				return file ? { data: JSON.stringify(`${BASE_URL}/link/${file.id}`) } : { refuses: 'file not found' };
			}
			case 'link': {
				const file = chat.byId(path);
				const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
				return file ? { file, from } : { refuses: 'file not found' };
			}
			case 'deleteFile': {
				const file = chat.byId(query.get('file_id'));
				if (file === undefined) return { refuses: 'file not found' };
				chat.remove(file.id);
				return { data: file.id };
			}
			case 'listChatFiles': {
				if (query.get('chat_id') !== CHAT) return { data: '{"total":0,"items":[]}' };
				const files = chat.listed();
				const [offset, limit] = [Number(query.get('offset')), Number(query.get('limit'))];
				return this.list(files, files.slice(offset, offset + limit));
			}
			case 'listDirectories':
				if (!this.setup.directories) return { refuses: 'no such path' };
				return {
					data: `{"total":1,"items":[{"id":${DIRECTORY},"created_at":"2024-01-01T00:00:00Z","name":"chat"}]}`,
				};
			case 'listFilesInDirectory': {
				if (!this.setup.directories) return { refuses: 'no such path' };
				const name = query.get('name') ?? '';
				const files = chat.listed().filter((file) => file.name.includes(name));
				files.sort((a, b) => b.uploadedAt - a.uploadedAt || (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
				const size = Number(query.get('page_size'));
				const offset = (Number(query.get('page_number')) - 1) * size;
				return this.list(files, files.slice(offset, offset + size));
			}
		}
		return this.inParts(endpoint, request, query, body, params);
	}

	private async inParts(
		endpoint: string,
		request: IncomingMessage,
		query: URLSearchParams,
		body: Buffer,
		params: () => Record<string, unknown>,
	): Promise<Answer> {
		const { chat } = this;
		if (endpoint === 'initMultipartUploadFile') {
			const { filename, size, part_size, hashcode } = params();
			const file = chat.begin(String(filename), this.hash(hashcode), Number(size));
			this.unfinished.set(file.id, { partSize: Number(part_size), parts: new Map() });
			return { data: file.id };
		}
		const form = endpoint === 'uploadFilePart' ? await parseForm(request.headers, body) : undefined;
		const asked = form ? exactly(form.fields.get('params') ?? '{}') : body.length > 0 ? params() : {};
		const id = String((asked['file_id'] as string | undefined) ?? query.get('file_id'));
		const [file, upload] = [chat.byId(id), this.unfinished.get(id)];
		if (file === undefined || upload === undefined) return { refuses: 'file not found' };
		const count = Math.ceil(file.size / upload.partSize);
		const numbers = Array.from({ length: count }, (_, index) => index + 1);
		const missing = numbers.filter((number) => !upload.parts.has(number));
		switch (endpoint) {
			case 'uploadFilePart': {
				const number = Number(asked['part_number']);
				if (upload.parts.has(number)) return { refuses: 'part already uploaded' };
				upload.parts.set(number, form?.files.get('part') ?? Buffer.alloc(0));
				return { data: id };
			}
			case 'getMultipartUploadFileStatus': {
				const uploaded = numbers.filter((number) => upload.parts.has(number));
				return {
					data: `{"file_id":${id},"status":"uploading","part_size":${upload.partSize},"uploaded_parts":[${uploaded.join()}],"remaining_parts":[${missing.join()}]}`,
				};
			}
			case 'completeMultipartUpload':
				if (missing.length > 0) return { refuses: 'some parts not uploaded' };
				this.unfinished.delete(id);
				chat.complete(
					id,
					Buffer.concat(numbers.map((number) => upload.parts.get(number) ?? Buffer.alloc(0))),
				);
				return { data: id };
			case 'abortMultipartUpload':
				this.unfinished.delete(id);
				chat.replace({ ...file, status: 'error' });
				return { data: id };
		}
		return { refuses: 'no such path' };
	}

	private hash(given: unknown): string {
		return this.setup.hashes && typeof given === 'string' ? given : '';
	}

	private list(all: readonly StoredFile[], page: readonly StoredFile[]): Answer {
		const items = page.map(({ id, name, size, hash, uploadedAt, status }) => {
			const time = new Date(uploadedAt).toISOString();
			const rest = {
				filename: name,
				size,
				hashcode: hash,
				upload_at: this.setup.zone ? time : time.slice(0, -1),
				user_id: '7',
				status,
				biz: 'chat',
				biz_params: { chat_id: CHAT },
			};
			return `{"id":${id},${JSON.stringify(rest).slice(1)}`;
		});
		return { data: `{"total":${all.length},"items":[${items.join()}]}` };
	}
}

/** Ids become their digits. */
function exactly(text: string): Record<string, unknown> {
	return JSON.parse(text.replace(/("file_id"\s*:\s*)(\d+)/, '$1"$2"')) as Record<string, unknown>;
}
