import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isSafeNumber, parse } from 'lossless-json';
import { pythonWith, type ClientVersion } from './environment';

const CALL_TIMEOUT_MS = 60_000;

/** A record of the published client's lists. Ids beyond 2^53 are strings of digits. */
export interface PublishedFileInfo {
	id: number | string;
	filename: string;
	size: number;
	hashcode: string;
	upload_at: string;
	user_id: string;
	status: string;
	biz: string;
	biz_params: unknown;
}

export interface PublishedPage<T> {
	total: number;
	items: T[];
}

/** What the published client says of each file of a sync. */
export type PublishedToLocal = [
	id: number | string,
	result: {
		is_success: boolean;
		local_path: string;
		error_message: string | null;
		file_info: PublishedFileInfo;
	},
][];
export type PublishedToRemote = [
	path: string,
	result: {
		status: 'success' | 'skipped' | 'failed';
		file_id: number | string | null;
		error_message: string | null;
	},
][];

export interface PublishedUpload {
	path: string;
	chat_id: string;
	filename?: string;
	/** Since 0.7.5 `multipart` works. */
	mode?: 'auto' | 'simple' | 'multipart';
	/** Since 0.7.5. */
	hashcode?: string;
	/** Hands an open file over instead of a path; then `filename` is needed, since 0.7.5 also `size`. */
	as_stream?: boolean;
	size?: number;
}

/** The published client raised. `name` is the Python class. */
export class PublishedClientError extends Error {
	constructor(
		override readonly name: string,
		message: string,
	) {
		super(message);
	}
}

/** The published Python client in a process of its own, pointed at a service on this machine. */
export class PublishedClient {
	private readonly lines: AsyncIterator<string>;
	/** Calls are answered in order, one at a time. */
	private last: Promise<unknown> = Promise.resolve();
	private stderr = '';

	private constructor(private readonly child: ChildProcessWithoutNullStreams) {
		this.lines = createInterface(child.stdout)[Symbol.asyncIterator]();
		child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
		// A write to a process that ended is followed by the end of its output, which is reported.
		child.stdin.on('error', () => undefined);
	}

	static async start(version: ClientVersion, url: string, userId: string): Promise<PublishedClient> {
		const python = await pythonWith(version);
		// No proxy, profile or encoding of the machine's, and no .env of a project: the client reads both.
		const inherited = Object.entries(process.env).filter(
			([name]) => !/_proxy$|^BDD_FILE_|^PYTHON/i.test(name),
		);
		const child = spawn(python, [join(__dirname, '..', 'driver.py'), '--url', url, '--user-id', userId], {
			cwd: tmpdir(),
			env: { ...Object.fromEntries(inherited), NO_PROXY: '*', PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' },
		});
		const client = new PublishedClient(child);
		const actual = await client.call<string>('version', {});
		if (actual !== version) throw new Error(`expected bdd-file-client ${version}, found ${actual}`);
		return client;
	}

	upload = (args: PublishedUpload) => this.call<number | string>('upload', { ...args });
	download = (args: { file_id: string; path: string }) => this.call<null>('download', args);
	getDownloadUrl = (args: { file_id: string; expires_seconds?: number }) =>
		this.call<string>('get_download_url', args);
	delete = (args: { file_id: string }) => this.call<null>('delete', args);
	listChatFiles = (args: { chat_id: string }) => this.call<PublishedFileInfo[]>('list_chat_files', args);
	syncToLocal = (args: { chat_id: string; local_dir: string }) =>
		this.call<PublishedToLocal>('sync_chat_files_to_local', args);
	syncToRemote = (args: { chat_id: string; local_dir: string }) =>
		this.call<PublishedToRemote>('sync_chat_files_to_remote', args);
	listDirectories = (args: { name?: string; sort_by?: string; page_size?: number; page_number?: number }) =>
		this.call<PublishedPage<{ id: number | string; created_at: string; name: string }>>(
			'list_directories',
			args,
		);
	listFilesInDirectory = (args: {
		directory_id: string;
		name?: string;
		sort_by?: string;
		page_size?: number;
	}) => this.call<PublishedPage<PublishedFileInfo>>('list_files_in_directory', args);

	/** Ends the process. */
	async stop(): Promise<void> {
		if (this.child.exitCode !== null || this.child.signalCode !== null) return;
		const ended = once(this.child, 'close');
		this.child.kill('SIGKILL');
		await ended;
	}

	private async call<T>(name: string, args: Readonly<Record<string, unknown>>): Promise<T> {
		const result = this.last.then(async () => await this.exchange(name, args));
		this.last = result.catch(() => undefined);
		return (await result) as T;
	}

	private async exchange(call: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
		// Never awaited by itself: a killed process ends its output, and that ends the wait.
		const timer = setTimeout(() => this.child.kill('SIGKILL'), CALL_TIMEOUT_MS);
		try {
			this.child.stdin.write(`${JSON.stringify({ call, args })}\n`);
			const line = await this.lines.next();
			if (line.done)
				throw new Error(`the published client ended during ${call}: ${this.stderr.slice(-2000)}`);
			const reply = readReply(line.value);
			if (reply.error) throw new PublishedClientError(reply.error.type, reply.error.message);
			return reply.result;
		} finally {
			clearTimeout(timer);
		}
	}
}

function readReply(line: string): { result?: unknown; error?: { type: string; message: string } } {
	const value = parse(line, null, (digits) => (isSafeNumber(digits) ? Number(digits) : digits));
	return value as { result?: unknown; error?: { type: string; message: string } };
}
