import { createReadStream, createWriteStream, lstat } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { namesIn } from '../lab/files';
import { noMeans, type Contender, type Outcome, type Setting, type Work } from '../tasks';

/** As many files in flight as the client has by default. */
const CONCURRENCY = 8;
/** As the client asks for. */
const PAGE_SIZE = 100;
/** At files of a folder. */
const LOOKS = 64;
const BOUNDARY = 'floor-0123456789abcdef';
const LARGE_CHUNK = 256 * 1024;

interface Listed {
	id: number;
	filename: string;
}

/**
 * The least work that Node can do it with: kept-alive connections, plain reads and writes. No retry, no hash, no
 * temporary file, no check of anything; ids must be safe integers.
 */
export class Floor implements Contender {
	private readonly agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });

	constructor(private readonly setting: Setting) {}

	prepare(work: Work): Promise<() => Promise<Outcome>> {
		const run = this.runOf(work);
		return Promise.resolve(async () => ({ files: await run() }));
	}

	close(): Promise<void> {
		this.agent.destroy();
		return Promise.resolve();
	}

	private runOf(work: Work): () => Promise<number> {
		switch (work.verb) {
			case 'syncToLocal':
				if (work.skipUnchanged || work.dryRun) throw noMeans('floor', work);
				return () => this.syncToLocal(work.chatId, work.folder);
			case 'syncUnchanged':
				return () => this.lookAtBothSides(work.chatId, work.folder);
			case 'syncToRemote':
			case 'uploadItems':
				return () => this.syncToRemote(work.chatId, work.folder);
			case 'upload':
				if (work.mode === 'multipart') throw noMeans('floor', work);
				return () => this.uploadLarge(work.chatId, work.path);
			case 'download':
				return () => this.downloadLarge(work.fileId, work.path);
			case 'list':
				return async () => (await this.list(work.chatId)).length;
		}
	}

	private async syncToLocal(chatId: string, folder: string): Promise<number> {
		const files = await this.list(chatId);
		await atOnce(files, async ({ id, filename }) => {
			const answer = await this.send('GET', `/downloadFile?file_id=${id}`);
			await writeFile(join(folder, filename), await bytesOf(answer));
		});
		return files.length;
	}

	/** The listing, one walk and a look at each file: what nobody can leave out who wants to know what has changed. */
	private async lookAtBothSides(chatId: string, folder: string): Promise<number> {
		const files = await this.list(chatId);
		const names = await namesIn(folder);
		let there = 0;
		await lookAtEach(folder, names, (isFile) => (there += Number(isFile)));
		if (there !== files.length)
			throw new Error(`${there} files are in the folder, ${files.length} in the chat`);
		return there;
	}

	private async syncToRemote(chatId: string, folder: string): Promise<number> {
		const there = new Set((await this.list(chatId)).map(({ filename }) => filename));
		const names = (await namesIn(folder)).filter((name) => !there.has(name));
		await atOnce(names, async (name) => {
			const bytes = await readFile(join(folder, name));
			const [head, tail] = form(name, bytes.length, chatId);
			const body = Buffer.concat([head, bytes, tail]);
			await bytesOf(await this.send('POST', '/uploadSimpleFile', formHeaders(body.length), body));
		});
		return names.length;
	}

	private async uploadLarge(chatId: string, path: string): Promise<number> {
		const { size } = await stat(path);
		const [head, tail] = form(basename(path), size, chatId);
		const answer = await new Promise<IncomingMessage>((resolve, reject) => {
			const headers = formHeaders(head.length + size + tail.length);
			const sending = request(this.url('/uploadSimpleFile'), this.options('POST', headers), resolve);
			sending.once('error', reject);
			sending.write(head);
			const source = createReadStream(path, { highWaterMark: LARGE_CHUNK });
			source.once('error', reject);
			source.pipe(sending, { end: false });
			source.once('end', () => sending.end(tail));
		});
		assertOk(answer);
		await bytesOf(answer);
		return 1;
	}

	private async downloadLarge(fileId: string, path: string): Promise<number> {
		await pipeline(await this.send('GET', `/downloadFile?file_id=${fileId}`), createWriteStream(path));
		return 1;
	}

	private async list(chatId: string): Promise<Listed[]> {
		const items: Listed[] = [];
		for (;;) {
			const query = `chat_id=${encodeURIComponent(chatId)}&offset=${items.length}&limit=${PAGE_SIZE}`;
			const text = (await bytesOf(await this.send('GET', `/listChatFiles?${query}`))).toString();
			const { data } = JSON.parse(text) as { data: { total: number; items: Listed[] } };
			items.push(...data.items);
			if (data.items.length === 0 || items.length >= data.total) return items;
		}
	}

	private async send(
		method: string,
		path: string,
		headers: Record<string, string> = {},
		body?: Buffer,
	): Promise<IncomingMessage> {
		const answer = await new Promise<IncomingMessage>((resolve, reject) => {
			request(this.url(path), this.options(method, headers), resolve).once('error', reject).end(body);
		});
		assertOk(answer);
		return answer;
	}

	private url(path: string): string {
		return `${this.setting.url}${path}`;
	}

	private options(method: string, headers: Record<string, string>) {
		return { agent: this.agent, method, headers: { 'X-User-Id': this.setting.userId, ...headers } };
	}
}

function assertOk({ statusCode }: IncomingMessage): void {
	if (statusCode !== 200) throw new Error(`The service answered ${statusCode ?? 'nothing'}`);
}

async function bytesOf(answer: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
	return Buffer.concat(chunks);
}

async function atOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
	const queue = items.values();
	const lane = async () => {
		for (const item of queue) await work(item);
	};
	await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}

/** With as many looks at once as the client has. Callbacks, as they cost less than promises. */
async function lookAtEach(
	folder: string,
	names: readonly string[],
	found: (isFile: boolean) => void,
): Promise<void> {
	const queue = names.values();
	const lane = (done: () => void, fail: (error: Error) => void) => {
		const { value: name } = queue.next();
		if (name === undefined) {
			done();
			return;
		}
		lstat(join(folder, name), (error, stats) => {
			if (error) {
				fail(error);
				return;
			}
			found(stats.isFile());
			lane(done, fail);
		});
	};
	await Promise.all(Array.from({ length: LOOKS }, () => new Promise<void>(lane)));
}

function formHeaders(length: number): Record<string, string> {
	return {
		'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
		'Content-Length': String(length),
	};
}

/** What stands before and behind the bytes of a file in the form of a simple upload. */
function form(filename: string, size: number, chatId: string): [head: Buffer, tail: Buffer] {
	const params = JSON.stringify({
		filename,
		biz: 'chat',
		biz_params: { chat_id: chatId },
		size,
		hashcode: null,
	});
	const head =
		`--${BOUNDARY}\r\nContent-Disposition: form-data; name="params"\r\n\r\n${params}\r\n` +
		`--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n` +
		'Content-Type: application/octet-stream\r\n\r\n';
	return [Buffer.from(head), Buffer.from(`\r\n--${BOUNDARY}--\r\n`)];
}
