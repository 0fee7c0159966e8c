import type {
	IBinaryKeyData,
	IDataObject,
	IExecuteFunctions,
	INodeProperties,
	INodePropertyOptions,
} from 'n8n-workflow';

import type { BddFileClient, Biz, CallOptions, Siblings, WireId } from '../../client';
import type { ParameterReader } from '../shared/parameters';

/** What an operation needs to work on one input item. Everything in it has been validated. */
export interface ItemRun {
	readonly n8n: IExecuteFunctions;
	readonly itemIndex: number;
	/** The input item's JSON. */
	readonly json: IDataObject;
	readonly parameters: ParameterReader;
	readonly client: BddFileClient;
	/** The business of uploads that do not name one: the credential's. */
	readonly defaultBiz: Biz;
	/** User id, cancellation, timeout and tries: every call to the client takes them. */
	readonly call: CallOptions;
	/** True when the first failed file of the item ends the execution, so there is no point in starting another. */
	readonly stopsAtFailure: boolean;
	/** An AI agent uses the node as its tool. */
	readonly isTool: boolean;
	/** The transfers of all items: none of them undoes what another one did. */
	readonly siblings: Siblings;
	/** Sentences about the whole, besides its items, that the operation adds for an AI model; people see hints of n8n. */
	readonly notes: string[];
}

/** Which file a failure is about, as far as it is known. */
export interface Subject {
	fileId?: WireId;
	fileName?: string;
}

/** What became of one file: a finished output item, or a failure that the item loop turns into an item or an error. */
export type Outcome = { ok: true; json: IDataObject; binary?: IBinaryKeyData } | Failure;

export interface Failure {
	ok: false;
	error: unknown;
	subject: Subject;
	/** It ends the execution only after the other input items, which do not depend on it. */
	waits?: boolean;
}

/** What the menu "Operation" shows; the parameter of that name holds the value. */
export type OperationEntry = INodePropertyOptions & { value: string; action: string };

/** One operation of the node: all that is known of it. The modules `actions/<resource>/<operation>.operation.ts` have this shape. */
export interface Operation {
	entry: OperationEntry;
	/** Its parameters from top to bottom. */
	description: INodeProperties[];
	/** What an AI model is told of it as a tool: what it does, when to use it, and what its answer is good for. */
	forModel: string;
	/** A sentence that tells the model how to get a shorter answer, where there can be many items. */
	toNarrow?: string;
	/** True where two items at once could meet in one folder or one chat. */
	oneAtATime?: boolean;
	/**
	 * Works on one input item and gives its output in order. Throws where the operation as a whole fails; a failure
	 * that concerns one file among several is an outcome.
	 */
	execute(run: ItemRun): Promise<Outcome[]>;
}

/** Runs the work on one file and keeps a failure together with the file it is about. */
export async function attempt(
	subject: Subject,
	work: () => Promise<{ json: IDataObject; binary?: IBinaryKeyData }>,
): Promise<Outcome> {
	try {
		return { ok: true, ...(await work()) };
	} catch (error) {
		return { ok: false, error, subject };
	}
}
