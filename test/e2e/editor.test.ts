import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { RESOURCES } from '../../nodes/BddFile/actions/router';
import { EditorBrowser, type Editor } from './support/editor';
import { bddFile, chain, chainWithOutputs, newFile, readFiles, type Step } from './support/workflow';
import { USER_ID, useWorld } from './support/world';

/** What each operation's panel shows below resource and operation, from top to bottom. */
const PANELS: readonly { resource: string; operation: string; shows: readonly string[] }[] = [
	{
		resource: 'file',
		operation: 'upload',
		shows: ['source', 'binaryPropertyName', 'biz', 'chatId', 'bizParams', 'mode', 'splitByStatus'],
	},
	{
		resource: 'file',
		operation: 'download',
		shows: ['fileId', 'destination', 'binaryPropertyName', 'splitByStatus'],
	},
	{ resource: 'file', operation: 'getUrl', shows: ['fileId', 'expiresIn'] },
	{ resource: 'file', operation: 'delete', shows: ['fileId', 'splitByStatus'] },
	{ resource: 'chat', operation: 'list', shows: ['chatId', 'returnAll', 'limit'] },
	{ resource: 'chat', operation: 'syncBoth', shows: ['chatId', 'localDirectory', 'splitByStatus'] },
	{ resource: 'chat', operation: 'syncToLocal', shows: ['chatId', 'localDirectory', 'splitByStatus'] },
	{ resource: 'chat', operation: 'syncToRemote', shows: ['chatId', 'localDirectory', 'splitByStatus'] },
	{ resource: 'directory', operation: 'list', shows: ['returnAll', 'limit', 'name', 'sortBy'] },
	{
		resource: 'directory',
		operation: 'listFiles',
		shows: ['directoryId', 'returnAll', 'limit', 'name', 'sortBy'],
	},
];

test('every operation has its panel below', () => {
	const all = RESOURCES.flatMap(({ entry: resource, operations }) =>
		operations.map(({ entry }) => `${String(resource.value)} ${entry.value}`),
	);
	expect(PANELS.map(({ resource, operation }) => `${resource} ${operation}`).sort()).toEqual(all.sort());
});

const CHAT = 'project-alpha';

describe("the node in n8n's editor", () => {
	const world = useWorld();
	let browser: EditorBrowser;

	/** These files, and one whose upload is not finished. */
	async function fillChat(chatId: string, filenames: readonly string[]): Promise<void> {
		const owner = { chatId, userId: USER_ID };
		for (const [index, filename] of filenames.entries()) {
			const uploadAt = new Date(2026, 2, index + 1).toISOString();
			await world().service.addFile({ ...owner, uploadAt, filename, content: filename.repeat(1000) });
		}
		const unfinished = { filename: '还在上传.mov', status: 'uploading', partSize: 5 << 20 } as const;
		await world().service.addFile({ ...owner, ...unfinished });
	}

	beforeAll(async () => {
		browser = await EditorBrowser.open(world().n8n);
		await fillChat(CHAT, ['会议纪要.md', '季度报告 (终稿).pdf', 'meeting.mp4', '设计稿.zip']);
		await mkdir(join(world().n8n.filesFolder, 'reports'));
		await writeFile(
			join(world().n8n.filesFolder, 'reports', '季度报告.pdf'),
			'Quarterly report\n'.repeat(100),
		);
	}, 60_000);

	afterAll(async () => {
		// Missing when it could not be opened.
		await (browser as EditorBrowser | undefined)?.close();
	});

	const open = async (workflow: ReturnType<typeof chain>): Promise<Editor> =>
		await browser.openWorkflow(await world().n8n.rest.createWorkflow(workflow));

	const reports = (): Step => readFiles(`${world().n8n.filesFolder}/reports/*`);

	test('is found by search in the nodes panel, with its icon and all its actions, and added to the canvas', async () => {
		const editor = await open(chain('Search', []));
		await editor.byTestId('node-creator-plus-button').click();
		await editor.byTestId('node-creator-search-bar').fill('bdd');
		const found = editor.byTestId('item-iterator-item').filter({ hasText: 'BDD File' }).first();
		await found.waitFor();
		const icon = found.locator('img').first();
		expect(await icon.getAttribute('src')).toMatch(/BddFile(?:\.dark)?\.svg$/);
		const { width = 0 } = (await icon.boundingBox()) ?? {};
		expect(width).toBeGreaterThan(10);

		await found.click();
		const actions = editor.byTestId('node-creator-item-name');
		await actions.filter({ hasText: 'Upload a file' }).waitFor();
		await editor.byTestId('node-creator-node-item').first().waitFor({ state: 'detached' });
		expect((await actions.allInnerTexts()).sort()).toEqual([
			'Delete a file',
			'Download a file',
			'Get a download link',
			'List directories',
			'List the files in a directory',
			'List the files of a chat',
			'Sync a chat and a local folder both ways',
			'Sync a chat to a local folder',
			'Sync a local folder to a chat',
			'Upload a file',
		]);
		await editor.page.setViewportSize({ width: 1400, height: 1200 });
		await editor.byTestId('node-creator-category-item').filter({ hasText: 'Triggers (1)' }).click();
		const trigger = editor.byTestId('item-iterator-item').filter({ hasText: 'On new BDD File event' });
		await trigger.waitFor();
		await editor.picture('actions', [
			editor.byTestId('node-creator-category-item').filter({ hasText: 'Actions (10)' }),
			trigger,
		]);
		await actions.filter({ hasText: 'Sync a chat to a local folder' }).click();
		await editor.byTestId('parameter-input-localDirectory').waitFor();
		await editor.closeNode();
		expect(await editor.node('Sync a chat to a local folder').count()).toBe(1);
	}, 60_000);

	describe('shows exactly the parameters of', () => {
		const nameOf = ({ resource, operation }: (typeof PANELS)[number]): string => `${resource}: ${operation}`;
		let editor: Editor;

		beforeAll(async () => {
			editor = await open(
				chain(
					'Panels',
					PANELS.map((panel) => bddFile(nameOf(panel), panel.resource, panel.operation)),
				),
			);
		}, 60_000);

		test.each(PANELS.map((panel) => [nameOf(panel), panel.shows] as const))(
			'%s',
			async (name, shows) => {
				await editor.openNode(name);
				const visible = await editor.visibleParameters();
				await editor.closeNode();
				expect(visible).toEqual(['resource', 'operation', ...shows]);
			},
			60_000,
		);
	});

	test('offers the newest files to pick from, and takes the one that is picked', async () => {
		const parameters = { fileId: { __rl: true, mode: 'list', value: '' } };
		const editor = await open(chain('Pick', [bddFile('BDD File', 'file', 'getUrl', parameters)]));
		await editor.page.setViewportSize({ width: 1400, height: 620 });
		await editor.openNode('BDD File');
		await editor.byTestId('rlc-input').first().click();
		await editor.byTestId('rlc-item').filter({ hasText: '季度报告 (终稿).pdf' }).first().waitFor();
		await editor.picture('file-picker', [editor.byTestId('node-parameters')]);
		await editor.byTestId('rlc-item').filter({ hasText: '季度报告 (终稿).pdf' }).first().click();
		expect(await editor.executeStep()).toMatchObject([
			{ status: 'success', url: expect.stringMatching(/^http/) as string },
		]);
	}, 60_000);

	test('uploads with "Execute step" and shows the new file', async () => {
		const editor = await open(
			chain('Upload', [reports(), bddFile('BDD File', 'file', 'upload', { chatId: CHAT })]),
		);
		await editor.openNode('BDD File');
		const [row] = await editor.executeStep();
		expect(row).toMatchObject({ status: 'success', fileName: '季度报告.pdf', mode: 'simple' });
		await editor.picture('node-upload', [editor.byTestId('ndv')]);
		const stored = world()
			.service.files()
			.find(({ id }) => id === row?.fileId);
		expect(stored).toMatchObject({ filename: '季度报告.pdf', chatId: CHAT, status: 'ok' });
	}, 60_000);

	test('syncs with "Execute step" and shows what became of each file, and why', async () => {
		const chatId = 'project-beta';
		await fillChat(chatId, ['会议纪要.md', '季度报告 (终稿).pdf', 'draft/plan.txt']);
		const localDirectory = join(world().n8n.filesFolder, chatId);
		const editor = await open(
			chain('Sync', [bddFile('BDD File', 'chat', 'syncToLocal', { chatId, localDirectory })]),
		);
		await editor.page.setViewportSize({ width: 1900, height: 620 });
		await editor.openNode('BDD File');
		const rows = await editor.executeStep();
		await editor.picture('sync-output', [editor.byTestId('output-panel')]);
		expect(rows.map(({ status, fileName, reason, error }) => [status, fileName, reason, error])).toEqual([
			['success', '会议纪要.md', 'undefined', 'undefined'],
			['success', '季度报告 (终稿).pdf', 'undefined', 'undefined'],
			[
				'failed',
				'draft/plan.txt',
				'undefined',
				'The remote name "draft/plan.txt" holds a path separator ("/")',
			],
			['skipped', '还在上传.mov', 'The upload of this file is not finished (status uploading)', 'undefined'],
		]);
	}, 60_000);

	test('shows an error, and below it what to do about it', async () => {
		const localDirectory = '/data/project-alpha';
		const editor = await open(
			chain('Forbidden', [bddFile('BDD File', 'chat', 'syncToLocal', { chatId: CHAT, localDirectory })]),
		);
		await editor.page.setViewportSize({ width: 1400, height: 660 });
		await editor.openNode('BDD File');
		await editor.byTestId('node-execute-button').click();
		const message = editor.byTestId('node-error-message');
		await message.waitFor();
		await editor.page.locator('.el-notification__closeBtn').click();
		await editor.picture('error', [editor.byTestId('node-parameters'), editor.byTestId('output-panel')]);
		expect(await message.innerText()).toBe(
			`Local Folder "${localDirectory}" is not one that n8n allows workflows to use`,
		);
		expect(await editor.byTestId('node-error-description').innerText()).toContain(
			'Whoever runs n8n can allow more with the environment variable N8N_RESTRICT_FILE_ACCESS_TO',
		);
	}, 60_000);

	test('shows three named outputs on the canvas when they are switched on, and what came out of each', async () => {
		const chatId = 'project-delta';
		await fillChat(chatId, ['会议纪要.md', '季度报告 (终稿).pdf', 'draft/plan.txt']);
		const sync = { chatId, localDirectory: join(world().n8n.filesFolder, chatId) };
		const editor = await open(
			chainWithOutputs(
				'Keep a chat and a folder in step',
				[bddFile('Sync Chat to Folder', 'chat', 'syncToLocal', sync, { executeOnce: true })],
				['Announce New Files', 'Look at Them Later', 'Alert'],
				newFile({ chatId }),
			),
		);
		const outputs = editor.node('Sync Chat to Folder').locator('[data-test-id="canvas-node-output-handle"]');
		expect(await outputs.count()).toBe(1);
		await editor.openNode('Sync Chat to Folder');
		await editor.byTestId('parameter-input-splitByStatus').click();
		await editor.closeNode();
		expect((await outputs.allInnerTexts()).map((label) => label.trim())).toEqual([
			'Success',
			'Skipped',
			'Failed',
		]);

		await editor.byTestId('execute-workflow-button').click();
		await editor.page.getByText('Workflow executed successfully').first().waitFor();
		const counts = editor.byTestId('edge-label').filter({ hasText: 'item' });
		await counts.nth(3).waitFor();
		expect((await counts.allInnerTexts()).map((label) => label.trim())).toEqual([
			'1 item',
			'2 items',
			'1 item',
			'1 item',
		]);
		const canvas = editor.byTestId('canvas');
		await canvas.locator('.vue-flow__pane').click({ position: { x: 40, y: 40 } });
		const texts = [
			`new files in chat ${chatId}`,
			'Sync a chat to a local folder',
			'Announce New Files',
			'Look at Them Later',
			'Alert',
		].map((text) => canvas.getByText(text, { exact: true }));
		await editor.picture('canvas', [...(await editor.byTestId('canvas-node').all()), ...texts], 30);
	}, 60_000);

	// The last test: it takes the service away.
	test('tests the credential: green with the service, red with a readable reason without', async () => {
		const editor = await open(chain('Credential', [bddFile('BDD File', 'chat', 'list', { chatId: CHAT })]));
		await editor.openNode('BDD File');
		await editor.byTestId('credential-edit-button').click();
		await editor.byTestId('credentials-config-container-test-success').waitFor();
		await editor.picture(
			'credential',
			[editor.byTestId('credential-name'), editor.byTestId('credential-edit-dialog')],
			24,
		);

		await world().service.close();
		await editor.page.getByRole('button', { name: 'Retry' }).click();
		const dialog = editor.byTestId('credential-edit-dialog');
		await dialog.getByText('Couldn’t connect with these settings').waitFor();
		await dialog.getByText('More details').click();
		await dialog.getByText('Check that the service runs').waitFor();
		expect(await dialog.innerText()).toContain('the service refused the connection');
	}, 60_000);
});
