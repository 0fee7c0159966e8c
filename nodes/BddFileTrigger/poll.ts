import type { IDataObject, INodeExecutionData, IPollFunctions } from 'n8n-workflow';

import { ClientPool } from '../shared/clients';
import { toNodeError } from '../shared/errors';
import { Budget } from './budget';
import { advance } from './changes';
import { contentsOf } from './contents';
import { deliver, type Delivery } from './deliver';
import { damaged, readKept, writeKept, type Kept } from './kept';
import { lookAt } from './look';
import { newestFile } from './newest';
import { readSettings, type Settings } from './settings';
import { emptyState } from './state';
import { gave, inTurn, isOverdue, learn, learnedFrom, NOTHING } from './turns';
import { watchedList } from './watched-list';

/** Where in n8n's static data of the node the state is, as JSON. */
const KEPT = 'files';

const BEGINNING: Kept = { state: undefined, earlier: undefined, round: 0 };

/** Looks for new files once. Null when there is none, or another poll of the node is still running. */
export async function pollFiles(n8n: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const clients = new ClientPool(n8n);
	const budget = new Budget(n8n);
	try {
		const settings = await readSettings(n8n, clients);
		if (n8n.getMode() === 'manual') return [[await newestItem(n8n, settings, budget)]];
		const node = JSON.stringify([n8n.getWorkflow().id, n8n.getNode().id]);
		return await inTurn(node, () => poll(n8n, node, settings, budget));
	} catch (error) {
		throw toNodeError(n8n.getNode(), budget.explain(error), 0);
	} finally {
		clients.close();
	}
}

/** The state changes at the very end, so that a poll that fails on its way moves nothing. */
async function poll(
	n8n: IPollFunctions,
	node: string,
	settings: Settings,
	budget: Budget,
): Promise<INodeExecutionData[][] | null> {
	const data = n8n.getWorkflowStaticData('node');
	const kept = keptState(n8n, node, data);
	const {
		state: known,
		earlier,
		round,
	}: Kept = kept === NOTHING ? BEGINNING : readKept(kept, settings.scope);
	if (isOverdue(node, round)) return null;
	const state = { ...(known ?? emptyState(settings.scope)), round };
	const now = Date.now();
	const list = watchedList(settings, { ...settings.call, signal: budget.signal });
	const { look, findings } = await lookAt(list, state, known === undefined, now);

	const isSilent = known === undefined && !settings.includeExisting;
	const { items, delivered } = isSilent
		? silently(findings.due)
		: await deliver(findings.due, settings.filter, contentsOf(n8n, settings, budget));

	const next = advance(state, look, findings, delivered, now);
	const after = writeKept(next, earlier);
	data[KEPT] = after;
	if (items.length === 0) {
		learn(node, kept, after);
		return null;
	}
	gave(node, next.round);
	return [items];
}

/** What the last poll has left, as far as n8n or this process remembers. */
function keptState(n8n: IPollFunctions, node: string, data: IDataObject): string {
	const kept = data[KEPT];
	if (kept !== undefined) {
		if (typeof kept !== 'string' || kept === NOTHING) throw damaged();
		return learnedFrom(node, kept);
	}
	// Somebody switches it on: it begins now, whatever another attempt has learned.
	return n8n.getActivationMode() === 'activate' ? NOTHING : learnedFrom(node, NOTHING);
}

/** What is there when the trigger begins is known without having come out. */
const silently = (due: ReadonlyArray<{ key: number }>): Delivery => ({
	items: [],
	delivered: { done: new Set(due.map(({ key }) => key)), owed: new Map() },
});

/** What a test in the editor shows. It neither reads nor changes what is kept. */
async function newestItem(
	n8n: IPollFunctions,
	settings: Settings,
	budget: Budget,
): Promise<INodeExecutionData> {
	const list = watchedList(settings, { ...settings.call, signal: budget.signal });
	const file = await newestFile(list, settings.filter);
	const json = file as unknown as IDataObject;
	const contents = contentsOf(n8n, settings, budget);
	return contents ? { json, binary: await contents.of(file) } : { json };
}
