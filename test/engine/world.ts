import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { ICredentialDataDecryptedObject, IDataObject, INode } from 'n8n-workflow';

import { BddFileApi } from '../../credentials/BddFileApi.credentials';
import {
	Engine,
	type EngineRun,
	type Poller,
	type RunOptions,
	type WorkflowFile,
} from '../../harness/engine';
import { startFaultProxy, type FaultProxy } from '../../harness/fault-proxy';
import {
	startService,
	type RequestInfo,
	type RunningService,
	type ServiceOptions,
} from '../../local-service';
import { BddFile } from '../../nodes/BddFile/BddFile.node';
import { BddFileTrigger } from '../../nodes/BddFileTrigger/BddFileTrigger.node';
import { bareNode, TRIGGER_TYPE, TYPE } from './bare-node';

export const CHAT = 'chat-1';
export const USER = '1955228426376908801';

/** One BDD File node of a workflow: its parameters, and n8n's own settings of the node, if any. */
export interface Step {
	name: string;
	parameters: IDataObject;
	settings?: Partial<INode>;
}

/** n8n's engine with our node, a real service behind a proxy that can break things, and a folder to sync with. */
export interface World {
	engine: Engine;
	service: RunningService;
	proxy: FaultProxy;
	/** Every request that reached the service, since the last `forgetRequests`. */
	requests: RequestInfo[];
	forgetRequests(): void;
	/** Credentials' fields by name. `local` reaches the service directly, `proxied` through the proxy. */
	credentials: Record<string, ICredentialDataDecryptedObject>;
	/** A new folder that n8n allows workflows to use. */
	folder(name: string): string;
	/** Runs a trigger and then the steps, one behind the other. */
	run(steps: Step[], options?: RunOptions): Promise<EngineRun>;
	/** A workflow of our trigger, which watches the chat unless the parameters say otherwise. */
	trigger(parameters?: IDataObject, settings?: Partial<INode>): Poller;
	close(): Promise<void>;
}

export async function startWorld(options: Partial<ServiceOptions> = {}): Promise<World> {
	const opened = new Cleanups();
	try {
		const dataDir = await realpath(await mkdtemp(path.join(tmpdir(), 'bdd-world-')));
		opened.add(() => rm(dataDir, { recursive: true, force: true }));
		const requests: RequestInfo[] = [];
		const onRequest = (request: RequestInfo) => void requests.push(request);
		const service = await startService({ dataDir, ...options, onRequest });
		opened.add(() => service.close());
		const proxy = await startFaultProxy({ target: service.url });
		opened.add(() => proxy.close());
		const credential = (baseUrl: string) => ({ profile: 'custom', baseUrl, userId: USER });
		const credentials: World['credentials'] = {
			local: credential(service.url),
			proxied: credential(proxy.url),
		};
		const engine = await Engine.start({
			nodes: {
				[TYPE]: new BddFile(),
				[TOOL.type]: asTool(new BddFile()),
				[TRIGGER_TYPE]: new BddFileTrigger(),
			},
			credentialTypes: [new BddFileApi()],
			credentials,
		});
		opened.add(() => engine.close());
		return {
			engine,
			service,
			proxy,
			requests,
			forgetRequests: () => void requests.splice(0),
			credentials,
			folder: (name) => path.join(engine.filesFolder, name),
			run: (steps, runOptions) => engine.run(chain(steps), runOptions),
			trigger: (parameters, settings) => engine.poller(triggerWorkflow(parameters, settings)),
			close: () => opened.run(),
		};
	} catch (error) {
		await opened.run();
		throw error;
	}
}

/** What has to be closed, the last opened first. */
class Cleanups {
	private readonly steps: Array<() => Promise<void>> = [];

	add(cleanup: () => Promise<void>): void {
		this.steps.unshift(cleanup);
	}

	async run(): Promise<void> {
		for (const cleanup of this.steps.splice(0)) await cleanup();
	}
}

/** A BDD File node; it reaches the service directly unless its settings say otherwise. */
export function step(name: string, parameters: IDataObject, settings: Partial<INode> = {}): Step {
	return { name, parameters, settings };
}

/** The setting of a node that reaches the service through the proxy. */
export const PROXIED: Partial<INode> = { credentials: { bddFileApi: { id: 'proxied', name: 'proxied' } } };

/** The setting of a node that is a tool, run by the engine as newer agents have it run. */
export const TOOL = { type: 'n8n-nodes-bdd-file.bddFileTool' } satisfies Partial<INode>;

/** What n8n makes of a node's name for a tool; its inputs and outputs stay, so that it can be one of a chain. */
function asTool(node: BddFile): BddFile {
	node.description = { ...node.description, name: `${node.description.name}Tool` };
	return node;
}

function triggerWorkflow(parameters: IDataObject = {}, settings: Partial<INode> = {}): WorkflowFile {
	const node = bareNode({
		id: 'trigger',
		name: 'New File',
		type: TRIGGER_TYPE,
		parameters: { chatId: CHAT, ...parameters },
		credentials: { bddFileApi: { id: 'local', name: 'local' } },
		...settings,
	});
	return { name: 'Test', nodes: [node], connections: {} };
}

/** A workflow of a trigger and the steps, one behind the other. */
export function chain(steps: Step[]): WorkflowFile {
	const trigger = bareNode({ id: 'trigger', name: 'Trigger', type: 'n8n-nodes-base.manualTrigger' });
	const nodes = steps.map(({ name, parameters, settings }, index) =>
		bareNode({
			id: name,
			name,
			position: [200 * (index + 1), 0],
			parameters: parameters as INode['parameters'],
			credentials: { bddFileApi: { id: 'local', name: 'local' } },
			...settings,
		}),
	);
	const connections: WorkflowFile['connections'] = {};
	for (const [index, { name }] of nodes.entries()) {
		const before = nodes[index - 1] ?? trigger;
		connections[before.name] = { main: [[{ node: name, type: 'main', index: 0 }]] };
	}
	return { name: 'Test', nodes: [trigger, ...nodes], connections };
}

/** A field of an item's JSON that must be text. */
export function text(json: IDataObject | undefined, field: string): string {
	const value = json?.[field];
	if (typeof value === 'string') return value;
	throw new Error(`"${field}" is not text in ${JSON.stringify(json)}`);
}

export const upload = (parameters: IDataObject = {}) => ({
	resource: 'file',
	operation: 'upload',
	chatId: CHAT,
	...parameters,
});
export const download = (parameters: IDataObject = {}) => ({
	resource: 'file',
	operation: 'download',
	...parameters,
});
export const list = (parameters: IDataObject = {}) => ({
	resource: 'chat',
	operation: 'list',
	chatId: CHAT,
	...parameters,
});
export type SyncOperation = 'syncToLocal' | 'syncToRemote' | 'syncBoth';

export const sync = (operation: SyncOperation, localDirectory: string, parameters: IDataObject = {}) => ({
	resource: 'chat',
	operation,
	chatId: CHAT,
	localDirectory,
	...parameters,
});

/** The names in a folder, sorted, but for what syncs keep there for themselves. */
export async function namesIn(folder: string): Promise<string[]> {
	return (await readdir(folder)).filter((name) => !name.startsWith('.bdd-file-')).sort();
}
