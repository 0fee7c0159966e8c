/**
 * One step of the node, as it is built, in n8n's engine in a process of its own: `main.ts <task as JSON>`. The line it
 * prints is the report.
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { MemoryWatch } from '../../../bench/memory-watch';
import { Engine, loadPackage } from '../../../harness/engine';
import type { Report, Task } from './apart';

const NAME = 'BDD File';

async function main(): Promise<Report> {
	const { baseUrl, userId, folder, warmUp, parameters } = JSON.parse(process.argv[2] ?? '{}') as Task;
	const engine = await Engine.start({
		...(await loadPackage(process.cwd())),
		credentials: { local: { profile: 'custom', baseUrl, userId } },
		allowedFolders: [folder],
	});
	const run = async (step: Task['parameters']) => {
		const result = await engine.run(workflowOf(step));
		if (result.error) throw result.error;
		return result.items(NAME).map(({ json }) => json);
	};
	try {
		await run(warmUp);
		const watch = new MemoryWatch();
		const items = await run(parameters);
		const { before, peak } = watch.stop();
		return { items, grown: peak - before, stored: await bytesBelow(path.dirname(engine.filesFolder)) };
	} finally {
		await engine.close();
	}
}

/** All that n8n has written, its binary storage among it. */
async function bytesBelow(folder: string): Promise<number> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const sizes = entries
		.filter((entry) => entry.isFile())
		.map(async ({ parentPath, name }) => (await stat(path.join(parentPath, name))).size);
	return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function workflowOf(parameters: Task['parameters']) {
	const node = { typeVersion: 1, position: [0, 0] as [number, number] };
	return {
		name: 'Apart',
		nodes: [
			{ ...node, id: '1', name: 'Start', type: 'n8n-nodes-base.manualTrigger', parameters: {} },
			{
				...node,
				id: '2',
				name: NAME,
				type: 'n8n-nodes-bdd-file.bddFile',
				parameters,
				credentials: { bddFileApi: { id: 'local', name: 'local' } },
			},
		],
		connections: { Start: { main: [[{ node: NAME, type: 'main' as const, index: 0 }]] } },
	};
}

void main().then((report) => {
	process.stdout.write(`${JSON.stringify(report)}\n`);
});
