import { Container } from '@n8n/di';
import { PollContext } from 'n8n-core';
import { TriggersAndPollers } from 'n8n-core/dist/execution-engine/triggers-and-pollers';
import {
	Workflow,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type IPollFunctions,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import type { WorkflowFile } from './engine';
import type { InstanceNodeTypes } from './node-types';

export interface PollOptions {
	/** `manual` is the editor's test. Default `trigger`. */
	mode?: 'trigger' | 'manual';
	/** Why the trigger is active: `activate` when somebody switches it on. Default `update`. */
	activation?: 'activate' | 'update';
	/** What newer n8n says a poll may take, in milliseconds; the engine itself is one that does not say. */
	budgetMs?: number;
}

/**
 * A polling trigger of an active workflow: each poll runs in n8n's own `PollContext`. What the node keeps lives in memory
 * and is saved when a poll gives items, as n8n does it.
 */
export class Poller {
	private static count = 0;

	private workflow: Workflow;
	/** What is in n8n's database. */
	private saved = '{}';

	constructor(
		private readonly file: WorkflowFile,
		private readonly nodeTypes: InstanceNodeTypes,
		private readonly additionalData: () => IWorkflowExecuteAdditionalData,
	) {
		this.workflow = this.load();
	}

	/** The first poll, after which n8n saves what is kept. What it gives starts an execution as well. */
	async activate(options?: PollOptions): Promise<INodeExecutionData[]> {
		const items = await this.poll(options);
		this.save();
		return items;
	}

	/** The items that a poll gives; none for null. */
	async poll({ mode = 'trigger', activation = 'update', budgetMs }: PollOptions = {}): Promise<
		INodeExecutionData[]
	> {
		const { workflow, node } = this;
		const additionalData = this.additionalData();
		// A poll belongs to no execution.
		delete additionalData.executionId;
		const context = new PollContext(
			workflow,
			node,
			additionalData,
			mode,
			mode === 'manual' ? 'manual' : activation,
		);
		if (budgetMs !== undefined) Object.assign(context, { getPollBudgetMs: () => budgetMs });
		const output = await Container.get(TriggersAndPollers).runPoll(
			workflow,
			node,
			context as unknown as IPollFunctions,
		);
		if (output === null) return [];
		if (mode !== 'manual') this.save();
		return output.flat();
	}

	/** What the node keeps, in memory. */
	get kept(): IDataObject {
		return this.workflow.getStaticData('node', this.node);
	}

	/** What n8n's database has of it: to go back to, later. */
	get database(): string {
		return this.saved;
	}

	/** Another process begins with what the database has, by default what was saved last. */
	restart(database = this.saved): void {
		this.saved = database;
		this.workflow = this.load();
	}

	/** What the next poll finds, in this process: n8n may have read it before it kept what the last one left. */
	stale(database: string): void {
		const data = JSON.parse(database) as Record<string, IDataObject>;
		Object.assign(this.kept, data[`node:${this.node.name}`]);
	}

	/** Other parameters, as after an edit of the active workflow. */
	edit(parameters: IDataObject): void {
		Object.assign(this.node.parameters, parameters);
	}

	private get node(): INode {
		const [node] = this.workflow.getPollNodes();
		if (!node) throw new Error(`"${this.file.name}" has no node that polls`);
		return node;
	}

	private save(): void {
		this.saved = JSON.stringify(this.workflow.staticData);
	}

	/** Each process has a workflow of its own id here, since what a node keeps in the process's memory goes by it. */
	private load(): Workflow {
		Poller.count += 1;
		return new Workflow({
			...this.file,
			nodes: structuredClone(this.file.nodes),
			id: `polled-${Poller.count}`,
			active: true,
			nodeTypes: this.nodeTypes,
			staticData: JSON.parse(this.saved) as IDataObject,
			settings: { executionOrder: 'v1', ...this.file.settings },
		});
	}
}
