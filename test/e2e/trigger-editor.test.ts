import { EditorBrowser, type Editor } from './support/editor';
import { watching } from './support/watching';
import { bddFile, chain, newFile } from './support/workflow';
import { USER_ID, useWorld } from './support/world';

const CHAT = 'project-alpha';
const EVERY_MINUTE = { item: [{ mode: 'everyMinute' }] };

describe("the trigger in n8n's editor", () => {
	const world = useWorld();
	let browser: EditorBrowser;

	beforeAll(async () => {
		browser = await EditorBrowser.open(world().n8n);
		for (const filename of ['会议纪要.md', '季度报告 (终稿).pdf']) {
			await world().service.addFile({ filename, content: filename, chatId: CHAT, userId: USER_ID });
		}
	}, 60_000);

	afterAll(async () => {
		// Missing when it could not be opened.
		await (browser as EditorBrowser | undefined)?.close();
	});

	const open = async (parameters: object): Promise<Editor> => {
		const workflow = watching('Watch', { pollTimes: EVERY_MINUTE, ...parameters }, []);
		const editor = await browser.openWorkflow(await world().n8n.rest.createWorkflow(workflow));
		await editor.openNode('New File');
		return editor;
	};

	test('shows what is to be filled in for what is watched, and a field for the content when it is wanted', async () => {
		const editor = await open({ chatId: CHAT });
		// Less what n8n asks about the times of polls.
		const own = async () =>
			(await editor.visibleParameters()).filter((name) => !['mode', 'item'].includes(name));
		expect(await own()).toEqual(['watch', 'chatId', 'downloadFiles']);

		await editor.byTestId('parameter-input-downloadFiles').click();
		await editor.byTestId('parameter-input-binaryPropertyName').waitFor();
		expect(await own()).toEqual(['watch', 'chatId', 'downloadFiles', 'binaryPropertyName']);

		await editor.byTestId('parameter-input-watch').click();
		await editor.page.locator('.el-select-dropdown__item:visible').filter({ hasText: 'Directory' }).click();
		await editor.byTestId('parameter-input-directoryId').waitFor();
		expect(await own()).toEqual(['watch', 'directoryId', 'downloadFiles', 'binaryPropertyName']);
	}, 60_000);

	test('says before the first run what it does and what to do, and then shows the newest file', async () => {
		const editor = await open({ chatId: CHAT });
		const text = async () => (await editor.byTestId('ndv').innerText()).replace(/\s+/g, ' ');
		expect(await text()).toContain('Starts when a new file is there');
		expect(await text()).toContain('Fetch Test Event');
		expect(await text()).toContain('publish it: new files start it from then on');
		await editor.page.getByText('When will this node trigger my flow?').click();
		await editor.page.getByText('it shows the newest file and changes nothing').waitFor();
		await editor.picture('trigger-panel', [editor.byTestId('ndv')]);

		const [row] = await editor.executeStep();
		expect(row).toMatchObject({ filename: '季度报告 (终稿).pdf', status: 'ok' });
	}, 60_000);

	test('starts the workflow by hand with the newest file', async () => {
		const steps = [bddFile('Download', 'file', 'download'), bddFile('Get Link', 'file', 'getUrl')];
		const workflow = chain('Try', steps, newFile({ pollTimes: EVERY_MINUTE, chatId: CHAT }));
		const editor = await browser.openWorkflow(await world().n8n.rest.createWorkflow(workflow));
		const canvas = editor.byTestId('canvas');
		const start = editor.byTestId('execute-workflow-button-New File');
		const texts = [`new files in chat ${CHAT}`, 'Download a file', 'Get a download link'].map((text) =>
			canvas.getByText(text, { exact: true }),
		);
		const nodes = await editor.byTestId('canvas-node').all();
		const counts = editor.byTestId('edge-label').filter({ hasText: '1 item' });
		await editor.film(
			'trigger',
			[...nodes, ...texts, start],
			async () => {
				await editor.node('New File').hover();
				await start.click();
				await counts.nth(1).waitFor();
				await editor.node('Get Link').locator('[data-test-id="canvas-node-status-success"]').waitFor();
			},
			44,
		);
		expect(await counts.count()).toBe(2);

		await editor.openNode('Download');
		await editor.byTestId('output-panel').getByText('季度报告 (终稿).pdf').first().waitFor();
	}, 90_000);
});
