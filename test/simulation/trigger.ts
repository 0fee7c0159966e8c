import type { Readable } from 'node:stream';

import type { Machine } from '../../harness/simulation/machine';
import type { Chat } from './chat';
import { BASE_URL, CHAT, DIRECTORY } from './endpoints';
import type { Setup } from './history';
import type { Program } from './workers';

/** A trigger node of an active workflow, and the part of n8n around it. */
export class Trigger {
	/** How often each file came out. */
	readonly times = new Map<string, number>();
	/** What n8n's database has. */
	private saved: Record<string, unknown> = {};
	/** What it has in memory, by process. */
	private readonly kept = new WeakMap<Machine, Record<string, unknown>>();
	private isActive = false;

	constructor(
		private readonly chat: Chat,
		private readonly setup: Setup['trigger'],
		private readonly violate: (what: string) => void,
	) {}

	/** @returns the ids that came out */
	async poll(machine: Machine, program: Program, workflow: string): Promise<string[]> {
		const data = this.kept.get(machine) ?? structuredClone(this.saved);
		this.kept.set(machine, data);
		const output = await program.pollFiles(this.context(data, workflow));
		if (!this.isActive) this.saved = structuredClone(data);
		this.isActive = true;
		if (output === null) return [];
		// n8n saves what is kept together with the execution that begins.
		this.saved = structuredClone(data);
		return output.flat().map(({ json, binary }) => {
			const file = json as { id: string | number; error?: unknown };
			const id = String(file.id);
			this.times.set(id, (this.times.get(id) ?? 0) + 1);
			this.judge(id, binary?.['data']?.data, file.error);
			return id;
		});
	}

	/** A file comes with the content that it was asked for, or says why not. */
	private judge(id: string, content: string | undefined, error: unknown): void {
		if (this.setup?.downloadFiles !== true || error !== undefined) return;
		const known = this.chat.known.get(id)?.toString('base64');
		if (content !== known)
			this.violate(`the trigger gave ${content} as the content of ${id}, which is ${known}`);
	}

	/** As much of n8n's context of a poll as the trigger uses. */
	private context(data: Record<string, unknown>, workflow: string): Parameters<Program['pollFiles']>[0] {
		const parameters: Record<string, unknown> = {
			watch: 'chat',
			downloadFiles: false,
			...this.setup,
			chatId: CHAT,
			directoryId: DIRECTORY,
			binaryPropertyName: 'data',
			options: {},
		};
		const quiet = () => undefined;
		return {
			helpers: { prepareBinaryData },
			logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
			getCredentials: () => Promise.resolve({ profile: 'custom', baseUrl: BASE_URL, userId: '7' }),
			getNodeParameter: (name: string) => parameters[name],
			getMode: () => 'trigger',
			getActivationMode: () => (this.isActive ? 'update' : 'activate'),
			getWorkflow: () => ({ id: workflow, name: 'simulated', active: true }),
			getNode: () => ({
				id: 'node',
				name: 'Trigger',
				type: 'bddFileTrigger',
				typeVersion: 1,
				position: [0, 0],
				parameters: {},
			}),
			getWorkflowStaticData: () => data,
		} as never;
	}
}

/** As n8n keeps it that has no place for binary data but its database. */
async function prepareBinaryData(stream: Readable, fileName: string, mimeType: string) {
	const chunks: Buffer[] = [];
	for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
	return { data: Buffer.concat(chunks).toString('base64'), fileName, mimeType };
}
