import { EditorBrowser, type Editor } from './support/editor';
import { bddFile, chain } from './support/workflow';
import { USER_ID, useWorld } from './support/world';

/** More than one page of the service's list. */
const FILES = 150;

describe("choices in n8n's editor", () => {
	const world = useWorld();
	let browser: EditorBrowser;

	beforeAll(async () => {
		browser = await EditorBrowser.open(world().n8n);
		for (let i = 0; i < FILES; i++) {
			const uploadAt = new Date(i * 1000).toISOString();
			await world().service.addFile({
				filename: `file-${i}.txt`,
				chatId: 'picker',
				userId: USER_ID,
				uploadAt,
			});
		}
	}, 60_000);

	afterAll(async () => {
		// Missing when it could not be opened.
		await (browser as EditorBrowser | undefined)?.close();
	});

	const open = async (name: string, operation: string, parameters = {}): Promise<Editor> => {
		const workflow = chain(name, [bddFile('BDD File', 'file', operation, parameters)]);
		const editor = await browser.openWorkflow(await world().n8n.rest.createWorkflow(workflow));
		await editor.openNode('BDD File');
		return editor;
	};

	test('a file is picked from the newest, from the pages behind them, or from those that a name finds', async () => {
		const editor = await open('Pick', 'getUrl', { fileId: { __rl: true, mode: 'list', value: '' } });
		const files = editor.byTestId('rlc-item');
		await editor.byTestId('rlc-input').first().click();
		await files.first().waitFor();
		expect(await files.first().innerText()).toContain(`file-${FILES - 1}.txt`);

		const oldest = files.filter({ hasText: 'file-0.txt' });
		// Each look at the end of the list has the editor fetch the page behind it.
		while ((await oldest.count()) === 0) await files.last().hover();

		await editor.byTestId('rlc-search').fill('file-77');
		await files.filter({ hasText: `file-${FILES - 1}.txt` }).waitFor({ state: 'detached' });
		await files.filter({ hasText: 'file-77.txt' }).click();
		expect(await editor.executeStep()).toMatchObject([
			{ status: 'success', url: expect.stringMatching(/^http/) as string },
		]);
	}, 60_000);

	test('every business shows what it needs, and the one of the credential, which may be any, all of it', async () => {
		const editor = await open('Business', 'upload');
		const shown = async () =>
			(await editor.visibleParameters()).filter((name) => ['chatId', 'bizParams'].includes(name));
		const choose = async (business: string) => {
			await editor.byTestId('parameter-input-biz').click();
			await editor.page.getByRole('option', { name: business }).click();
		};

		expect(await shown()).toEqual(['chatId', 'bizParams']);
		await choose('Chat');
		await editor.byTestId('parameter-input-bizParams').waitFor({ state: 'detached' });
		expect(await shown()).toEqual(['chatId']);
		await choose('Knowledge Base');
		await editor.byTestId('parameter-input-chatId').waitFor({ state: 'detached' });
		expect(await shown()).toEqual(['bizParams']);
		await choose('From Credential');
		await editor.byTestId('parameter-input-chatId').waitFor();
		expect(await shown()).toEqual(['chatId', 'bizParams']);
	}, 60_000);
});
