import type { Machine } from '../../harness/simulation/machine';
import { BASE_URL, CHAT } from './endpoints';
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
		const ids = output.flat().map(({ json }) => String(json['id'] as string | number));
		for (const id of ids) this.times.set(id, (this.times.get(id) ?? 0) + 1);
		return ids;
	}

	/** As much of n8n's context of a poll as the trigger uses. */
	private context(data: Record<string, unknown>, workflow: string): Parameters<Program['pollFiles']>[0] {
		const parameters: Record<string, unknown> = {
			watch: 'chat',
			chatId: CHAT,
			downloadFiles: false,
			options: {},
		};
		const quiet = () => undefined;
		return {
			helpers: {},
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
