// n8n's dependency injection needs it before anything of n8n is loaded.
import 'reflect-metadata';

import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';

import { Container } from '@n8n/di';
import {
	BinaryDataConfig,
	BinaryDataService,
	ExecutionLifecycleHooks,
	prepareBinaryData,
	WorkflowExecute,
} from 'n8n-core';
import { SSHClientsManager } from 'n8n-core/dist/execution-engine/ssh-clients-manager';
import {
	BINARY_IN_JSON_PROPERTY,
	Workflow,
	type IBinaryKeyData,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IConnections,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type IWorkflowBase,
	type IWorkflowSettings,
} from 'n8n-workflow';

import { additionalData } from './additional-data';
import { toolsOf } from './as-tool';
import { PlainCredentials } from './credentials';
import { setEnvironment } from './environment';
import { InstanceNodeTypes } from './node-types';
import { Poller } from './poller';
import { EngineRun } from './run';
import { STAND_INS } from './stand-ins';

export interface EngineOptions {
	/** Our nodes by their full type, such as `n8n-nodes-bdd-file.bddFile`. */
	nodes: Record<string, INodeType>;
	credentialTypes: ICredentialType[];
	/** Credentials' fields by the id or the name that workflows refer to. */
	credentials?: Record<string, ICredentialDataDecryptedObject>;
	/** What n8n's file-access policy allows. Default: an empty temporary folder, `engine.filesFolder`. */
	allowedFolders?: string[];
}

/** The parts of an exported workflow that the engine needs. */
export interface WorkflowFile {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
}

/** An item for the trigger to emit; the files become binary data in the run's mode. */
export interface InputItem {
	json?: IDataObject;
	files?: Record<string, { fileName?: string; mimeType?: string; content: Buffer | Readable }>;
}

export interface RunOptions {
	/** Where binary data is kept: `default` is n8n's memory mode. Default `filesystem`, as n8n has it. */
	binaryMode?: 'default' | 'filesystem';
	/** What the trigger emits. Default: one empty item. */
	input?: InputItem[];
	/** Emits binary data inside the JSON, as workflows with the setting `binaryMode: combined` carry it. */
	combined?: boolean;
	/** Stops the execution as n8n's stop button does. */
	signal?: AbortSignal;
}

const EXECUTION_ID = '1';
const WORKFLOW_ID = 'workflow';

/**
 * The real engine of n8n (`n8n-core`) in this process: expressions, item pairing, error handling, binary storage and the
 * file-access policy are n8n's own; credentials come from memory, and a few of n8n's own nodes have stand-ins.
 *
 * n8n keeps its state in singletons that read the environment when they are made, so a process can have one engine at a
 * time.
 */
export class Engine {
	private static running = false;

	private constructor(
		/** Everything the engine writes; removed with it. */
		private readonly folder: string,
		/** A folder that workflows may use, unless others were given. */
		readonly filesFolder: string,
		private readonly nodeTypes: InstanceNodeTypes,
		private readonly credentials: PlainCredentials,
		private readonly restoreEnvironment: () => void,
	) {}

	static async start(options: EngineOptions): Promise<Engine> {
		if (Engine.running) throw new Error('A process can have one engine at a time');
		Engine.running = true;
		const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'bdd-engine-')));
		const userFolder = path.join(folder, 'n8n');
		const filesFolder = path.join(folder, 'files');
		await mkdir(filesFolder);
		const restore = setEnvironment({
			N8N_USER_FOLDER: userFolder,
			N8N_RESTRICT_FILE_ACCESS_TO: (options.allowedFolders ?? [filesFolder]).join(';'),
			N8N_ENCRYPTION_KEY: 'only for this process',
			N8N_LOG_LEVEL: 'silent',
			N8N_DIAGNOSTICS_ENABLED: 'false',
		});
		// Whatever was made before, such as by a loader of nodes, has read another environment.
		Container.reset();
		const nodeTypes = new InstanceNodeTypes({ ...STAND_INS, ...toolsOf(options.nodes), ...options.nodes });
		const credentials = new PlainCredentials(options.credentialTypes, options.credentials ?? {});
		return new Engine(folder, filesFolder, nodeTypes, credentials, restore);
	}

	/** Runs a workflow from its trigger to its end. What fails is in the run, nothing is thrown. */
	async run(file: WorkflowFile, options: RunOptions = {}): Promise<EngineRun> {
		const { binaryMode = 'filesystem', input = [{}], combined = false, signal } = options;
		await this.useBinaryMode(binaryMode);
		const workflow = new Workflow({
			...file,
			// The engine fills in defaults and marks its progress in the nodes.
			nodes: structuredClone(file.nodes),
			id: WORKFLOW_ID,
			active: false,
			nodeTypes: this.nodeTypes,
			settings: { executionOrder: 'v1', ...file.settings },
		});
		const startNode = workflow.getStartNode();
		if (!startNode) throw new Error(`"${file.name}" has no node to start from`);
		const items = await Promise.all(input.map((item) => this.inputItem(item, combined)));
		const execution = new WorkflowExecute(this.additionalData(file), 'trigger').run({
			workflow,
			startNode,
			triggerToStartFrom: { name: startNode.name, data: triggerData(items) },
		});
		const cancel = () => execution.cancel();
		signal?.addEventListener('abort', cancel, { once: true });
		try {
			if (signal?.aborted) cancel();
			return new EngineRun(await execution);
		} finally {
			signal?.removeEventListener('abort', cancel);
		}
	}

	/** A workflow whose polling trigger is active, as n8n has it in memory and in its database. */
	poller(file: WorkflowFile): Poller {
		return new Poller(file, this.nodeTypes, () => this.additionalData(file));
	}

	/** The bytes of a binary field, wherever they are kept. Loads them all. */
	async bytes(binary: IBinaryKeyData[string] | undefined): Promise<Buffer> {
		if (!binary) throw new Error('There is no binary data');
		return await Container.get(BinaryDataService).getAsBuffer(binary);
	}

	/** The bytes of a binary field as a stream, for those that are too many to load. */
	async stream(binary: IBinaryKeyData[string] | undefined): Promise<Readable> {
		if (!binary?.id) return Readable.from([await this.bytes(binary)]);
		return await Container.get(BinaryDataService).getAsStream(binary.id);
	}

	/** Ends what n8n left running and removes every file of the engine. */
	async close(): Promise<void> {
		// Made with the first execution; it holds a timer that would keep the process open.
		Container.get(SSHClientsManager).onShutdown();
		Container.reset();
		this.restoreEnvironment();
		Engine.running = false;
		await rm(this.folder, { recursive: true, force: true });
	}

	/** Where binary data goes from now on; `default` is n8n's memory mode. */
	async useBinaryMode(mode: 'default' | 'filesystem'): Promise<void> {
		const config = Container.get(BinaryDataConfig);
		const service = Container.get(BinaryDataService);
		config.mode = mode;
		await service.init();
	}

	private async inputItem(
		{ json = {}, files = {} }: InputItem,
		combined: boolean,
	): Promise<INodeExecutionData> {
		const binary: IBinaryKeyData = {};
		for (const [field, { content, fileName, mimeType = 'application/octet-stream' }] of Object.entries(
			files,
		)) {
			binary[field] = await prepareBinaryData(content, EXECUTION_ID, WORKFLOW_ID, fileName, mimeType);
		}
		if (Object.keys(binary).length === 0) return { json };
		return combined ? { json: { ...json, [BINARY_IN_JSON_PROPERTY]: binary } } : { json, binary };
	}

	private additionalData(file: WorkflowFile) {
		const workflowData = { ...file, id: WORKFLOW_ID, active: false } as unknown as IWorkflowBase;
		const hooks = new ExecutionLifecycleHooks('trigger', EXECUTION_ID, workflowData);
		return additionalData(this.credentials, hooks, EXECUTION_ID);
	}
}

function triggerData(items: INodeExecutionData[]) {
	return {
		startTime: 0,
		executionTime: 0,
		executionIndex: 0,
		source: [],
		data: { main: [items] },
	};
}
