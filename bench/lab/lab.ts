import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pythonWith } from '../../test/interop/support/environment';
import type { Report, Task } from '../tasks';
import { buildPrograms, copyPackage, type Programs } from './build';
import { Companion } from './companion';
import { measureCurl } from './curl';
import { childEnvironment } from './environment';
import type { ChatState, Line } from './messages';
import { runProgram, type ProgramOptions } from './program';

/** The version of the published client that all ratios refer to. */
export const PYTHON_CLIENT = '0.7.5';

/** Whose files they are. Beyond 2^53, as real ids are. */
const USER_ID = '1955228426376908801';

export const CONTENDERS = [
	'node',
	'nodeBefore',
	'client',
	'clientBefore',
	'floor',
	'python',
	'httpRequest',
	'curl',
] as const;
export type ContenderName = (typeof CONTENDERS)[number];

/** One temporary folder with everything in it that a benchmark needs; gone when it is closed. */
export class Lab {
	private readonly companions = new Set<Companion>();
	private folders = 0;
	private python: string | undefined;

	private constructor(
		readonly folder: string,
		private readonly programs: Programs,
		private readonly options: ProgramOptions,
		/** The folder of an earlier build: `package.json` and `dist`. */
		private readonly before: string | undefined,
	) {}

	/**
	 * @param signal ends what is being measured
	 * @param before an earlier checkout, built, whose client and node are contenders too
	 */
	static async open(signal: AbortSignal, before?: string): Promise<Lab> {
		const folder = await realpath(await mkdtemp(join(tmpdir(), 'bdd-bench-')));
		try {
			const temporary = join(folder, 'tmp');
			await mkdir(temporary);
			const programs = await buildPrograms(folder);
			const copy = before === undefined ? undefined : join(folder, 'before');
			if (before !== undefined && copy !== undefined) await copyPackage(before, copy);
			return new Lab(folder, programs, { cwd: temporary, env: childEnvironment(temporary), signal }, copy);
		} catch (error) {
			await rm(folder, { recursive: true, force: true });
			throw error;
		}
	}

	/** @throws when a contender cannot run on this machine: that is an error, not a gap in the table */
	async require(contenders: readonly ContenderName[]): Promise<void> {
		if (contenders.includes('python')) this.python = await pythonWith(PYTHON_CLIENT);
		if (contenders.includes('httpRequest')) {
			const { prepareN8n } = await import('../../harness/n8n-host/prepare');
			await prepareN8n();
		}
		if (contenders.includes('curl')) await runProgram('curl', ['--version'], this.options);
	}

	/** These contenders, and ours of an earlier build beside those of today where there is one. */
	withBefore(contenders: readonly ContenderName[]): ContenderName[] {
		if (this.before === undefined) return [...contenders];
		return contenders.flatMap((name) =>
			name === 'node' || name === 'client' ? [name, `${name}Before` as const] : [name],
		);
	}

	/** A path in the temporary folder that nothing uses. */
	path(what: string): string {
		return join(this.folder, `${what}-${++this.folders}`);
	}

	/** A service with a data folder of its own. */
	async service(options: { counting?: boolean } = {}): Promise<Service> {
		const data = this.path('service');
		const args = [data, ...(options.counting ? ['counting'] : [])];
		const companion = await this.companion(this.programs.service, args);
		return new Service(companion, async () => {
			await this.stop(companion);
			await rm(data, { recursive: true, force: true });
		});
	}

	/** A way to a service that costs so many milliseconds per round trip. */
	async proxy(service: Service, milliseconds: number): Promise<Companion> {
		return await this.companion(this.programs.proxy, [service.url, String(milliseconds)]);
	}

	/** A way to a service that carries no more than the line does. */
	async line(service: Service, line: Line): Promise<Companion> {
		return await this.companion(this.programs.line, [service.url, JSON.stringify(line)]);
	}

	private async companion(program: string, args: readonly string[]): Promise<Companion> {
		const companion = await Companion.start(program, args, this.options);
		this.companions.add(companion);
		return companion;
	}

	async stop(companion: Companion): Promise<void> {
		await companion.stop();
		this.companions.delete(companion);
	}

	/** One measurement. @param nodeFlags for contenders that run in Node */
	async measure(
		contender: ContenderName,
		task: Omit<Task, 'userId'>,
		nodeFlags: readonly string[] = [],
	): Promise<Report> {
		const complete: Task = { ...task, userId: USER_ID };
		if (contender === 'curl') return await measureCurl(complete, this.options);
		const text = JSON.stringify(complete);
		const { worker } = this.programs;
		const packageFolder = this.packageFolder(contender);
		const name = contender.replace('Before', '');
		const output =
			contender === 'python'
				? await runProgram(this.pythonPath(), [join(__dirname, '..', 'driver.py'), text], this.options)
				: await runProgram(
						process.execPath,
						[...nodeFlags, worker, name, packageFolder, this.folder, text],
						this.options,
					);
		return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Report;
	}

	async close(): Promise<void> {
		await Promise.all([...this.companions].map((companion) => this.stop(companion)));
		await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
	}

	private packageFolder(contender: ContenderName): string {
		if (contender !== 'nodeBefore' && contender !== 'clientBefore') return this.programs.packageFolder;
		if (this.before === undefined)
			throw new Error(`There is no earlier build for ${contender}: see --before`);
		return this.before;
	}

	private pythonPath(): string {
		if (this.python === undefined) throw new Error('The published client was not prepared');
		return this.python;
	}
}

/** A running service, as the workloads use it beside the measurements. */
export class Service {
	constructor(
		private readonly companion: Companion,
		readonly stop: () => Promise<void>,
	) {}

	get url(): string {
		return this.companion.url;
	}

	async fill(chatId: string, files: { from?: number; count: number; size: number }): Promise<void> {
		await this.companion.ask({ ask: 'fill', chatId, from: 0, ...files });
	}

	async chat(chatId: string): Promise<ChatState> {
		return (await this.companion.ask({ ask: 'chat', chatId })) as ChatState;
	}

	/** Requests by path since the last call. */
	async requests(): Promise<Record<string, number>> {
		return (await this.companion.ask({ ask: 'requests' })) as Record<string, number>;
	}

	/** @throws when the chat does not hold exactly so many complete files, of so many bytes in all */
	async assertChat(chatId: string, files: number, bytes: number): Promise<ChatState> {
		const state = await this.chat(chatId);
		if (state.files !== files || state.bytes !== bytes) {
			throw new Error(
				`The chat has ${state.files} files of ${state.bytes} bytes, expected ${files} of ${bytes}`,
			);
		}
		return state;
	}

	/** Frees the disk of one file. */
	async delete(id: string): Promise<void> {
		const url = `${this.url}/deleteFile?file_id=${id}`;
		const answer = await fetch(url, {
			method: 'DELETE',
			headers: { 'X-User-Id': USER_ID },
			signal: AbortSignal.timeout(60_000),
		});
		if (!answer.ok) throw new Error(`The service does not delete: ${answer.status}`);
	}
}
