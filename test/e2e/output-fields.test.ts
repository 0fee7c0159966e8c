import { RESOURCES } from '../../nodes/BddFile/actions/router';
import { EditorBrowser } from './support/editor';
import { bddFile, chain } from './support/workflow';
import { useWorld } from './support/world';

describe("the fields of an operation's output in n8n's editor, before it has run", () => {
	const world = useWorld();

	test('n8n gives its editor those of every operation', async () => {
		const { url } = world().n8n;
		for (const { entry: resource, operations } of RESOURCES) {
			for (const { entry } of operations) {
				const file = `${String(resource.value)}/${entry.value}.json`;
				const answer = await fetch(`${url}/schemas/n8n-nodes-bdd-file.bddFile/1.0.0/${file}`);
				expect([file, answer.status]).toEqual([file, 200]);
				expect(await answer.json()).toMatchObject({ type: 'object', properties: {} });
			}
		}
	});

	test('the next node shows them, to be dragged into its parameters', async () => {
		const browser = await EditorBrowser.open(world().n8n);
		try {
			const next = bddFile('Next', 'file', 'delete');
			const link = bddFile('Link', 'file', 'getUrl', { fileId: { __rl: true, mode: 'id', value: '42' } });
			const workflow = chain('Fields', [link, next]);
			const editor = await browser.openWorkflow(await world().n8n.rest.createWorkflow(workflow));
			await editor.openNode('Next');
			const input = editor.byTestId('ndv-input-panel');
			await input.getByText('expiresAt').first().waitFor();
			const fields = await editor.byTestId('run-data-schema-item').allInnerTexts();
			expect(fields.map((field) => field.trim())).toEqual(
				expect.arrayContaining(['status', 'fileId', 'fileName', 'url', 'expiresAt']),
			);
		} finally {
			await browser.close();
		}
	}, 60_000);
});
