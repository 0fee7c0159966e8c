import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { ICredentialType, IDataObject, INode, INodeType } from 'n8n-workflow';

import { Engine, type EngineRun, type InputItem } from '../../harness/engine';
import type { Outcome, Setting, Work } from '../tasks';

const TRIGGER = 'Trigger';
const STEP = 'Step';

/** A node of a workflow, without its place in it. */
export interface Step {
	type: string;
	typeVersion: number;
	parameters: IDataObject;
}

/** What the node needs besides its parameters. */
export interface EngineParts {
	nodes: Record<string, INodeType>;
	credentialTypes: ICredentialType[];
}

/** The real engine of n8n with one node behind a trigger; binary data in n8n's default filesystem mode. */
export class OneNodeEngine {
	private constructor(private readonly engine: Engine) {}

	static async start(setting: Setting, parts: EngineParts): Promise<OneNodeEngine> {
		const { url: baseUrl, userId, temporaryFolder } = setting;
		const engine = await Engine.start({
			...parts,
			credentials: { bench: { profile: 'custom', baseUrl, userId } },
			allowedFolders: [temporaryFolder],
		});
		return new OneNodeEngine(engine);
	}

	/**
	 * Runs the node once over the input, which becomes n8n's binary data first.
	 *
	 * @param isDone whether an output item stands for work that was done
	 * @throws when the execution fails, or an item says that its file failed
	 */
	async run(step: Step, input: InputItem[], isDone: (json: IDataObject) => boolean): Promise<Outcome> {
		const hasFiles = input.some(({ files }) => files !== undefined);
		const run = await this.engine.run(workflowOf(step), { input });
		if (run.error) throw run.error;
		const items = run.items(STEP);
		const failed = items.find(({ json }) => !isDone(json));
		if (failed) throw new Error(`An item failed: ${JSON.stringify(failed.json).slice(0, 500)}`);
		// With files, the run began by storing them, which is not the node's work: then n8n's own figure for the node counts.
		return { files: items.length, ...(hasFiles && { seconds: secondsOf(run) }) };
	}

	async close(): Promise<void> {
		await this.engine.close();
	}
}

/** One item without files, for work that needs none. */
const NO_FILES: InputItem[] = [{}];

/** What a run of this work starts from. Large files are opened only when the run stores them. */
export async function inputOf(work: Work): Promise<InputItem[]> {
	switch (work.verb) {
		case 'upload': {
			const { size } = await stat(work.path);
			const content = createReadStream(work.path, { highWaterMark: 1024 * 1024 });
			return [{ json: { size }, files: { data: { fileName: basename(work.path), content } } }];
		}
		case 'uploadItems': {
			const names = (await readdir(work.folder)).sort();
			return await Promise.all(
				names.map(async (fileName) => {
					const content = await readFile(join(work.folder, fileName));
					return { json: { size: content.length }, files: { data: { fileName, content } } };
				}),
			);
		}
		case 'syncToLocal':
		case 'syncToRemote':
		case 'syncUnchanged':
		case 'list':
			return NO_FILES;
		case 'download':
			// As a list of the chat would give it.
			return [{ json: { id: work.fileId, filename: basename(work.path), status: 'ok', ...work.expected } }];
	}
}

function secondsOf(run: EngineRun): number {
	const task = run.raw.data.resultData.runData[STEP]?.at(-1);
	if (!task) throw new Error('The node did not run');
	return task.executionTime / 1000;
}

function workflowOf({ type, typeVersion, parameters }: Step) {
	const nodes: INode[] = [
		{
			id: TRIGGER,
			name: TRIGGER,
			type: 'n8n-nodes-base.manualTrigger',
			typeVersion: 1,
			position: [0, 0],
			parameters: {},
		},
		{
			id: STEP,
			name: STEP,
			type,
			typeVersion,
			position: [200, 0],
			parameters: parameters as INode['parameters'],
			credentials: { bddFileApi: { id: 'bench', name: 'bench' } },
		},
	];
	return {
		name: 'Benchmark',
		nodes,
		connections: { [TRIGGER]: { main: [[{ node: STEP, type: 'main' as const, index: 0 }]] } },
	};
}
