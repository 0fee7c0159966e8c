import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

/**
 * Characters of JSON that the items of one answer have at most: about a hundred records of files. A model pays for each and has
 * room for only so many.
 */
const MOST_CHARACTERS = 24_000;
/** Of a text, and entries of a list, in an item that is longer than all that. A name or a list of a service may be of any length. */
const LONGEST_TEXT = 1_000;
const LONGEST_LIST = 100;

/** The fields that hold IDs, or a list of them. */
const IDS = new Set(['id', 'fileId', 'replaced']);

/**
 * What an AI agent gets instead of the node's items, in the order of the items but with failures first where not all have
 * room. IDs are text, since a model that hands a number back for a text ends the whole run of an agent; there is no binary
 * data, which no model receives. A last item has what else there is to say: what is not shown, and how to get less.
 *
 * @param notes sentences about the whole, which n8n shows to people only
 * @param toNarrow a sentence that says how to get a shorter answer
 */
export function toolAnswer(
	items: readonly INodeExecutionData[],
	notes: readonly string[],
	toNarrow = '',
): INodeExecutionData[] {
	let shown = withinBounds(items);
	if (shown.length < items.length) shown = withinBounds(failedFirst(items));
	const notShown = items.length - shown.length;
	// A set, since the operation may have said how to narrow already.
	const said = new Set(notes);
	if (notShown > 0) {
		said.add(`${notShown} more are not shown: there are too many for one answer.`);
		said.add(toNarrow);
	}
	if (items.length === 0) said.add('There is nothing: the answer is an empty list.');
	if (said.size === 0) return shown;
	const note = { ...(notShown > 0 && { notShown }), note: [...said].join(' ').trim() };
	return [...shown, { json: note, pairedItem: items.at(-1)?.pairedItem ?? { item: 0 } }];
}

function withinBounds(items: readonly INodeExecutionData[]): INodeExecutionData[] {
	const shown: INodeExecutionData[] = [];
	let characters = 0;
	for (const { json, pairedItem } of items) {
		const answer = bounded(idsAsText(json));
		characters += JSON.stringify(answer).length;
		if (characters > MOST_CHARACTERS && shown.length > 0) break;
		shown.push({ json: answer, ...(pairedItem !== undefined && { pairedItem }) });
	}
	return shown;
}

function bounded(json: IDataObject): IDataObject {
	if (JSON.stringify(json).length <= MOST_CHARACTERS) return json;
	const cut = Object.entries(json).map(([name, value]) => [name, shortened(value)]);
	const answer = Object.fromEntries(cut) as IDataObject;
	if (JSON.stringify(answer).length <= MOST_CHARACTERS) return answer;
	// What is nested deeper is data of the service's users.
	return Object.fromEntries(Object.entries(answer).filter(([, value]) => typeof value !== 'object'));
}

function shortened(value: unknown): unknown {
	if (typeof value === 'string' && value.length > LONGEST_TEXT) return `${value.slice(0, LONGEST_TEXT)}…`;
	return Array.isArray(value) ? value.slice(0, LONGEST_LIST).map(shortened) : value;
}

function failedFirst(items: readonly INodeExecutionData[]): INodeExecutionData[] {
	const isFailed = ({ json }: INodeExecutionData) => json.status === 'failed';
	return [...items.filter(isFailed), ...items.filter((item) => !isFailed(item))];
}

function idsAsText(json: IDataObject): IDataObject {
	return Object.fromEntries(
		Object.entries(json).map(([name, value]) => {
			if (IDS.has(name)) return [name, Array.isArray(value) ? value.map(asText) : asText(value)];
			// A summary of a sync has the files that failed.
			if (name === 'failures' && Array.isArray(value)) return [name, (value as IDataObject[]).map(idsAsText)];
			return [name, value];
		}),
	);
}

const asText = <T>(value: T) => (typeof value === 'number' ? String(value) : value);
