import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { callOptions, ClientPool, CREDENTIAL, credentialBiz } from '../shared/clients';
import { messageOf, toNodeError } from '../shared/errors';
import { inOrder } from './in-order';
import type { ItemRun, Operation, Outcome } from './operation';
import { parametersOfItem } from '../shared/parameters';

/** Input items worked on at the same time; a sync is parallel within itself. */
const ITEMS_AT_ONCE = 4;

/** The node's three outputs, in order, when they are switched on. */
const STATUSES = ['success', 'skipped', 'failed'];

/**
 * Runs an operation on every input item: the one place that knows about the order of items, about which input item an
 * output item belongs to, and about n8n's "On Error" setting.
 *
 * A failure throws, the one of the lowest item if there are several, unless the node is told to continue. Then it
 * becomes an item of its own, so one failed file costs nothing that the others have done. An execution that is being
 * cancelled always throws.
 */
export async function runItems(
	n8n: IExecuteFunctions,
	operation: Operation,
): Promise<INodeExecutionData[][]> {
	const atOnce = operation.oneAtATime ? 1 : ITEMS_AT_ONCE;
	const node = n8n.getNode();
	const continues = n8n.continueOnFail();
	const signal = n8n.getExecutionCancelSignal();
	const clients = new ClientPool(n8n);

	const start = async (itemIndex: number): Promise<ItemRun> => {
		const credential = await n8n.getCredentials(CREDENTIAL, itemIndex);
		const parameters = parametersOfItem(n8n, itemIndex);
		return {
			n8n,
			itemIndex,
			json: n8n.getInputData()[itemIndex]?.json ?? {},
			parameters,
			client: clients.get(credential),
			defaultBiz: credentialBiz(credential),
			call: { ...callOptions(parameters, credential), signal },
			stopsAtFailure: !continues,
		};
	};

	const runItem = async (itemIndex: number): Promise<Outcome[]> => {
		let outcomes: Outcome[];
		try {
			outcomes = await operation.execute(await start(itemIndex));
		} catch (error) {
			outcomes = [{ ok: false, error, subject: {} }];
		}
		const failure = outcomes.find((outcome) => !outcome.ok);
		if (failure && (!continues || signal?.aborted)) throw toNodeError(node, failure.error, itemIndex);
		return outcomes;
	};

	try {
		const outcomes = await inOrder(n8n.getInputData(), atOnce, (_, itemIndex) => runItem(itemIndex));
		const toItem = node.onError === 'continueErrorOutput' ? errorOutputItem : outputItem;
		const items = outcomes.flatMap((ofItem, item) =>
			ofItem.map((outcome) => ({ ...toItem(outcome), pairedItem: { item } })),
		);
		return splitsByStatus(n8n) ? byStatus(items) : [items];
	} finally {
		clients.close();
	}
}

type ItemContent = Pick<INodeExecutionData, 'json' | 'binary'>;

function outputItem(outcome: Outcome): ItemContent {
	if (!outcome.ok) {
		return { json: { status: 'failed', ...outcome.subject, error: messageOf(outcome.error) } };
	}
	return outcome.binary ? { json: outcome.json, binary: outcome.binary } : { json: outcome.json };
}

/**
 * n8n moves an item to the error output when `error` is the only field of its JSON, and adds the fields of the input
 * item there. An item with more fields would stay, one with n8n's own error object would lose all its fields.
 */
function errorOutputItem(outcome: Outcome): ItemContent {
	return outcome.ok ? outputItem(outcome) : { json: { error: messageOf(outcome.error) } };
}

/** An AI agent reads the first output only, so a tool has no others. n8n 2.0 cannot tell whether it runs one. */
function splitsByStatus(n8n: IExecuteFunctions): boolean {
	const isTool = 'isToolExecution' in n8n && n8n.isToolExecution();
	return n8n.getNodeParameter('splitByStatus', 0, false) === true && !isTool;
}

/** Items without a status are failures on their way to the error output. */
function byStatus(items: INodeExecutionData[]): INodeExecutionData[][] {
	return STATUSES.map((status) => items.filter(({ json }) => (json.status ?? 'failed') === status));
}
