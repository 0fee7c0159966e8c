import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { startFaultProxy } from '../../harness/fault-proxy';
import { activate, executionsOf, until } from './support/watching';
import { bddFile, chain, TRIGGER } from './support/workflow';
import { jsonOf, USER_ID, useWorld } from './support/world';

const FILES = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt', 'f.txt'];
const INTERVAL_S = 2;
const UPLOAD_MS = 5_000;

/** So many executions must have ended: the first, those that came while it uploaded, and later ones. */
const EXECUTIONS = 5;

describe('a schedule that is shorter than its sync', () => {
	const world = useWorld();

	test('has each file in the chat once', async () => {
		const chatId = 'c-schedule';
		const localDirectory = join(world().n8n.filesFolder, 'scheduled');
		await mkdir(localDirectory);
		await Promise.all(FILES.map((name) => writeFile(join(localDirectory, name), `of ${name}`)));
		const proxy = await startFaultProxy({ target: world().service.url });
		try {
			proxy.script({ on: 'POST /uploadSimpleFile', times: Infinity, wait: UPLOAD_MS });
			const { rest } = world().n8n;
			const name = 'Slow service';
			const data = { profile: 'custom', baseUrl: proxy.url, userId: USER_ID };
			const id = await rest.createCredential(name, 'bddFileApi', data);
			const workflow = chain('Every two seconds', [
				bddFile(
					'Sync',
					'chat',
					'syncToRemote',
					{ chatId, localDirectory, options: { output: 'summary' } },
					{ credentials: { bddFileApi: { id, name } } },
				),
			]);
			const nodes = workflow.nodes.map((node) =>
				node.name === TRIGGER
					? {
							...node,
							type: 'n8n-nodes-base.scheduleTrigger',
							typeVersion: 1.2,
							parameters: { rule: { interval: [{ field: 'seconds', secondsInterval: INTERVAL_S }] } },
						}
					: node,
			);
			const workflowId = await activate(rest, { ...workflow, nodes });
			await until(async () => (await executionsOf(rest, workflowId)).length >= EXECUTIONS);
			await rest.request('POST', `/rest/workflows/${workflowId}/deactivate`);

			const executions = await executionsOf(rest, workflowId);
			const runs = await Promise.all(executions.map((execution) => rest.finished(execution.id, 120_000)));
			const uploaded = world()
				.service.files()
				.filter((file) => file.chatId === chatId)
				.map(({ filename, status }) => [filename, status]);
			expect(uploaded.sort()).toEqual(FILES.map((file) => [file, 'ok']));
			const summaries = runs.flatMap((run) => jsonOf(run, 'Sync'));
			expect(summaries.map(({ status, total }) => [status, total])).toEqual(
				runs.map(() => ['success', FILES.length]),
			);
			expect(summaries.map((summary) => Number(summary.uploaded)).sort((a, b) => b - a)).toEqual([
				FILES.length,
				...runs.slice(1).map(() => 0),
			]);
		} finally {
			await proxy.close();
		}
	}, 180_000);
});
