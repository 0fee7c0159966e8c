import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import type { IDataObject, INodeParameters } from 'n8n-workflow';

/** One step of the node, to be run in a process of its own. */
export interface Task {
	baseUrl: string;
	userId: string;
	/** What n8n allows workflows to use. */
	folder: string;
	/** The same in small, run before memory is watched: what is loaded on first use is loaded then. */
	warmUp: INodeParameters;
	parameters: INodeParameters;
}

export interface Report {
	items: IDataObject[];
	/** MiB of resident memory more than before the step, at most. */
	grown: number;
	/** Bytes of all files that n8n has of its own after the step. */
	stored: number;
}

/**
 * Runs the step in n8n's engine in a new process.
 *
 * @param heap `--max-old-space-size`, MiB
 * @param temporaryFolder for everything that n8n writes
 * @throws with what the process said when it fails, runs out of memory or takes longer than ten minutes
 */
export async function runApart(task: Task, heap: number, temporaryFolder: string): Promise<Report> {
	const args = [`--max-old-space-size=${heap}`, '--import', 'tsx', path.join(__dirname, 'main.ts')];
	const { stdout } = await promisify(execFile)(process.execPath, [...args, JSON.stringify(task)], {
		cwd: path.join(__dirname, '../../..'),
		env: { ...process.env, TMPDIR: temporaryFolder, TSX_DISABLE_CACHE: '1' },
		timeout: 600_000,
		killSignal: 'SIGKILL',
	});
	return JSON.parse(stdout.trim().split('\n').pop() ?? '') as Report;
}
