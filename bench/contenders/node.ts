import type { IDataObject } from 'n8n-workflow';

import { loadPackage } from '../../harness/engine';
import { noMeans, type Contender, type Outcome, type Setting, type Work } from '../tasks';
import { inputOf, OneNodeEngine } from './engine';

/** Our node, as it is built and published, in the real engine of n8n. */
export class BddFileNode implements Contender {
	private constructor(private readonly engine: OneNodeEngine) {}

	static async open(setting: Setting): Promise<BddFileNode> {
		const { nodes, credentialTypes } = await loadPackage(setting.packageFolder);
		return new BddFileNode(await OneNodeEngine.start(setting, { nodes, credentialTypes }));
	}

	async prepare(work: Work): Promise<() => Promise<Outcome>> {
		const step = { type: 'n8n-nodes-bdd-file.bddFile', typeVersion: 1, parameters: parametersOf(work) };
		const input = await inputOf(work);
		const isDone = work.verb === 'list' ? () => true : ({ status }: IDataObject) => status !== 'failed';
		return () => this.engine.run(step, input, isDone);
	}

	async close(): Promise<void> {
		await this.engine.close();
	}
}

function parametersOf(work: Work): IDataObject {
	switch (work.verb) {
		case 'syncToLocal':
			return {
				resource: 'chat',
				operation: 'syncToLocal',
				chatId: work.chatId,
				localDirectory: work.folder,
				options: {
					ifExists: work.skipUnchanged ? 'skipUnchanged' : 'overwrite',
					dryRun: work.dryRun ?? false,
				},
			};
		case 'syncToRemote':
			return {
				resource: 'chat',
				operation: 'syncToRemote',
				chatId: work.chatId,
				localDirectory: work.folder,
			};
		case 'syncUnchanged':
			throw noMeans('node', work);
		case 'upload':
			return { resource: 'file', operation: 'upload', chatId: work.chatId, mode: work.mode };
		case 'uploadItems':
			return { resource: 'file', operation: 'upload', chatId: work.chatId };
		case 'download':
			return { resource: 'file', operation: 'download', fileId: work.fileId };
		case 'list':
			return { resource: 'chat', operation: 'list', chatId: work.chatId, returnAll: true };
	}
}
