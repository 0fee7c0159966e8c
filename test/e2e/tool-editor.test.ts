import { EditorBrowser, type Editor } from './support/editor';
import * as chatList from '../../nodes/BddFile/actions/chat/list.operation';
import * as chatSync from '../../nodes/BddFile/actions/chat/syncToLocal.operation';
import { bddFile, chain } from './support/workflow';
import { useWorld } from './support/world';

/** What the panel of a tool shows below its description: no switch of outputs, as it has but one answer. */
const PANELS = [
	{ operation: 'upload', shows: ['source', 'binaryPropertyName', 'biz', 'chatId', 'bizParams', 'mode'] },
	{ operation: 'download', shows: ['fileId', 'destination', 'binaryPropertyName'] },
	{ operation: 'delete', shows: ['fileId'] },
];

describe("the tool of an AI agent in n8n's editor", () => {
	const world = useWorld();
	let browser: EditorBrowser;
	let editor: Editor;

	beforeAll(async () => {
		browser = await EditorBrowser.open(world().n8n);
		const tools = [
			bddFile('list', 'chat', 'list', { chatId: 'c' }),
			...PANELS.map(({ operation }) => bddFile(operation, 'file', operation)),
		].map((node) => ({ ...node, type: `${node.type}Tool` }));
		editor = await browser.openWorkflow(await world().n8n.rest.createWorkflow(chain('Tools', tools)));
	}, 60_000);

	afterAll(async () => {
		// Missing when it could not be opened.
		await (browser as EditorBrowser | undefined)?.close();
	});

	/** What the open panel says that the model is told. */
	const description = async () =>
		await editor.byTestId('parameter-input-toolDescription').locator('textarea').inputValue();

	test('shows what the model is told, which follows the operation until a person writes something else', async () => {
		await editor.openNode('list');
		expect(await description()).toBe(chatList.forModel);

		const choose = async (name: string) => {
			await editor.byTestId('parameter-input-operation').click();
			await editor.page.getByRole('option', { name }).click();
		};
		await choose('Sync Chat to Folder');
		await editor.byTestId('parameter-input-localDirectory').waitFor();
		expect(await description()).toBe(chatSync.forModel);

		await editor
			.byTestId('parameter-input-toolDescription')
			.locator('textarea')
			.fill('Fetches the contracts');
		await choose('List Files');
		await editor.byTestId('parameter-input-returnAll').waitFor();
		expect(await description()).toBe('Fetches the contracts');
		await editor.closeNode();
	}, 60_000);

	test.each(PANELS)(
		'shows the parameters of $operation',
		async ({ operation, shows }) => {
			await editor.openNode(operation);
			const visible = await editor.visibleParameters();
			const text = await editor.byTestId('ndv').innerText();
			await editor.closeNode();

			expect(visible).toEqual(['resource', 'operation', 'toolDescription', ...shows]);
			expect(text.includes('tool gets no binary data')).toBe(operation === 'upload');
			expect(text.includes('cannot receive the content of a file')).toBe(operation === 'download');
		},
		60_000,
	);
});
