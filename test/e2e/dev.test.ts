import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { N8nRest, prepareN8n, PROJECT_FOLDER, Sandbox } from '../../harness/n8n-host';
import { replaceFile } from '../../harness/n8n-host/dev-folder';
import { WORLD_MS } from './support/world';
import { bddFile, chain, TRIGGER } from './support/workflow';

const START_MS = 180_000;
const RUN_MS = 60_000;
const SOURCE = join(PROJECT_FOLDER, 'nodes/BddFile/BddFile.node.ts');

/** `npm run dev`, in a folder of its own: what is in n8n is made old by hand, and a touched source makes it new again. */
describe('npm run dev', () => {
	let sandbox: Sandbox;

	beforeAll(async () => {
		await prepareN8n();
		sandbox = await Sandbox.open();
	}, WORLD_MS);

	afterAll(() => sandbox.close(), 60_000);

	test(
		'has new code in the running n8n when a source changes: in the panel and in the next execution',
		async () => {
			const folder = join(sandbox.folder, 'dev');
			const dev = await sandbox.spawn(process.execPath, ['--import', 'tsx', 'scripts/dev.ts', folder], {
				cwd: PROJECT_FOLDER,
				env: process.env as Record<string, string>,
			});
			const line = await dev.log.waitFor(/Editor +http/, START_MS);
			const rest = await N8nRest.login(line.trim().split(/ +/)[1] ?? '');
			const installed = join(folder, 'n8n/.n8n/nodes/node_modules/n8n-nodes-bdd-file/dist');
			const workflow = await rest.createWorkflow(
				chain('Ask for no file', [bddFile('Link', 'file', 'getUrl', { fileId: '999' })]),
			);
			/** What the editor shows of the operation, and what an execution says. */
			const code = async () => {
				const types = await fetch(`${rest.url}/types/nodes.json`, { headers: { cookie: rest.cookie } });
				const run = await rest.run(workflow, TRIGGER, RUN_MS);
				return [
					/Get a \w+ link/.exec(await types.text())?.[0],
					/Getting a.* link/.exec(run.resultData.error?.message ?? '')?.[0],
				];
			};
			/** While n8n loads the package anew, it does not know its nodes. */
			const unlessLoading = (error: Error) => {
				if (!error.message.includes('Unrecognized node type')) throw error;
				return [];
			};
			const until = async (expected: string[]) => {
				let seen: unknown[] = [];
				for (const late = Date.now() + RUN_MS; Date.now() < late;) {
					seen = await code().catch(unlessLoading);
					if (String(seen) === String(expected)) return;
					await sleep(200);
				}
				throw new Error(`n8n has ${String(seen)} and not ${String(expected)}:\n${dev.log.tail()}`);
			};
			const rewrite = async (file: string, from: string, to: string) => {
				const text = await readFile(join(installed, file), 'utf8');
				await replaceFile(join(installed, file), text.replaceAll(from, to), sandbox.folder);
			};

			const ours = ['Get a download link', 'Getting a link'];
			expect(await code()).toEqual(ours);
			await rewrite('client/index.js', 'Getting a link', 'Getting a former link');
			await rewrite('nodes/BddFile/BddFile.node.js', 'Get a download link', 'Get a former link');
			await until(['Get a former link', 'Getting a former link']);

			await utimes(SOURCE, new Date(), new Date());
			await until(ours);
			expect(dev.log.lines.join('\n')).not.toMatch(/reload failed/);
		},
		START_MS + 2 * RUN_MS,
	);
});
