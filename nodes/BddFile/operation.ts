import type { IBinaryKeyData, IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { BddFileClient, Biz, CallOptions, WireId } from '../../client';
import type { ParameterReader } from './parameterReader';

/** What an operation needs to work on one input item. Everything in it has been validated. */
export interface ItemRun {
	readonly n8n: IExecuteFunctions;
	readonly itemIndex: number;
	readonly parameters: ParameterReader;
	readonly client: BddFileClient;
	/** The business of uploads that do not name one: the credential's. */
	readonly defaultBiz: Biz;
	/** User id, cancellation, timeout and tries: every call to the client takes them. */
	readonly call: CallOptions;
	/** True when the first failed file of the item ends the execution, so there is no point in starting another. */
	readonly stopsAtFailure: boolean;
}

/** Which file a failure is about, as far as it is known. */
export interface Subject {
	fileId?: WireId;
	fileName?: string;
}

/** What became of one file: a finished output item, or a failure that the item loop turns into an item or an error. */
export type Outcome =
	{ ok: true; json: IDataObject; binary?: IBinaryKeyData } | { ok: false; error: unknown; subject: Subject };

/** One operation of the node; the modules `actions/<resource>/<operation>.operation.ts` have this shape. */
export interface Operation {
	description: INodeProperties[];
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
