import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { testBddFileApi } from '../shared/credential-test';
import { searchDirectories, searchFiles } from '../shared/list-search';
import { toNodeError } from '../shared/errors';
import { hints, properties, subtitle } from './actions/properties';
import { route } from './actions/router';
import { runItems } from './item-loop';
import { OUTPUTS } from './outputs';

/** Files of the BDD platform: upload, download, link, delete, list, and keep a chat and a folder in step. */
export class BddFile implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'BDD File',
		name: 'bddFile',
		icon: { light: 'file:BddFile.svg', dark: 'file:BddFile.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle,
		description: 'Upload, download, list and sync files of the BDD file service',
		defaults: { name: 'BDD File' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: OUTPUTS,
		credentials: [{ name: 'bddFileApi', required: true, testedBy: 'testBddFileApi' }],
		hints,
		properties,
	};

	methods = { credentialTest: { testBddFileApi }, listSearch: { searchDirectories, searchFiles } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		try {
			return await runItems(this, route(this));
		} catch (error) {
			throw toNodeError(this.getNode(), error, 0);
		}
	}
}
