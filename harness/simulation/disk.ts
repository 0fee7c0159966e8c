import fs, { type PathLike, type Stats } from 'node:fs';
import { promisify } from 'node:util';

/** The process that uses the disk. */
export interface DiskUser {
	/** Its clock, which gives files their times. Milliseconds since 1970. */
	readonly timeOfDay: number;
	readonly files: Set<number>;
	/** Runs what a system call does, some time later; never comes back when the process dies before or after. */
	call<T>(effect: () => T, about: DiskCall): Promise<T>;
}

/** A system call, to be judged and watched before it has its effect. */
export interface DiskCall {
	name: string;
	/** The file that is changed; undefined where a handle or nothing is. */
	path?: string;
	/** Where it is moved to. */
	to?: string;
	/** It needs room on the disk. */
	grows: boolean;
	/** It creates a file that must not exist. */
	creates: boolean;
	/** By a path it changes something, or asks for the right to. */
	changes: boolean;
}

type Args = readonly unknown[];
type Work = (...args: Args) => unknown;

const sync = fs as unknown as Record<string, Work>;

/** Times of changes by inode, in virtual time: nobody can set them on a real disk. Milliseconds since 1970. */
const changedAt = new Map<string, number>();
const key = ({ dev, ino }: { dev: number | bigint; ino: number | bigint }) => `${dev}:${ino}`;

/** Somebody changes a file now. */
export function setTimes(path: PathLike | number, now: number): void {
	if (typeof path === 'number') fs.futimesSync(path, now / 1000, now / 1000);
	else fs.lutimesSync(path, now / 1000, now / 1000);
	setChanged(path, now);
}

function setChanged(path: PathLike | number, now: number): void {
	const stats = typeof path === 'number' ? fs.fstatSync(path) : fs.lstatSync(path, { throwIfNoEntry: false });
	if (stats) changedAt.set(key(stats), now);
}

/** The disk's own answer, with the virtual time of the last change. */
function withTimes(stats: unknown): unknown {
	const ms = changedAt.get(key(stats as Stats));
	if (ms === undefined) return stats;
	const changed = stats as { ctimeMs: number | bigint; ctimeNs?: bigint };
	changed.ctimeMs = typeof changed.ctimeMs === 'bigint' ? BigInt(Math.floor(ms)) : ms;
	if (changed.ctimeNs !== undefined) changed.ctimeNs = BigInt(Math.floor(ms)) * 1_000_000n;
	return stats;
}

const { O_CREAT, O_EXCL, O_WRONLY, O_RDWR, W_OK } = fs.constants;
const flagsOf = (flags: unknown): number =>
	typeof flags === 'number'
		? flags
		: ({ r: 0, wx: O_CREAT | O_EXCL | O_WRONLY, w: O_CREAT | O_WRONLY }[String(flags)] ?? O_RDWR);

/** What each function of `node:fs` does, at one instant, and to which file. */
function effectOf(user: DiskUser, name: string, args: Args): unknown {
	const now = user.timeOfDay;
	switch (name) {
		case 'open': {
			const isNew = (flagsOf(args[1]) & O_CREAT) !== 0 && !fs.existsSync(args[0] as string);
			const file = fs.openSync(...(args as Parameters<typeof fs.openSync>));
			user.files.add(file);
			if (isNew) setTimes(file, now);
			return file;
		}
		case 'close':
			user.files.delete(args[0] as number);
			fs.closeSync(args[0] as number);
			return;
		case 'readdir':
			return sorted(sync['readdirSync']?.(...args));
		case 'stat':
		case 'lstat':
		case 'fstat':
			return withTimes(sync[`${name}Sync`]?.(...args));
		case 'unlink':
		case 'rm':
		case 'realpath':
		case 'access':
		case 'read':
			return sync[`${name}Sync`]?.(...args);
	}
	const result = sync[`${name}Sync`]?.(...args);
	const target = args[name === 'rename' || name === 'link' ? 1 : 0] as string | number;
	if (WRITES.has(name)) setTimes(target, now);
	else setChanged(target, now);
	return result;
}

const WRITES: ReadonlySet<string> = new Set(['write', 'writev', 'ftruncate']);
const GROWS: ReadonlySet<string> = new Set(['write', 'writev', 'mkdir', 'link']);

const CHANGES: ReadonlySet<string> = new Set([
	'mkdir', 'rename', 'link', 'unlink', 'rm', 'lutimes', 'chmod',
]); // prettier-ignore

function changes(name: string, args: Args): boolean {
	if (name === 'open') return (flagsOf(args[1]) & (O_CREAT | O_WRONLY | O_RDWR)) !== 0;
	if (name === 'access') return (Number(args[1] ?? 0) & W_OK) !== 0;
	return CHANGES.has(name);
}

/** Entries come in an order of the disk's own, which must be the same in every run. */
function sorted(entries: unknown): unknown {
	const nameOf = (entry: unknown) => (typeof entry === 'string' ? entry : (entry as { name: string }).name);
	return (entries as unknown[]).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

const asPath = (value: unknown): { path?: string } =>
	typeof value === 'string' ? { path: real(value) } : {};

/** Entries of open folders are reached through their handles. */
function real(path: string): string {
	const [, handle, rest = ''] = /^\/proc\/self\/fd\/(\d+)(\/.*)?$/.exec(path) ?? [];
	return handle === undefined ? path : `${fs.readlinkSync(`/proc/self/fd/${handle}`)}${rest}`;
}

/** `node:fs` and `node:fs/promises` for one simulated process: the real disk, at instants that a clock decides. */
export function simulatedDisk(user: DiskUser): { fs: object; promises: object } {
	const call = (name: string, args: Args): Promise<unknown> => {
		const creates = name === 'open' && (flagsOf(args[1]) & O_EXCL) !== 0;
		return user.call(() => effectOf(user, name, args), {
			name,
			...asPath(args[0]),
			...(name === 'rename' || name === 'link' ? { to: real(String(args[1])) } : {}),
			grows: GROWS.has(name) || creates,
			creates,
			changes: changes(name, args),
		});
	};

	/** Node's form with a callback. What `promisify` gives for reads and writes has names. */
	const withCallback = (name: string, resultName?: string) => {
		const work = (...args: unknown[]) => {
			const done = args.pop() as (error: unknown, ...results: unknown[]) => void;
			call(name, args).then(
				(result) => (resultName === undefined ? done(null, result) : done(null, result, args[1])),
				(error: unknown) => done(error),
			);
		};
		if (resultName === undefined) return work;
		const promised = async (...args: unknown[]) => ({
			[resultName]: await call(name, args),
			buffer: args[1],
		});
		return Object.assign(work, { [promisify.custom]: promised });
	};

	const functions: Record<string, unknown> = {
		constants: fs.constants,
		readlinkSync: fs.readlinkSync,
		read: withCallback('read', 'bytesRead'),
		write: withCallback('write', 'bytesWritten'),
		writev: withCallback('writev', 'bytesWritten'),
	};
	for (const name of CALLBACKS) functions[name] = withCallback(name);
	functions['createReadStream'] = (path: string, options: object) =>
		fs.createReadStream(path, { ...options, fs: functions as never });

	const promises: Record<string, unknown> = {};
	for (const name of PROMISES) promises[name] = (...args: unknown[]) => call(name, args);
	promises['open'] = async (...args: unknown[]) =>
		new Handle((await call('open', args)) as number, call, functions);
	functions['promises'] = promises;
	return { fs: functions, promises };
}

const CALLBACKS = [
	'open',
	'close',
	'fstat',
	'lstat',
	'stat',
	'futimes',
	'fchmod',
	'fchown',
	'rename',
	'link',
	'unlink',
];
const PROMISES = [
	'lstat', 'stat', 'mkdir', 'realpath', 'unlink', 'readdir', 'rename', 'rm', 'lutimes', 'access', 'chmod',
]; // prettier-ignore

/** As much of a `FileHandle` as the client uses. */
class Handle {
	private end = 0;

	constructor(
		private readonly fd: number,
		private readonly call: (name: string, args: Args) => Promise<unknown>,
		private readonly functions: Record<string, unknown>,
	) {}

	async read(buffer: Buffer, offset: number, length: number, position: number) {
		const bytesRead = await this.call('read', [this.fd, buffer, offset, length, position]);
		return { bytesRead, buffer };
	}

	async readFile(): Promise<Buffer> {
		const { size } = (await this.call('fstat', [this.fd])) as Stats;
		const buffer = Buffer.alloc(size);
		const bytes = (await this.call('read', [this.fd, buffer, 0, size, 0])) as number;
		return buffer.subarray(0, bytes);
	}

	async write(text: string) {
		return { bytesWritten: await this.append(text) };
	}

	async writeFile(text: string): Promise<void> {
		await this.append(text);
	}

	private async append(text: string): Promise<number> {
		const bytes = (await this.call('write', [this.fd, text, this.end])) as number;
		this.end += bytes;
		return bytes;
	}

	truncate(size: number) {
		return this.call('ftruncate', [this.fd, size]);
	}

	sync() {
		return this.call('fsync', [this.fd]);
	}

	stat() {
		return this.call('fstat', [this.fd]);
	}

	close() {
		return this.call('close', [this.fd]);
	}

	createReadStream(options: object) {
		const open = this.functions['createReadStream'] as (path: string, options: object) => unknown;
		// The files of a world are small, and a buffer is made for each.
		return open('', { ...options, fd: this.fd, highWaterMark: 4096 });
	}
}
