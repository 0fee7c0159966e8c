import type { INodeParameters } from 'n8n-workflow';

import type { WorkflowDefinition } from '../../harness/n8n-host';
import { watching } from '../e2e/support/watching';
import { bddFile, chain, step } from '../e2e/support/workflow';

/** The chats of the soak. */
export const CHATS = {
	/** The trigger watches it. People put files into it, and each message brings one. */
	watched: 'soak-watched',
	/** Its files go to a folder. */
	toLocal: 'soak-to-local',
	/** A folder's files go to it. */
	toRemote: 'soak-to-remote',
	/** It and a folder are kept in step both ways. */
	both: 'soak-both',
} as const;

export type SyncName = 'toLocal' | 'toRemote' | 'both';

export const SYNCS: readonly SyncName[] = ['toLocal', 'toRemote', 'both'];

export const WATCH = 'Watch';
const MESSAGES = 'Messages';
export const TRIGGER_NODE = 'New File';

/** Part of the address that messages go to. */
export const WEBHOOK = 'soak-messages';

/** In seconds. */
const SYNC_EVERY: Record<SyncName, number> = { toLocal: 7, toRemote: 9, both: 8 };

const OPERATIONS = { toLocal: 'syncToLocal', toRemote: 'syncToRemote', both: 'syncBoth' } as const;

/** n8n notices dead workers sooner than in its own minute, and polls by its scheduler with durable cursors. */
export const N8N_SETTINGS = {
	QUEUE_WORKER_LOCK_DURATION: '20000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '5000',
	QUEUE_WORKER_STALLED_INTERVAL: '10000',
	N8N_EXECUTIONS_QUEUE_RECOVERY_INTERVAL: '1',
	N8N_SCHEDULER_ENABLED: 'true',
	N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true',
	N8N_USE_WORKFLOW_PUBLICATION_SERVICE: 'true',
	N8N_SCHEDULER_MATERIALIZATION_INTERVAL: '2',
	N8N_SCHEDULER_EXECUTOR_INTERVAL: '1',
	N8N_SCHEDULER_REAPER_INTERVAL: '5',
	N8N_SCHEDULER_POLL_TIMEOUT: '20',
	N8N_SCHEDULER_LEASE_DURATION: '25',
	N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true',
} as const;

export const folderOf = (sharedFolder: string, sync: SyncName): string => `${sharedFolder}/${sync}`;

/** Where each event leaves the file it was about, under a name of its own. */
export const eventsFolder = (sharedFolder: string): string => `${sharedFolder}/events`;

/** The name that an execution gives to the file of an event. */
export const eventFile = (executionId: string, fileId: string): string => `${executionId}-${fileId}.bin`;

/** Everything that is active at once. */
export function workflows(sharedFolder: string): WorkflowDefinition[] {
	return [watch(sharedFolder), messages(), ...SYNCS.map((sync) => scheduled(sharedFolder, sync))];
}

function watch(sharedFolder: string): WorkflowDefinition {
	return watching(WATCH, { chatId: CHATS.watched }, [
		bddFile('Download', 'file', 'download', {
			destination: 'path',
			filePath: `=${eventsFolder(sharedFolder)}/{{ $execution.id }}-{{ $json.id }}.bin`,
		}),
	]);
}

/** A message says with its text in which mode its file is uploaded. The answer is what became of it. */
function messages(): WorkflowDefinition {
	const trigger = {
		...step('Chat', '@n8n/n8n-nodes-langchain.chatTrigger', 1.1, {
			public: true,
			mode: 'webhook',
			options: { allowFileUploads: true, responseMode: 'lastNode' },
		}),
		webhookId: WEBHOOK,
	};
	const upload = bddFile('Upload', 'file', 'upload', {
		binaryPropertyName: '*',
		chatId: '={{ $json.sessionId }}',
		mode: '={{ $json.chatInput }}',
	});
	return chain(MESSAGES, [upload], trigger);
}

function scheduled(sharedFolder: string, sync: SyncName): WorkflowDefinition {
	const schedule = step('Schedule', 'n8n-nodes-base.scheduleTrigger', 1.2, {
		rule: { interval: [{ field: 'seconds', secondsInterval: SYNC_EVERY[sync] }] },
	});
	const parameters: INodeParameters = {
		chatId: CHATS[sync],
		localDirectory: folderOf(sharedFolder, sync),
		options: {
			output: 'changes',
			propagateDeletes: true,
			...(sync === 'toRemote' ? { ifExists: 'skipUnchanged' } : {}),
		},
	};
	return chain(sync, [bddFile('Sync', 'chat', OPERATIONS[sync], parameters)], schedule);
}
