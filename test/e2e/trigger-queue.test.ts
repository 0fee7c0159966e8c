import { useQueue } from './support/queue';
import { activate, executionsOf, until, watching } from './support/watching';
import { bddFile } from './support/workflow';
import { jsonOf, outputOf } from './support/world';

const CHAT = 'c-queue-watched';
const COPIES = 'c-queue-copies';
const FILES = 12;

describe('the trigger in n8n in queue mode, with two workers', () => {
	const queue = useQueue('/listChatFiles');

	test('what a poll in the main process downloaded can be read on both workers, each file once', async () => {
		const { n8n, service, requests: polls, startedBy } = queue();
		const copies = () => service.files().filter(({ chatId, status }) => chatId === COPIES && status === 'ok');
		const workflow = watching('Copy', { chatId: CHAT, downloadFiles: true }, [
			bddFile('Upload', 'file', 'upload', { chatId: COPIES }),
		]);
		const workflowId = await activate(n8n.rest, workflow);
		await until(() => polls() > 0);
		const content = (index: number) => `第 ${index} 个文件\n`.repeat(3000);
		const bothWorked = () => [0, 1].every((worker) => startedBy(worker).length > 0);
		let count = 0;
		// Redis gives a job to the worker that has waited longest, so both get their share; if not at once, then in the end.
		for (; count < FILES || !bothWorked(); count++) {
			await service.addFile({ filename: `文件 ${count}.txt`, chatId: CHAT, content: content(count) });
			// So that they come out in several executions, on both workers.
			if (count % 3 === 2) await until(() => copies().length > count);
		}
		const before = polls();
		await until(() => polls() > before + 2);
		await n8n.rest.request('POST', `/rest/workflows/${workflowId}/deactivate`);

		const names = Array.from({ length: count }, (_, index) => `文件 ${index}.txt`);
		expect(
			copies()
				.map(({ filename }) => filename)
				.sort(),
		).toEqual([...names].sort());
		for (const { id, filename } of copies()) {
			const index = names.indexOf(filename);
			expect((await service.readFile(id)).toString()).toBe(content(index));
		}

		const executions = await executionsOf(n8n.rest, workflowId);
		const runs = await Promise.all(executions.map(({ id }) => n8n.rest.finished(id, 60_000)));
		expect(runs.flatMap((run) => jsonOf(run, 'New File').map(({ filename }) => filename)).sort()).toEqual(
			[...names].sort(),
		);
		for (const { binary } of runs.flatMap((run) => outputOf(run, 'New File'))) {
			expect(binary?.data?.id).toMatch(/^database:/);
		}
		expect([startedBy(0), startedBy(1)].flat().sort()).toEqual(executions.map(({ id }) => id).sort());
		// Neither has downloaded anything; what each has uploaded is compared above.
		expect([startedBy(0), startedBy(1)]).not.toContainEqual([]);
	}, 300_000);
});
