import { createReadStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Engine, EngineRun, WorkflowFile } from '../../harness/engine';
import type { RunningService } from '../../local-service';
import { contentOf, type Content } from './files';
import type { Row } from './table';

export interface DemoWorld {
	engine: Engine;
	service: RunningService;
	/** What is sent, by name. */
	files: Map<string, Content>;
	/** The folder that holds them. */
	outbox: string;
}

interface Demo {
	/** Of the folder `workflows`. */
	file: string;
	run(world: DemoWorld, workflow: unknown): Promise<Row[]>;
}

/** The example workflows, each with what there is to compare afterwards. */
export const DEMOS: Demo[] = [
	{ file: 'upload-link-download.json', run: uploadLinkDownload },
	{ file: 'folder-round-trip.json', run: folderRoundTrip },
	{ file: 'sync-chat-and-folder.json', run: syncChatAndFolder },
	{ file: 'new-file-download-read.json', run: readEachNewFile },
	{ file: 'new-file-agent.json', run: announceEachNewFile },
	{ file: 'chat-attachments.json', run: answerWithLinks },
	{ file: 'scheduled-sync-alert.json', run: keepInStep },
	{ file: 'sync-both-ways.json', run: previewAndSync },
];

/** A text becomes a file; both the link and the download give it back. */
async function uploadLinkDownload({ engine }: DemoWorld, workflow: unknown): Promise<Row[]> {
	const text = 'Hello from n8n. 你好，n8n。';
	const run = await execute(engine, workflow, { text });
	const [downloaded] = run.items('Download');
	const linked = await (await fetch(textOf(run.items('Get Link')[0]?.json, 'url'))).text();
	const content = await engine.bytes(downloaded?.binary?.data);
	return [rowOf(downloaded, linked === text && content.toString() === text)];
}

/** Every file goes up, the chat is listed, every file comes down into n8n's binary storage. */
async function folderRoundTrip({ engine, files, outbox }: DemoWorld, workflow: unknown): Promise<Row[]> {
	const run = await execute(engine, workflow, { chatId: 'demo-round-trip', folder: outbox });
	return await compare(files, run.items('Download'), (item) => engine.stream(item.binary?.data));
}

/** Every file goes up by one sync and comes down by another, into a folder that did not exist. */
async function syncChatAndFolder({ engine, files, outbox }: DemoWorld, workflow: unknown): Promise<Row[]> {
	const target = path.join(path.dirname(outbox), 'inbox');
	const run = await execute(engine, workflow, { chatId: 'demo-sync', source: outbox, target });
	const items = run.outputs('Sync to Folder').flat();
	return await compare(files, items, (item) =>
		Promise.resolve(createReadStream(textOf(item.json, 'localPath'))),
	);
}

/** The trigger begins with a chat that has a file; then three come, of which it gives the two that are text, once. */
async function readEachNewFile({ engine, service }: DemoWorld, workflow: unknown): Promise<Row[]> {
	const file = workflow as WorkflowFile;
	const chatId = textOf(file.nodes.find(({ name }) => name === 'New File')?.parameters, 'chatId');
	const texts = new Map([
		['notes.md', '# Notes'],
		['报告.txt', 'Weekly report'],
	]);
	await service.addFile({ filename: 'old.txt', chatId, content: 'Was there before' });
	const trigger = engine.poller(file);
	const before = await trigger.activate();
	await service.addFile({ filename: 'picture.png', chatId, content: 'no text' });
	for (const [filename, content] of texts) await service.addFile({ filename, chatId, content });
	const input = await trigger.poll();
	const again = await trigger.poll();

	const run = await engine.run(file, { input: input.map(({ json }) => ({ json })) });
	if (run.error) throw new Error(`"${file.name}" failed: ${run.error.message}`);
	const isOnce = before.length === 0 && again.length === 0 && input.length === texts.size;
	const read = run.items('Read').map(({ json }) => json.text);
	return run.items('Download').map((item, index) => {
		const row = rowOf(item, true);
		return { ...row, same: isOnce && texts.get(row.name) === read[index] };
	});
}

/** An agent gets each new file, and a link to it by the tool that n8n makes of the node. */
async function announceEachNewFile({ engine, service }: DemoWorld, workflow: unknown): Promise<Row[]> {
	const file = workflow as WorkflowFile;
	const chatId = textOf(file.nodes.find(({ name }) => name === 'New File')?.parameters, 'chatId');
	const trigger = engine.poller(file);
	await trigger.activate();
	const texts = ['# Minutes', '# 会议纪要'];
	for (const [index, content] of texts.entries()) {
		await service.addFile({ filename: `minutes-${index + 1}.md`, chatId, content });
	}
	const input = await trigger.poll();
	const run = await engine.run(file, { input: input.map(({ json }) => ({ json })) });
	if (run.error) throw new Error(`"${file.name}" failed: ${run.error.message}`);
	return await Promise.all(
		run.items('Agent').map(async (item, index) => {
			const [linked] = JSON.parse(textOf(item.json, 'output')) as IDataObject[];
			const content = await (await fetch(textOf(linked, 'url'))).text();
			const { filename: fileName, size } = input[index]?.json ?? {};
			return rowOf({ json: { ...linked, fileName, size } }, content === texts[index]);
		}),
	);
}

/** What somebody attaches in n8n's chat goes up, and the answer has a link to each file. */
async function answerWithLinks({ engine }: DemoWorld, workflow: unknown): Promise<Row[]> {
	const file = workflow as WorkflowFile;
	const texts = ['One', '二'];
	const attached = texts.map((content, index) => {
		return [`data${index}`, { fileName: `${content}.txt`, content: Buffer.from(content) }] as const;
	});
	const run = await engine.run(file, {
		input: [{ json: { sessionId: 'demo-session' }, files: Object.fromEntries(attached) }],
	});
	if (run.error) throw new Error(`"${file.name}" failed: ${run.error.message}`);
	const lines = textOf(run.items('Answer')[0]?.json, 'output').split('\n');
	return await Promise.all(
		run.items('Upload').map(async (item, index) => {
			const [name, url = ''] = (lines[index] ?? '').split(/: (?=http)/);
			return rowOf(item, `${await (await fetch(url)).text()}.txt` === name && name === item.json.fileName);
		}),
	);
}

/** What is in the folder is in the chat afterwards, and what is in the chat in the folder; a second run has nothing to do. */
async function keepInStep({ engine, service, files, outbox }: DemoWorld, workflow: unknown): Promise<Row[]> {
	const chatId = 'demo-scheduled';
	const [name, text] = ['from the chat.txt', 'Written in the chat'];
	await service.addFile({ filename: name, chatId, content: text });
	const settings = { chatId, folder: outbox };
	await execute(engine, workflow, settings);
	const again = (await execute(engine, workflow, settings)).items('Sync Both Ways')[0]?.json;

	const isDone = again?.unchanged === files.size + 1;
	const inFolder = await readFile(path.join(outbox, name), 'utf8');
	await rm(path.join(outbox, name));
	return [
		{ name, size: text.length, status: 'success', id: '', same: isDone && inFolder === text },
		...(await rowsOfChat({ service, files }, chatId, isDone)),
	];
}

/** The preview says of each file what would be done and does nothing; then it is done. */
async function previewAndSync(
	{ engine, service, files, outbox }: DemoWorld,
	workflow: unknown,
): Promise<Row[]> {
	const chatId = 'demo-both-ways';
	const run = await execute(engine, workflow, { chatId, folder: outbox });
	const isPreview = run.items('Preview').every(({ json }) => textOf(json, 'reason').startsWith('Dry run'));
	const [summary] = run.items('Sync Both Ways');
	const isDone = run.items('Preview').length === files.size && summary?.json.uploaded === files.size;
	return await rowsOfChat({ service, files }, chatId, isPreview && isDone);
}

/** The files of a chat that were sent, compared with what the service has of them. */
async function rowsOfChat(
	{ service, files }: Pick<DemoWorld, 'service' | 'files'>,
	chatId: string,
	isDone: boolean,
): Promise<Row[]> {
	const stored = service.files().filter((file) => file.chatId === chatId && files.has(file.filename));
	return await Promise.all(
		stored.map(async ({ filename: name, size, id }) => {
			const { hash } = await contentOf(Readable.from([await service.readFile(id)]));
			return { name, size, status: 'success', id, same: isDone && files.get(name)?.hash === hash };
		}),
	);
}

/** Runs a workflow with other values in its node "Settings". */
async function execute(
	engine: Engine,
	workflow: unknown,
	settings: Record<string, string>,
): Promise<EngineRun> {
	const file = structuredClone(workflow) as WorkflowFile;
	const node = file.nodes.find(({ name }) => name === 'Settings');
	if (!node) throw new Error(`"${file.name}" has no node "Settings"`);
	const { assignments } = node.parameters.assignments as {
		assignments: Array<{ name: string; value: string }>;
	};
	for (const assignment of assignments) assignment.value = settings[assignment.name] ?? assignment.value;

	const run = await engine.run(file);
	if (run.error) throw new Error(`"${file.name}" failed: ${run.error.message}`);
	return run;
}

/** One row per file that was sent, in the order of sending; a file that did not come back is a row too. */
async function compare(
	sent: Map<string, Content>,
	items: INodeExecutionData[],
	read: (item: INodeExecutionData) => Promise<Readable>,
): Promise<Row[]> {
	const byName = new Map(items.map((item) => [item.json.fileName, item]));
	const rows: Row[] = [];
	for (const [name, { size, hash }] of sent) {
		const item = byName.get(name);
		const same = item?.json.status === 'success' && (await contentOf(await read(item))).hash === hash;
		rows.push(item ? rowOf(item, same) : { name, size, status: 'missing', id: '', same });
	}
	return rows;
}

function rowOf(item: INodeExecutionData | undefined, same: boolean): Row {
	const json: IDataObject = item?.json ?? {};
	return {
		name: textOf(json, 'fileName'),
		size: Number(json.size ?? 0),
		status: textOf(json, 'status'),
		id: typeof json.fileId === 'number' ? String(json.fileId) : textOf(json, 'fileId'),
		same,
	};
}

function textOf(json: IDataObject | undefined, field: string): string {
	const value = json?.[field];
	if (typeof value === 'string') return value;
	throw new Error(`An item has no "${field}": ${JSON.stringify(json)}`);
}
