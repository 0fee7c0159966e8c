import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { N8nRest } from '../../harness/n8n-host';
import type { RunningService } from '../../local-service';
import { md5 } from './contents';
import { eventsOf, isEndedByKill, type Execution } from './executions';
import type { Message } from './messages';
import { CHATS, eventFile, eventsFolder, WATCH } from './workflows';

/** What became of the files that the watched chat took. */
export interface EventsResult {
	/** Files of the chat that are `ok`. */
	taken: number;
	/** A file in an execution: what n8n's database says has come out. */
	events: number;
	/** Events whose workflow ran to its end: their file is on disk with the right bytes. */
	noted: number;
	/** Events whose execution n8n ended as a process was killed, so that their workflow did not run to its end. */
	killed: string[];
	doubles: string[];
	losses: string[];
}

/**
 * Each file of the watched chat came out once. What came out is read from n8n's own database: with durable cursors the
 * event is written in one transaction with the cursor, so this is what n8n promises to do once; for executions whose data
 * n8n has thrown away, as it was read before. What the workflow then
 * did is read from the disk, one file for each event.
 */
export async function checkEvents(
	rest: N8nRest,
	service: RunningService,
	sharedFolder: string,
	executions: readonly Execution[],
	earlier: ReadonlySet<string>,
	witnessed: ReadonlyMap<string, string[]>,
): Promise<EventsResult> {
	const result: EventsResult = { taken: 0, events: 0, noted: 0, killed: [], doubles: [], losses: [] };
	const firedBy = new Map<string, string[]>();
	const folder = eventsFolder(sharedFolder);
	const onDisk = new Set(await readdir(folder));
	for (const execution of executions.filter(({ workflowName }) => workflowName === WATCH)) {
		const { fileIds: kept, error } = await eventsOf(rest, execution);
		const fileIds = kept.length > 0 ? kept : (witnessed.get(execution.id) ?? []);
		const words = `execution ${execution.id} (${execution.status}: ${error})`;
		if (fileIds.length === 0) result.losses.push(`${words} has no event that can be read`);
		for (const id of fileIds) {
			result.events += 1;
			firedBy.set(id, [...(firedBy.get(id) ?? []), execution.id]);
			const name = eventFile(execution.id, id);
			if (onDisk.delete(name)) {
				const same = md5(await readFile(join(folder, name))) === md5(await service.readFile(id));
				if (same) result.noted += 1;
				else result.losses.push(`file ${id} came out with other bytes in ${words}`);
			} else if (isEndedByKill(execution, error)) result.killed.push(`file ${id}: ${words}`);
			else result.losses.push(`file ${id} was not downloaded by ${words}`);
		}
	}
	for (const { id } of watchedFiles(service)) {
		if (earlier.has(id)) continue;
		result.taken += 1;
		const fired = firedBy.get(id) ?? [];
		firedBy.delete(id);
		if (fired.length === 0) result.losses.push(`file ${id} never came out`);
		if (fired.length > 1) result.doubles.push(`file ${id} came out in executions ${fired.join(', ')}`);
	}
	for (const [id, fired] of firedBy)
		result.doubles.push(`file ${id}, which is not new, came out in executions ${fired.join(', ')}`);
	return result;
}

export interface MessagesResult {
	sent: number;
	/** By what the sender knows. */
	answers: Record<string, number>;
	/** Their file is in the chat. */
	arrived: number;
	/** n8n said that the execution failed, or did not answer, and the file is in the chat once all the same, or not. */
	unsure: string[];
	doubles: string[];
	losses: string[];
}

/** A message that was answered has its file in the chat once, and no message has it twice. */
export async function checkMessages(
	service: RunningService,
	messages: readonly Message[],
): Promise<MessagesResult> {
	const files = watchedFiles(service);
	const result: MessagesResult = { sent: 0, answers: {}, arrived: 0, unsure: [], doubles: [], losses: [] };
	for (const { fileName, hash, answer = 'unanswered', said } of messages) {
		result.sent += 1;
		result.answers[answer] = (result.answers[answer] ?? 0) + 1;
		const found = files.filter(({ filename }) => filename === fileName);
		if (found.length > 0) result.arrived += 1;
		if (found.length > 1) result.doubles.push(`${fileName} is there ${String(found.length)} times`);
		for (const { id } of found)
			if (md5(await service.readFile(id)) !== hash) result.losses.push(`${fileName} has other bytes`);
		if (answer === 'answered' && found.length === 0) result.losses.push(`${fileName} is not there`);
		if (answer === 'failed' || answer === 'unanswered')
			result.unsure.push(`${fileName}: ${found.length > 0 ? 'arrived' : 'not there'}, ${said ?? ''}`);
	}
	return result;
}

export const watchedFiles = (service: RunningService) =>
	service.files().filter(({ chatId, status }) => chatId === CHATS.watched && status === 'ok');
