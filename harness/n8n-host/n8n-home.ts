import type { IRun } from 'n8n-workflow';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { n8nEnvironment, type N8nSettings } from './environment';
import { installCommunityPackage } from './package-under-test';
import { freePorts } from './ports';
import type { N8nInstallation } from './prepare';
import type { Report } from './report';
import type { WorkflowDefinition } from './rest';
import type { N8nRun } from './run';
import type { Sandbox, SandboxProcess } from './sandbox';

const CLI_MS = 120_000;
const START_MS = 120_000;

/** A credential as `n8n import:credentials` takes it, with its secrets in the clear. */
export interface CredentialDefinition {
	id: string;
	name: string;
	type: string;
	data: object;
}

/** A running n8n process, and for a main process its editor's address. */
export interface StartedN8n {
	url: string;
	process: SandboxProcess;
}

/** One `N8N_USER_FOLDER` and the n8n programs that work on it. */
export class N8nHome {
	constructor(
		readonly installation: N8nInstallation,
		private readonly sandbox: Sandbox,
		readonly settings: N8nSettings,
	) {}

	/** Installs a packed community package, as n8n does for a user. */
	async install(tarball: string, report: Report): Promise<void> {
		await installCommunityPackage(this.installation, this.settings.userFolder, tarball, report);
	}

	/** Imports credentials; those with the same id are replaced. */
	async importCredentials(credentials: readonly CredentialDefinition[]): Promise<void> {
		await this.#import('credentials', credentials);
	}

	/** Imports workflows under ids of the caller's choice; those with the same id are replaced. */
	async importWorkflows(workflows: readonly (WorkflowDefinition & { id: string })[]): Promise<void> {
		await this.#import(
			'workflow',
			// Older n8n has no default for it.
			workflows.map((workflow) => ({ active: false, versionId: workflow.id, settings: {}, ...workflow })),
		);
	}

	/**
	 * Executes an imported workflow with n8n's command line. On a busy machine n8n now and then crashes while it ends,
	 * with or without nodes of a package; by then it has said everything, and only a whole result can be read.
	 *
	 * @throws when the execution ends with an error, with what n8n said.
	 */
	async execute(workflowId: string): Promise<N8nRun> {
		const lines = await this.cli(['execute', `--id=${workflowId}`, '--rawOutput'], 'SIGSEGV');
		const json = lines.slice(lines.indexOf('{'), lines.lastIndexOf('}') + 1).join('\n');
		const { data, status } = JSON.parse(json) as IRun;
		return { id: 'cli', status, resultData: data.resultData };
	}

	/**
	 * Runs n8n's command line to its end and answers the lines of its standard output.
	 *
	 * @param mayEndBy a signal by which it may end as well
	 * @throws when it fails, or takes longer than two minutes.
	 */
	async cli(args: readonly string[], mayEndBy?: NodeJS.Signals): Promise<string[]> {
		const process = await this.#spawn(args, { N8N_LOG_FORMAT: 'text' });
		const timer = setTimeout(() => void process.stop(), CLI_MS);
		const { code, signal } = await process.exited;
		clearTimeout(timer);
		if (code !== 0 && signal !== mayEndBy) {
			throw new Error(`n8n ${args.join(' ')} ended with ${String(code ?? signal)}:\n${process.log.tail()}`);
		}
		return process.log.stdout;
	}

	/** Starts the editor and everything behind it, and waits until it can be used. */
	async start(onLine?: (line: string) => void): Promise<StartedN8n> {
		const port = this.settings.extra?.N8N_PORT ?? String((await freePorts(1))[0]);
		const process = await this.#spawn(['start'], { N8N_PORT: port }, onLine);
		await process.log.waitFor(/Editor is now accessible/, START_MS);
		return { url: `http://127.0.0.1:${port}`, process };
	}

	/** Starts a worker of queue mode, and waits until it takes jobs. */
	async startWorker(): Promise<SandboxProcess> {
		const process = await this.#spawn(['worker'], {});
		await process.log.waitFor(/n8n worker is now ready/i, START_MS);
		return process;
	}

	async #import(kind: 'credentials' | 'workflow', entities: readonly object[]): Promise<void> {
		const file = join(this.settings.userFolder, `import-${kind}.json`);
		await writeFile(file, JSON.stringify(entities));
		await this.cli([`import:${kind}`, `--input=${file}`]);
	}

	async #spawn(
		args: readonly string[],
		env: Readonly<Record<string, string>>,
		onLine?: (line: string) => void,
	): Promise<SandboxProcess> {
		const [brokerPort] = await freePorts(1);
		const { node, n8n } = this.installation;
		return await this.sandbox.spawn(node, [n8n, ...args], {
			cwd: this.settings.userFolder,
			env: {
				...n8nEnvironment(this.installation, this.settings),
				N8N_RUNNERS_BROKER_PORT: String(brokerPort),
				...env,
			},
			...(onLine === undefined ? {} : { onLine }),
		});
	}
}
