import { parse as parseFlatted } from 'flatted';
import type { IConnections, INode, IRunExecutionData, IWorkflowSettings } from 'n8n-workflow';
import { setTimeout as sleep } from 'node:timers/promises';

import type { N8nRun } from './run';

const REQUEST_MS = 30_000;
const POLL_MS = 50;
const UNFINISHED = new Set(['new', 'running', 'waiting', 'unknown']);

/** Who owns the n8n that this host runs: it lives on loopback, for as long as a test or a developer needs it. */
export const OWNER = {
	email: 'owner@example.com',
	firstName: 'Local',
	lastName: 'Owner',
	password: 'n8n-on-Loopback-1',
} as const;

/** A workflow as n8n exports and imports it. */
export interface WorkflowDefinition {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
}

/** Whether n8n will do something about an execution yet. */
export const isUnfinished = ({ status }: { status: string }): boolean => UNFINISHED.has(status);

/** n8n's own interface, the one its editor uses, as its owner. */
export class N8nRest {
	private constructor(
		/** Where n8n is, without a slash at the end. */
		readonly url: string,
		/** The session cookie, for a browser that shall be logged in. */
		readonly cookie: string,
	) {}

	/** Logs in as the owner, who is created first when this n8n has none yet. */
	static async login(url: string): Promise<N8nRest> {
		const settings = await answer(await send(url, '', 'GET', '/rest/settings'));
		if (needsOwner(settings)) await answer(await send(url, '', 'POST', '/rest/owner/setup', OWNER));
		const { email, password } = OWNER;
		const response = await send(url, '', 'POST', '/rest/login', { emailOrLdapLoginId: email, password });
		await answer(response.clone());
		const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]);
		return new N8nRest(url, cookie.join('; '));
	}

	/** Creates a workflow and answers its id. */
	async createWorkflow(workflow: WorkflowDefinition): Promise<string> {
		return idIn(await this.request('POST', '/rest/workflows', { active: false, settings: {}, ...workflow }));
	}

	/** Creates a credential and answers its id. */
	async createCredential(name: string, type: string, data: object): Promise<string> {
		return idIn(await this.request('POST', '/rest/credentials', { name, type, data }));
	}

	/**
	 * Executes a workflow from one of its triggers, as the editor's button does, and waits for its end, which may be an
	 * error: that is in the run.
	 */
	async run(workflowId: string, trigger: string, timeoutMs: number): Promise<N8nRun> {
		return await this.finished(await this.start(workflowId, trigger), timeoutMs);
	}

	/** Starts an execution of a workflow from one of its triggers and answers the execution's id. */
	async start(workflowId: string, trigger: string): Promise<string> {
		// Older n8n does not look the workflow up by itself.
		const workflowData = await this.request('GET', `/rest/workflows/${workflowId}`);
		const started = await this.request('POST', `/rest/workflows/${workflowId}/run`, {
			workflowData,
			triggerToStartFrom: { name: trigger },
		});
		return stringIn(started, 'executionId');
	}

	/** Waits for an execution to end. */
	async finished(executionId: string, timeoutMs: number): Promise<N8nRun> {
		const deadline = Date.now() + timeoutMs;
		for (;;) {
			const execution = await this.request('GET', `/rest/executions/${executionId}`);
			const status = stringIn(execution, 'status');
			if (!isUnfinished({ status })) {
				const { resultData } = parseFlatted(stringIn(execution, 'data')) as IRunExecutionData;
				return { id: executionId, status, resultData };
			}
			if (Date.now() > deadline) {
				throw new Error(`Execution ${executionId} is still ${status} after ${String(timeoutMs / 1000)} s`);
			}
			await sleep(POLL_MS);
		}
	}

	/** Reads a binary that an execution stored, by the id in its JSON. */
	async binary(id: string): Promise<Buffer> {
		const path = `/rest/binary-data?${new URLSearchParams({ id, action: 'view' }).toString()}`;
		const response = await send(this.url, this.cookie, 'GET', path);
		if (!response.ok) throw new Error(`GET ${path}: ${String(response.status)} ${await response.text()}`);
		return Buffer.from(await response.arrayBuffer());
	}

	/** Sends any request of the editor's interface and answers the `data` of its answer. */
	async request(method: string, path: string, body?: object): Promise<unknown> {
		return await answer(await send(this.url, this.cookie, method, path, body));
	}
}

async function send(
	url: string,
	cookie: string,
	method: string,
	path: string,
	body?: object,
): Promise<Response> {
	return await fetch(`${url}${path}`, {
		method,
		headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
		signal: AbortSignal.timeout(REQUEST_MS),
	});
}

async function answer(response: Response): Promise<unknown> {
	const text = await response.text();
	if (!response.ok) throw new Error(`n8n answered ${String(response.status)} for ${response.url}: ${text}`);
	const body: unknown = JSON.parse(text);
	return typeof body === 'object' && body !== null && 'data' in body ? body.data : body;
}

function needsOwner(settings: unknown): boolean {
	return valueIn(valueIn(settings, 'userManagement'), 'showSetupOnFirstLoad') === true;
}

function idIn(data: unknown): string {
	return stringIn(data, 'id');
}

function stringIn(data: unknown, name: string): string {
	const value = valueIn(data, name);
	if (typeof value !== 'string') throw new Error(`n8n's answer has no ${name}: ${JSON.stringify(data)}`);
	return value;
}

function valueIn(data: unknown, name: string): unknown {
	return typeof data === 'object' && data !== null ? Reflect.get(data, name) : undefined;
}
