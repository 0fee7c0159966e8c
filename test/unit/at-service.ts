/** One part of the client at a service of its own, with short waits. */
import { BddFileApi, type CallContext, type UploadTarget } from '../../client/api/api';
import { Progress } from '../../client/transfer/progress';
import { HostileService } from '../hostile/support/service';
import { CHAT, USER, type NewFile, type StoredFile } from '../hostile/support/store';

export const IN_CHAT: UploadTarget = { biz: 'chat', bizParams: { chat_id: CHAT } };
export const ELSEWHERE: UploadTarget = { biz: 'knowledgeBase', bizParams: { base: 7 } };

/** A file that is not found is soon given up. */
export const contextWith = (more: Partial<CallContext> = {}): CallContext => ({
	action: 'Uploading "a.bin"',
	userId: USER,
	timeoutMs: 10_000,
	maxTries: 1,
	retryBaseMs: 1,
	settleMs: 20,
	...more,
});

/** One line for each chunk, as each takes five seconds of this clock: how far it is. */
export function toldProgress(lines: string[], size: number): Progress {
	const note = (line: string) => void lines.push(line.replace(/^.*: (.*),.*$/, '$1'));
	let now = 0;
	return new Progress({ debug: note, info: note, warn: note }, 'Up', { bytes: size }, () => (now += 5_000));
}

export interface AtService {
	service: HostileService;
	api: BddFileApi;
}

export async function atService(test: (parts: AtService) => Promise<void>): Promise<void> {
	const service = await HostileService.start();
	const api = new BddFileApi(service.url, { answerFloorMs: 100 });
	try {
		await test({ service, api });
	} finally {
		api.close();
		await service.close();
	}
}

/** An unfinished upload of these parts, of which these numbers have arrived. */
export function begun(
	{ store }: HostileService,
	parts: readonly Buffer[],
	arrived: readonly number[],
	more: Partial<NewFile> = {},
): StoredFile {
	const bytes = Buffer.concat(parts);
	const file = store.add({ filename: 'a.bin', bytes, status: 'uploading', ...more });
	file.parts = {
		size: parts[0]?.length ?? 1,
		arrived: new Map(arrived.map((number) => [number, parts[number - 1] ?? Buffer.alloc(0)])),
	};
	return file;
}
