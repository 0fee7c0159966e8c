import {
	NodeConnectionTypes,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IPollFunctions,
} from 'n8n-workflow';

import { testBddFileApi } from '../shared/credential-test';
import { searchDirectories } from '../shared/list-search';
import { pollFiles } from './poll';
import { properties } from './properties';

/** Starts a workflow when a chat or a directory of the BDD file service gets a new file, once for each file. */
export class BddFileTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'BDD File Trigger',
		name: 'bddFileTrigger',
		icon: { light: 'file:BddFileTrigger.svg', dark: 'file:BddFileTrigger.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle:
			'={{ $parameter["watch"] === "directory" ? "new files in directory " + ($parameter["directoryId"]?.cachedResultName || $parameter["directoryId"]?.value || "?") : "new files in chat " + ($parameter["chatId"] || "?") }}',
		description: 'Starts the workflow when a chat or a directory of the BDD file service gets a new file',
		eventTriggerDescription: '',
		activationMessage:
			'From now on each new file starts this workflow, once, when its upload is complete. Files that are already there do not, unless Include Existing Files is on.',
		triggerPanel: {
			header: 'Starts when a new file is there',
			executionsHelp: {
				inactive:
					'<b>While building your workflow</b>, click Fetch Test Event: it shows the newest file and changes nothing.<br /><br /><b>Once you are happy with your workflow</b>, publish it. From then on each new file starts it, once, when its upload is complete. Files that are there already do not, unless you add the option Include Existing Files.',
				active:
					'<b>While building your workflow</b>, click Fetch Test Event: it shows the newest file and changes nothing.<br /><br /><b>Your workflow is published</b>: each new file starts it, once, when its upload is complete. These executions are in the <a data-key="executions">executions list</a>.',
			},
			activationHint:
				'Once you have finished building your workflow, publish it: new files start it from then on.',
		},
		defaults: { name: 'BDD File Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'bddFileApi', required: true, testedBy: 'testBddFileApi' }],
		properties,
	};

	methods = { credentialTest: { testBddFileApi }, listSearch: { searchDirectories } };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await pollFiles(this);
	}
}
