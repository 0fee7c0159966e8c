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

/** What a client object is made with. */
export interface PublishedDefaults {
	default_user_id?: string;
	default_biz?: string;
	default_mode?: string;
}

/** What every call takes. */
interface AsUser {
	user_id?: string;
}

export interface PublishedUpload extends AsUser {
	path?: string;
	/** The path of a file that is handed over open; then `filename` is needed, since 0.7.5 also `size`. */
	stream?: string;
	filename?: string;
	size?: number;
	/** `simple`, `auto`; since 0.7.5 `multipart`. */
	mode?: string;
	/** Since 0.7.5. */
	hashcode?: string;
	/** Makes the biz `chat`. */
	chat_id?: string;
	biz?: string;
	biz_params?: unknown;
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
	private constructor(
		private readonly driver: Driver,
		private readonly defaults: PublishedDefaults,
	) {}

	static async start(version: ClientVersion, url: string, userId: string): Promise<PublishedClient> {
		const driver = new Driver(await pythonWith(version), url);
		try {
			const client = new PublishedClient(driver, { default_user_id: userId });
			const actual = await client.call<string>('version', {});
			if (actual !== version) throw new Error(`expected bdd-file-client ${version}, found ${actual}`);
			return client;
		} catch (error) {
			await driver.stop();
			throw error;
		}
	}

	/** Another client object in the same process. */
	with(defaults: PublishedDefaults): PublishedClient {
		return new PublishedClient(this.driver, defaults);
	}

	/** The address of each profile, as published. */
	addresses = () => this.call<Record<string, string>>('addresses', {});
	upload = (args: PublishedUpload) => this.call<number | string>('upload', { ...args });
	download = (args: AsUser & { file_id: string; path?: string }) => this.call<null>('download', { ...args });
	/** Downloads into a stream. */
	read = async (args: AsUser & { file_id: string }) =>
		Buffer.from(await this.call<string>('read', { ...args }), 'base64');
	getDownloadUrl = (args: AsUser & { file_id: string; expires_seconds?: number }) =>
		this.call<string>('get_download_url', { ...args });
	delete = (args: AsUser & { file_id: string }) => this.call<null>('delete', { ...args });
	listChatFiles = (args: AsUser & { chat_id: string }) =>
		this.call<PublishedFileInfo[]>('list_chat_files', { ...args });
	syncToLocal = (args: AsUser & { chat_id: string; local_dir: string }) =>
		this.call<PublishedToLocal>('sync_chat_files_to_local', { ...args });
	syncToRemote = (args: AsUser & { chat_id: string; local_dir: string }) =>
		this.call<PublishedToRemote>('sync_chat_files_to_remote', { ...args });
	listDirectories = (
		args: AsUser & { name?: string; sort_by?: string; page_size?: number; page_number?: number },
	) =>
		this.call<PublishedPage<{ id: number | string; created_at: string; name: string }>>('list_directories', {
			...args,
		});
	listFilesInDirectory = (
		args: AsUser & {
			directory_id: string;
			name?: string;
			sort_by?: string;
			page_size?: number;
			page_number?: number;
		},
	) => this.call<PublishedPage<PublishedFileInfo>>('list_files_in_directory', { ...args });

	/** Ends the process. */
	async stop(): Promise<void> {
		await this.driver.stop();
	}

	private async call<T>(name: string, args: Readonly<Record<string, unknown>>): Promise<T> {
		return (await this.driver.call(name, args, this.defaults)) as T;
	}
}

/** The process with the published client in it. */
class Driver {
	private readonly child: ChildProcessWithoutNullStreams;
	private readonly lines: AsyncIterator<string>;
	/** Calls are answered in order, one at a time. */
	private last: Promise<unknown> = Promise.resolve();
	private stderr = '';

	constructor(python: string, url: string) {
		// No proxy, profile or encoding of the machine's, and no .env of a project: the client reads both.
		const inherited = Object.entries(process.env).filter(
			([name]) => !/_proxy$|^BDD_FILE_|^PYTHON/i.test(name),
		);
		this.child = spawn(python, [join(__dirname, '..', 'driver.py'), '--url', url], {
			cwd: tmpdir(),
			env: { ...Object.fromEntries(inherited), NO_PROXY: '*', PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' },
		});
		this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
		this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
		// A write to a process that ended is followed by the end of its output, which is reported.
		this.child.stdin.on('error', () => undefined);
	}

	async call(name: string, args: object, client: PublishedDefaults): Promise<unknown> {
		const result = this.last.then(async () => await this.exchange(name, args, client));
		this.last = result.catch(() => undefined);
		return await result;
	}

	async stop(): Promise<void> {
		if (this.child.exitCode !== null || this.child.signalCode !== null) return;
		const ended = once(this.child, 'close');
		this.child.kill('SIGKILL');
		await ended;
	}

	private async exchange(call: string, args: object, client: PublishedDefaults): Promise<unknown> {
		// Never awaited by itself: a killed process ends its output, and that ends the wait.
		const timer = setTimeout(() => this.child.kill('SIGKILL'), CALL_TIMEOUT_MS);
		try {
			this.child.stdin.write(`${JSON.stringify({ call, args, client })}\n`);
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
