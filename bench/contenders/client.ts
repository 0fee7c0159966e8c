import { join } from 'node:path';

import type * as Built from '../../client';
import { noMeans, type Contender, type Outcome, type Setting, type Work, type WorkOf } from '../tasks';
import { loadFrom } from './load';

/** Our client alone, as it is built and published. */
export class Client implements Contender {
	private readonly built: typeof Built;
	private readonly client: Built.BddFileClient;

	constructor({ url, userId, packageFolder }: Setting) {
		this.built = loadFrom(join(packageFolder, 'dist', 'client', 'index.js')) as typeof Built;
		this.client = new this.built.BddFileClient({ baseUrl: url, userId });
	}

	prepare(work: Work): Promise<() => Promise<Outcome>> {
		if (work.verb === 'syncUnchanged') return Promise.resolve(() => this.syncUnchanged(work));
		const run = this.runOf(work);
		return Promise.resolve(async () => ({ files: await run() }));
	}

	close(): Promise<void> {
		this.client.close();
		return Promise.resolve();
	}

	private async syncUnchanged({ operation, chatId, folder }: WorkOf<'syncUnchanged'>): Promise<Outcome> {
		const { client } = this;
		const options = { chatId, localDirectory: folder, output: 'summary' as const };
		const remembering = { ...options, propagateDeletes: true };
		const results = await {
			toLocal: () => client.syncChatFilesToLocal(options),
			toRemote: () => client.syncChatFilesToRemote({ ...remembering, ifExists: 'skipUnchanged' }),
			both: () => client.syncChatFilesBothWays(remembering),
		}[operation]();
		const [summary] = results;
		if (!('unchanged' in summary) || summary.unchanged !== summary.total)
			throw new Error(`Something was done: ${JSON.stringify(summary)}`);
		return { files: summary.total, outputBytes: Buffer.byteLength(JSON.stringify(results)) };
	}

	private runOf(work: Exclude<Work, WorkOf<'syncUnchanged'>>): () => Promise<number> {
		const { client, built } = this;
		switch (work.verb) {
			case 'syncToLocal': {
				const { chatId, folder: localDirectory, skipUnchanged, dryRun = false } = work;
				const ifExists = skipUnchanged ? 'skipUnchanged' : 'overwrite';
				const options = { chatId, localDirectory, ifExists, dryRun } as const;
				return async () => countDone(await client.syncChatFilesToLocal(options));
			}
			case 'syncToRemote': {
				const options = { chatId: work.chatId, localDirectory: work.folder };
				return async () => countDone(await client.syncChatFilesToRemote(options));
			}
			case 'upload': {
				const { path, chatId, mode } = work;
				return async () => {
					await client.upload(await built.diskSource(path), { chatId, mode });
					return 1;
				};
			}
			case 'download':
				return async () => {
					await client.downloadToFile(work.fileId, work.path, { expected: work.expected });
					return 1;
				};
			case 'list':
				return async () => (await client.listChatFiles(work.chatId)).length;
			case 'uploadItems':
				throw noMeans('client', work);
		}
	}
}

/** @throws when a file failed: a contender that does less is not faster */
function countDone(items: readonly Built.SyncItem[]): number {
	const failed = items.find(({ status }) => status === 'failed');
	if (failed) throw new Error(`${failed.fileName}: ${failed.error ?? 'failed'}`);
	return items.length;
}
