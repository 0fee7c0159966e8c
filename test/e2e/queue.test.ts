import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { useQueue } from './support/queue';
import { bddFile, chain, textFile, TRIGGER } from './support/workflow';
import { jsonOf, outputOf } from './support/world';

const EXECUTIONS = 20;
const SYNCED_FILES = 300;
const KILL_AFTER_FILES = 40;

describe('the package in n8n in queue mode, with two workers', () => {
	const queue = useQueue('/uploadSimpleFile');

	test('executes upload, list and download twenty times, on both workers, with the right bytes', async () => {
		const { n8n, service, startedBy } = queue();
		const texts = Array.from({ length: EXECUTIONS }, (_, index) =>
			`第 ${String(index)} 个文件\n`.repeat(5000),
		);
		const ids = await Promise.all(
			texts.map(async (text, index) => {
				const chatId = `queue-${String(index)}`;
				const workflow = await n8n.rest.createWorkflow(
					chain(`Queue ${String(index)}`, [
						...textFile(`文件-${String(index)}.txt`, text),
						bddFile('Upload', 'file', 'upload', { chatId }),
						bddFile('List', 'chat', 'list', { chatId }),
						bddFile('Download', 'file', 'download'),
					]),
				);
				return await n8n.rest.start(workflow, TRIGGER);
			}),
		);

		for (const [index, id] of ids.entries()) {
			const run = await n8n.rest.finished(id, 120_000);
			expect(run.status).toBe('success');
			const [downloaded] = outputOf(run, 'Download');
			const expected = Buffer.from(texts[index] ?? '');
			expect(downloaded?.json).toMatchObject({
				status: 'success',
				fileName: `文件-${String(index)}.txt`,
				size: expected.length,
			});
			const binaryId = downloaded?.binary?.data?.id ?? '';
			expect(binaryId).toMatch(/^database:/);
			expect(await n8n.rest.binary(binaryId)).toEqual(expected);
			const stored = service.files().find(({ chatId }) => chatId === `queue-${String(index)}`);
			expect(await service.readFile(stored?.id ?? '')).toEqual(expected);
		}
		const shares = [startedBy(0), startedBy(1)];
		expect(shares.flat().sort()).toEqual([...ids].sort());
		expect(shares.every((share) => share.length > 0)).toBe(true);
	}, 240_000);

	test('completes a sync whose worker was killed in the middle, without doubles', async () => {
		const { n8n, service, requests, startedBy } = queue();
		const localDirectory = join(n8n.sharedFolder, 'to-sync');
		await mkdir(localDirectory);
		const names = Array.from({ length: SYNCED_FILES }, (_, index) => `文件 ${String(index)}.txt`);
		await Promise.all(names.map((name) => writeFile(join(localDirectory, name), `content of ${name}`)));
		const parameters = { chatId: 'queue-sync', localDirectory, options: { concurrency: 2 } };
		const workflow = await n8n.rest.createWorkflow(
			chain('Sync', [bddFile('Sync', 'chat', 'syncToRemote', parameters)]),
		);

		const before = requests();
		const first = await n8n.rest.start(workflow, TRIGGER);
		const deadline = Date.now() + 60_000;
		while (requests() - before < KILL_AFTER_FILES && Date.now() < deadline) await sleep(5);
		const victim = [0, 1].find((worker) => startedBy(worker).includes(first));
		await n8n.workers[victim ?? -1]?.kill();
		const halfway = service.files().filter(({ chatId }) => chatId === 'queue-sync').length;
		expect(halfway).toBeGreaterThanOrEqual(KILL_AFTER_FILES / 2);
		expect(halfway).toBeLessThan(SYNCED_FILES);

		const second = await n8n.rest.run(workflow, TRIGGER, 120_000);

		expect(startedBy(victim === 0 ? 1 : 0)).toContain(second.id);
		const results = jsonOf(second, 'Sync');
		expect(results).toHaveLength(SYNCED_FILES);
		const skipped = results.filter(({ status }) => status === 'skipped').length;
		// What the worker had sent when it was killed may have arrived after `halfway` was counted.
		expect(skipped).toBeGreaterThanOrEqual(halfway);
		expect(results.filter(({ status }) => status === 'success')).toHaveLength(SYNCED_FILES - skipped);
		const stored = service.files().filter(({ chatId }) => chatId === 'queue-sync');
		expect(stored.map(({ filename }) => filename).sort()).toEqual([...names].sort());
		for (const { id, filename, status } of stored) {
			expect(status).toBe('ok');
			expect((await service.readFile(id)).toString()).toBe(`content of ${filename}`);
		}
	}, 240_000);
});
