import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { EditorBrowser, type Editor } from './support/editor';
import { bddFile, chain } from './support/workflow';
import { USER_ID, useWorld } from './support/world';

const OPTIONS = {
	conflict: 'keepBoth',
	ifRunning: 'wait',
	maxDelete: 50,
	output: 'all',
	propagateDeletes: true,
	trashDays: 30,
};

describe("syncs in n8n's editor", () => {
	const world = useWorld();
	let browser: EditorBrowser;

	beforeAll(async () => {
		browser = await EditorBrowser.open(world().n8n);
	}, 60_000);

	afterAll(async () => {
		// Missing when it could not be opened.
		await (browser as EditorBrowser | undefined)?.close();
	});

	const open = async (workflow: ReturnType<typeof chain>): Promise<Editor> =>
		await browser.openWorkflow(await world().n8n.rest.createWorkflow(workflow));

	test('sync both ways shows its options, and what became of each file, a conflict and a failure among them', async () => {
		const chatId = 'project-gamma';
		const localDirectory = join(world().n8n.filesFolder, chatId);
		await mkdir(localDirectory);
		const edited = join(localDirectory, '周报.md');
		await writeFile(edited, 'as the folder has it');
		await utimes(edited, 1e9, 1e9);
		await writeFile(join(localDirectory, '新文件.txt'), 'only in the folder');
		for (const filename of ['周报.md', 'meeting.mov', 'draft/plan.txt']) {
			await world().service.addFile({ filename, content: filename.repeat(100), chatId, userId: USER_ID });
		}
		const editor = await open(
			chain('Sync', [bddFile('BDD File', 'chat', 'syncBoth', { chatId, localDirectory, options: OPTIONS })]),
		);
		await editor.page.setViewportSize({ width: 1900, height: 900 });
		await editor.openNode('BDD File');
		const rows = await editor.executeStep();

		const nameOf = (fileName = '') => fileName.replace(/\d+/, 'id');
		expect(rows.map(({ fileName, status, action }) => [nameOf(fileName), status, action]).sort()).toEqual(
			[
				['draft/plan.txt', 'failed', 'none'],
				['meeting.mov', 'success', 'downloaded'],
				['周报 (conflict id).md', 'success', 'downloaded'],
				['周报.md', 'success', 'conflict'],
				['新文件.txt', 'success', 'uploaded'],
			].sort(),
		);
		await editor.picture('sync-both-ways', [
			editor.byTestId('node-parameters'),
			editor.byTestId('output-panel'),
		]);
		const panel = editor.byTestId('node-parameters');
		for (const label of [
			'If Already Running',
			'Max Delete (%)',
			'On Conflict',
			'Output',
			'Propagate Deletions',
			'Days in Trash',
		]) {
			await panel.getByText(label, { exact: true }).first().waitFor();
		}
	}, 90_000);

	test('the menus say what goes where', async () => {
		const editor = await open(chain('Menu', [bddFile('BDD File', 'chat', 'syncBoth', { chatId: 'x' })]));
		await editor.openNode('BDD File');
		await editor.byTestId('parameter-input-operation').click();
		const entries = editor.page.locator('.el-select-dropdown__item:visible');
		await entries.filter({ hasText: 'Sync Chat to Folder' }).waitFor();
		const texts = (await entries.allInnerTexts()).map((text) => text.split('\n')[0]?.trim());
		const menu = editor.page.locator('.el-popper:visible').filter({ has: entries }).first();
		await editor.picture('sync-menu', [editor.byTestId('parameter-input-operation'), menu], 36);

		expect(texts.slice(0, 4)).toEqual([
			'List Files',
			'Sync Both Ways',
			'Sync Chat to Folder',
			'Sync Folder to Chat',
		]);
	}, 60_000);
});
