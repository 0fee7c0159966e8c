import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { errorSentence, mapBounded, messageOf, Siblings } from '../../client';
import { ClientPool } from '../shared/clients';
import { callOptions, CREDENTIAL, readCredential } from '../shared/credential';
import { toNodeError } from '../shared/errors';
import { parametersOfItem } from '../shared/parameters';
import { isTool } from '../shared/tool';
import type { ItemRun, Operation, Outcome } from './operation';
import { byStatus, splitsByStatus } from './outputs';
import { toolAnswer } from './tool-answer';

/** Input items worked on at the same time; a sync is parallel within itself. */
const ITEMS_AT_ONCE = 4;

/**
 * Runs an operation on every input item: the one place that knows about the order of items, about which input item an
 * output item belongs to, and about n8n's "On Error" setting.
 *
 * A failure throws, the one of the lowest item if there are several, unless the node is told to continue. Then it
 * becomes an item of its own, so one failed file costs nothing that the others have done. A failure that waits throws when
 * every item is done. An execution that is being cancelled always throws.
 */
export async function runItems(
	n8n: IExecuteFunctions,
	operation: Operation,
): Promise<INodeExecutionData[][]> {
	const atOnce = operation.oneAtATime ? 1 : ITEMS_AT_ONCE;
	const node = n8n.getNode();
	const continues = n8n.continueOnFail();
	const signal = n8n.getExecutionCancelSignal();
	const splits = splitsByStatus(n8n);
	const clients = new ClientPool(n8n);
	const notes: string[] = [];
	const siblings = new Siblings();

	const runItem = async (itemIndex: number): Promise<Outcome[]> => {
		let outcomes: Outcome[];
		try {
			const run = await itemRun(n8n, itemIndex, clients, siblings);
			outcomes = await operation.execute(run);
			notes.push(...run.notes);
		} catch (error) {
			outcomes = [{ ok: false, error, subject: {} }];
		}
		const failure = outcomes.find((outcome) => !outcome.ok);
		if (failure && (!(continues || failure.waits) || signal?.aborted))
			throw toNodeError(node, failure.error, itemIndex);
		return outcomes;
	};

	try {
		const outcomes = await mapBounded(n8n.getInputData(), atOnce, (_, itemIndex) => runItem(itemIndex));
		for (const [itemIndex, ofItem] of outcomes.entries()) {
			const failure = ofItem.find((outcome) => !outcome.ok);
			if (failure && !continues) throw toNodeError(node, failure.error, itemIndex);
		}
		const items = (toItem: (outcome: Outcome) => ItemContent) =>
			outcomes.flatMap((ofItem, item) =>
				ofItem.map((outcome) => ({ ...toItem(outcome), pairedItem: { item } })),
			);
		if (isTool(node)) return [toolAnswer(items(toolItem), notes, operation.toNarrow)];
		const finished = items(node.onError === 'continueErrorOutput' ? errorOutputItem : outputItem);
		return splits ? byStatus(finished) : [finished];
	} finally {
		clients.close();
	}
}

/** Reads what every operation needs for one input item. */
export async function itemRun(
	n8n: IExecuteFunctions,
	itemIndex: number,
	clients: ClientPool,
	siblings: Siblings,
): Promise<ItemRun> {
	const credential = readCredential(await n8n.getCredentials(CREDENTIAL, itemIndex));
	const parameters = parametersOfItem(n8n, itemIndex);
	return {
		n8n,
		itemIndex,
		json: n8n.getInputData()[itemIndex]?.json ?? {},
		parameters,
		client: clients.get(credential),
		defaultBiz: credential.biz,
		call: { ...callOptions(parameters, credential), signal: n8n.getExecutionCancelSignal() },
		stopsAtFailure: !n8n.continueOnFail(),
		isTool: isTool(n8n.getNode()),
		siblings,
		notes: [],
	};
}

type ItemContent = Pick<INodeExecutionData, 'json' | 'binary'>;

function outputItem(outcome: Outcome): ItemContent {
	if (!outcome.ok) {
		return { json: { status: 'failed', ...outcome.subject, error: messageOf(outcome.error) } };
	}
	return outcome.binary ? { json: outcome.json, binary: outcome.binary } : { json: outcome.json };
}

/** A model has nothing but the text to go by, and an agent reads the first output only. */
function toolItem(outcome: Outcome): ItemContent {
	if (outcome.ok) return outputItem(outcome);
	return { json: { status: 'failed', ...outcome.subject, error: errorSentence(outcome.error) } };
}

/**
 * n8n moves an item to the error output when `error` is the only field of its JSON, and adds the fields of the input
 * item there. An item with more fields would stay, one with n8n's own error object would lose all its fields.
 */
function errorOutputItem(outcome: Outcome): ItemContent {
	return outcome.ok ? outputItem(outcome) : { json: { error: messageOf(outcome.error) } };
}
