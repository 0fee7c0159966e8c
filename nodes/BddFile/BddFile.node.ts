import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { properties } from './actions/properties';
import { route } from './actions/router';
import { testBddFileApi } from './credentialTest';
import { searchDirectories } from './directorySearch';
import { toNodeError } from './errors';
import { runItems } from './itemLoop';

/** Three named outputs when the switch is on, else one. The editor and the engine both evaluate it. */
const OUTPUTS =
	`={{ $parameter["splitByStatus"] === true ? ["Success", "Skipped", "Failed"].map((displayName) => ({ type: "${NodeConnectionTypes.Main}", displayName })) : ["${NodeConnectionTypes.Main}"] }}` as const;

/** Files of the BDD platform: upload, download, link, delete, list, and keep a chat and a folder in step. */
export class BddFile implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'BDD File',
		name: 'bddFile',
		icon: { light: 'file:BddFile.svg', dark: 'file:BddFile.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Upload, download, list and sync files of the BDD file service',
		defaults: { name: 'BDD File' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: OUTPUTS,
		credentials: [{ name: 'bddFileApi', required: true, testedBy: 'testBddFileApi' }],
		hints: [
			{
				message:
					'The folder is on the machine that runs n8n. In queue mode that is the worker, so the workers need a shared folder.',
				type: 'info',
				location: 'outputPane',
				whenToDisplay: 'beforeExecution',
				displayCondition: '={{ ["syncToLocal", "syncToRemote"].includes($parameter["operation"]) }}',
			},
		],
		properties,
	};

	methods = { credentialTest: { testBddFileApi }, listSearch: { searchDirectories } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		try {
			const { operation, atOnce } = route(this);
			return await runItems(this, operation, atOnce);
		} catch (error) {
			throw toNodeError(this.getNode(), error, 0);
		}
	}
}
