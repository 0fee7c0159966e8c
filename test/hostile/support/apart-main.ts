/** One call of the client in a process of its own: `apart-main.ts <task as JSON>`. The line it prints is the report. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

import { MemoryWatch } from '../../../bench/memory-watch';
import { BddFileClient, diskSource, isBddFileError, type ClientOptions } from '../../../client';
import type { Report, Task } from './apart';
import { CHAT, USER } from './store';

async function main(): Promise<Report> {
	const task = JSON.parse(process.argv[2] ?? '{}') as Task;
	const options: ClientOptions & { patience: object } = {
		baseUrl: task.baseUrl,
		userId: USER,
		patience: { settle: 2, answer: 1, retry: 0.05 },
	};
	const client = new BddFileClient(options);
	const stop = new AbortController();
	const delay = monitorEventLoopDelay({ resolution: 10 });
	const watch = new MemoryWatch();
	const startedAt = performance.now();
	delay.enable();
	if (task.abortAfter !== undefined) setTimeout(() => stop.abort(), task.abortAfter).unref();
	for (let times = task.repeat ?? 1; times > 1; times -= 1) await outcomeOf(client, task, stop.signal);
	const outcome = await outcomeOf(client, task, stop.signal);
	const took = performance.now() - startedAt;
	// What stood still is seen only when the loop turns again.
	await new Promise((resolve) => setTimeout(resolve, 30));
	const { before, peak } = watch.stop();
	client.close();
	return { ...outcome, grown: peak - before, stalled: delay.max / 1e6, took };
}

async function outcomeOf(client: BddFileClient, task: Task, signal: AbortSignal) {
	try {
		return { ended: 'resolved' as const, value: await call(client, task, signal) };
	} catch (error) {
		return { ended: 'rejected' as const, error: described(error) };
	}
}

async function call(client: BddFileClient, task: Task, signal: AbortSignal): Promise<unknown> {
	const options = { ...task.options, signal };
	const sync = { localDirectory: '', ...options, chatId: CHAT };
	switch (task.call) {
		case 'list':
			return (await client.listChatFiles(CHAT, options)).length;
		case 'syncToLocal':
			return await client.syncChatFilesToLocal(sync);
		case 'syncToRemote':
			return await client.syncChatFilesToRemote(sync);
		case 'upload':
			return await client.upload(await diskSource(task.file ?? ''), { chatId: CHAT, ...options });
	}
}

const described = (error: unknown) => ({
	name: error instanceof Error ? error.name : typeof error,
	message: error instanceof Error ? error.message : String(error),
	isBddFileError: isBddFileError(error),
});

void main().then((report) => {
	process.stdout.write(`${JSON.stringify(report)}\n`);
});
