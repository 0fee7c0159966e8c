import { NodeConnectionTypes, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { splitByStatusField } from '../shared/fields';
import { isTool } from '../shared/tool';
import { asFlag, ON } from '../shared/values';

/**
 * Three named outputs when the switch is on, else one. The editor and the engine both evaluate it, with the values that
 * `asFlag` takes for on.
 */
export const OUTPUTS =
	`={{ ${JSON.stringify(ON)}.includes(String($parameter["${splitByStatusField.name}"]).trim().toLowerCase()) ? ["Success", "Skipped", "Failed"].map((displayName) => ({ type: "${NodeConnectionTypes.Main}", displayName })) : ["${NodeConnectionTypes.Main}"] }}` as const;

/** The three outputs in order. */
const STATUSES = ['success', 'skipped', 'failed'];

/** An AI agent reads the first output only, so a tool has no others. */
export function splitsByStatus(n8n: IExecuteFunctions): boolean {
	const { name, displayName } = splitByStatusField;
	const splits = asFlag(n8n.getNodeParameter(name, 0, false), displayName);
	return splits && !isTool(n8n.getNode());
}

/** Items without a status are failures on their way to the error output. */
export function byStatus(items: INodeExecutionData[]): INodeExecutionData[][] {
	return STATUSES.map((status) => items.filter(({ json }) => (json.status ?? 'failed') === status));
}
