import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { exampleFiles, readExample } from '../../harness/n8n-host';
import { useWorld } from './support/world';

const MANUAL_TRIGGER = 'n8n-nodes-base.manualTrigger';

describe('the example workflows', () => {
	const world = useWorld();

	test('all run to their end as they are, and leave their files where they say', async () => {
		const files = await exampleFiles();
		expect(files.length).toBeGreaterThan(0);
		const { filesFolder, rest } = world().n8n;
		await mkdir(join(filesFolder, 'outbox'));
		await writeFile(join(filesFolder, 'outbox', '周报.txt'), 'weekly report');

		const ends: Record<string, string> = {};
		for (const file of files) {
			const example = await readExample(file, filesFolder);
			const trigger = example.nodes.find(({ type }) => type === MANUAL_TRIGGER);
			const run = await rest.run(await rest.createWorkflow(example), trigger?.name ?? '', 60_000);
			ends[file] = run.resultData.error?.message ?? run.status;
		}

		expect(ends).toEqual(Object.fromEntries(files.map((file) => [file, 'success'])));
		expect(
			world()
				.service.files()
				.map(({ filename }) => filename),
		).toContain('周报.txt');
		expect(world().unexpectedInLog()).toEqual([]);
	}, 120_000);
});
