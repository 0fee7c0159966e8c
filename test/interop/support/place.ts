import { readdir } from 'node:fs/promises';
import { faults, type FaultProxy, type ProxiedRequest } from '../../../harness/fault-proxy';
import type { RunningService, StoredFile } from '../../../local-service';
import { newChat, type Bench } from './fixtures';

/** Where one client does one case: a chat and folders of its own, on the service that both use. */
export interface Place {
	chat: string;
	service: RunningService;
	proxy: FaultProxy;
	folder(name?: string): Promise<string>;
	/** The requests of this case so far. */
	requests(): ProxiedRequest[];
	/** Their endpoints, each once, in the order of their first. */
	asked(): string[];
	/** What the service has in the chat, by id. */
	inChat(): StoredFile[];
	/** From now on the service refuses what matches. */
	refuses(on: string, which?: { id?: string; filename?: string }): void;
}

/** @param bench its proxy is for nobody else meanwhile */
export function openPlace(bench: Bench, proxy: FaultProxy): Place {
	const chat = newChat();
	const { service } = bench;
	const before = proxy.requests.length;
	const requests = () => proxy.requests.slice(before);
	return {
		chat,
		service,
		proxy,
		requests,
		folder: (name = 'case') => bench.folder(name),
		asked: () => [...new Set(requests().map(({ path }) => path.slice(1)))],
		inChat: () => service.files().filter(({ chatId }) => chatId === chat),
		refuses: (on, { id, filename } = {}) => {
			proxy.script({
				on,
				times: Infinity,
				...(id !== undefined && { when: ({ query }) => query['file_id'] === id }),
				...(filename !== undefined && { params: (params) => params['filename'] === filename }),
				fault: faults.answer(403, { body: { code: 403, data: null, message: 'not for you' } }),
			});
		},
	};
}

/** What a person finds in a folder. */
export const namesIn = async (folder: string) =>
	(await readdir(folder)).filter((name) => !name.startsWith('.bdd-file-')).sort();
