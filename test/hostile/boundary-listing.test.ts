/** A listing is complete, or it is an error that says so; soon, in little memory, and it can be cancelled. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { CancelledError, ServiceError, type FileInfo } from '../../client';
import { ok, page } from './support/answers';
import { apart } from './support/apart';
import { failureOf, filesIn, scenario } from './support/scenario';
import type { Call } from './support/service';
import { CHAT, recordOf, Store } from './support/store';

/** Records of a chat that nobody has to store: `count` from id `first` on. */
function records(first: number, count: number): object[] {
	const store = new Store();
	return Array.from({ length: count }, (_, index) => {
		const id = first + index;
		return recordOf(store.add({ id, filename: `${id}.txt`, size: 1, hashcode: '' }));
	});
}

const offsetOf = ({ query }: Call) => Number(query.get('offset'));
const THE_SAME = records(1, 100);

/** What a service can answer to each page request, and a listing that never comes to an end or is never whole. */
const ENDLESS: [what: string, pageAt: (offset: number, order: number) => unknown][] = [
	['a total of 1e9 and empty pages', (offset) => ({ total: 1e9, items: offset === 0 ? THE_SAME : [] })],
	['a total of 1e9 and the same page for ever', () => ({ total: 1e9, items: THE_SAME })],
	['a total of 2000 and the same page for ever', () => ({ total: 2000, items: THE_SAME })],
	['a total that grows and the same page for ever', (_, order) => ({ total: 1000 + order, items: THE_SAME })],
	['a total of 1e12', (offset) => ({ total: 1e12, items: offset === 0 ? THE_SAME : [] })],
	['a total of 1e12 and one record at a time', (offset) => ({ total: 1e12, items: records(offset + 1, 1) })],
	['a total of 1e300', (offset) => ({ total: 1e300, items: records(offset + 1, 100) })],
];

describe('a listing that does not come to an end is an error', () => {
	it.concurrent.each(ENDLESS)('%s: soon, in few requests and little memory', (_, pageAt) =>
		scenario(async ({ service }) => {
			service.on('listChatFiles', (_work, call) => ok(pageAt(offsetOf(call), service.calls.length)));
			const report = await apart({ baseUrl: service.url, call: 'list' }, { seconds: 60 });
			expect(report).toMatchObject({ ended: 'rejected', error: { name: 'ServiceError' } });
			expect(report.error?.message).toMatch(/complete/i);
			expect(report.grown).toBeLessThan(100);
			expect(report.stalled).toBeLessThan(3000);
			expect(service.count('listChatFiles')).toBeLessThan(200);
		}),
	);

	it('also of a directory, and of directories', () =>
		scenario(async ({ service, client }) => {
			service.on('listFilesInDirectory', () => page(2000, THE_SAME));
			service.on('listDirectories', () => page(2000, [{ id: 1, created_at: '', name: 'chat' }]));
			for (const listing of [client.listFilesInDirectory(1), client.listDirectories()]) {
				const error = await failureOf(listing);
				expect(error).toBeInstanceOf(ServiceError);
				expect(error.message).toMatch(/complete/i);
			}
		}));

	it.concurrent.each<[string, number | undefined]>([
		['a total of 1e12', 1e12],
		['a total that is likely', 900_000],
		['a total that grows with every page', undefined],
	])('%s: cancelled, it ends at once and asks for nothing more', (_, total) =>
		scenario(async ({ service }) => {
			service.on('listChatFiles', async (_work, call) => {
				await new Promise((resolve) => setTimeout(resolve, 50));
				return page(total ?? offsetOf(call) + 1000, records(offsetOf(call) + 1, 100));
			});
			const report = await apart({ baseUrl: service.url, call: 'list', abortAfter: 400 }, { seconds: 60 });
			// A total that is beyond all reason may be refused before that.
			const allowed = (total ?? 0) > 1e6 ? ['CancelledError', 'ServiceError'] : ['CancelledError'];
			expect(report.ended).toBe('rejected');
			expect(allowed).toContain(report.error?.name);
			expect(report.took).toBeLessThan(5000);
			expect(service.count('listChatFiles')).toBeLessThan(60);
		}),
	);
});

/** A chat of 250 files, which is three pages. */
const bigChat = (add: (file: { filename: string; bytes: Buffer }) => void) => {
	for (let index = 1; index <= 250; index += 1) add({ filename: `${index}.txt`, bytes: Buffer.from('x') });
};

const withoutMiddle = (items: FileInfo[]) => items.filter(({ id }) => Number(id) <= 100 || Number(id) > 200);

const INCOMPLETE: [what: string, pageAt: (offset: number, all: FileInfo[]) => unknown][] = [
	['the server ignores the offset', (_, all) => ({ total: 250, items: all.slice(0, 100) })],
	['a total of 50 and no items', () => ({ total: 50, items: [] })],
	['a total of 250 and one item', (_, all) => ({ total: 250, items: all.slice(0, 1) })],
	[
		'the second page is empty',
		(at, all) => ({ total: 250, items: at > 50 && at < 150 ? [] : all.slice(at, at + 100) }),
	],
	[
		'files 101 to 200 never come',
		(at, all) => ({ total: 250, items: withoutMiddle(all.slice(at, at + 100)) }),
	],
	['a total of -1', (_, all) => ({ total: -1, items: all.slice(0, 100) })],
	['a total of 0 and items', (_, all) => ({ total: 0, items: all.slice(0, 100) })],
	['a total of 249.5', (at, all) => ({ total: 249.5, items: all.slice(at, at + 100) })],
	['a total in words', (_, all) => ({ total: '250', items: all.slice(0, 100) })],
	['no total', (_, all) => ({ items: all.slice(0, 100) })],
	['no items', () => ({ total: 250 })],
];

describe('a listing that is not complete is an error that says so', () => {
	it.each(INCOMPLETE)('%s: neither a list comes of it, nor a transfer', (_, pageAt) =>
		scenario(async ({ service, client, folder }) => {
			bigChat((file) => service.store.add(file));
			const all = [...service.store.files.values()].map(recordOf);
			service.on('listChatFiles', (_work, call) => ok(pageAt(offsetOf(call), all)));
			expect(await failureOf(client.listChatFiles(CHAT))).toBeInstanceOf(ServiceError);

			const sync = { chatId: CHAT, localDirectory: folder };
			expect(await failureOf(client.syncChatFilesToLocal(sync))).toBeInstanceOf(ServiceError);
			expect(await filesIn(folder)).toEqual([]);

			await writeFile(path.join(folder, '200.txt'), 'x');
			expect(await failureOf(client.syncChatFilesToRemote(sync))).toBeInstanceOf(ServiceError);
			expect(service.store.named('200.txt')).toHaveLength(1);
		}),
	);

	it('its message says that it is the listing which is not complete', () =>
		scenario(async ({ service, client }) => {
			service.on('listChatFiles', () => page(50, []));
			const error = await failureOf(client.listChatFiles(CHAT));
			expect(error.message).toMatch(/^Listing chat "42".*complete/i);
		}));
});

describe('one file goes and another comes between two pages', () => {
	it('the list has every file that was there all the time, each once, or is an error', () =>
		scenario(async ({ service, client }) => {
			bigChat((file) => service.store.add(file));
			service.on('listChatFiles', changeAfterFirstPage(service.store));
			const files = await client.listChatFiles(CHAT).catch(async (error: unknown) => {
				expect(await failureOf(Promise.reject(error as Error))).toBeInstanceOf(ServiceError);
				return undefined;
			});
			expect(service.store.files.size).toBe(250);
			if (!files) return;
			const ids = files.map(({ id }) => id);
			expect(new Set(ids).size).toBe(ids.length);
			for (const [id] of service.store.files) expect(id === 251 || ids.includes(id)).toBe(true);
		}));

	it('no file of the folder is doubled in the chat', () =>
		scenario(async ({ service, client, folder }) => {
			bigChat((file) => service.store.add(file));
			service.on('listChatFiles', changeAfterFirstPage(service.store));
			// The 101st file moves to the first page when that has been read.
			await writeFile(path.join(folder, '101.txt'), 'x');
			const sync = { chatId: CHAT, localDirectory: folder, ifExists: 'skip' } as const;
			await client.syncChatFilesToRemote(sync).catch((error: unknown) => {
				expect(error).toBeInstanceOf(ServiceError);
			});
			expect(service.store.named('101.txt')).toHaveLength(1);
		}));

	/** After the first page has been answered, its tenth file goes and a new file comes at the end. */
	function changeAfterFirstPage(store: Store) {
		let isFirst = true;
		return (work: () => ReturnType<typeof ok>) => {
			const answer = work();
			if (isFirst) {
				store.files.delete(10);
				store.add({ filename: 'new.txt', bytes: Buffer.from('x') });
			}
			isFirst = false;
			return answer;
		};
	}
});

it('pages are asked for as needed', () =>
	scenario(async ({ service, client }) => {
		service.on('listChatFiles', (_work, call) => page(900_000, records(offsetOf(call) + 1, 100)));
		const limited = { limit: 150 };
		expect(await client.listChatFiles(CHAT, limited)).toHaveLength(150);
		expect(service.count('listChatFiles')).toBeLessThan(6);
	}));

it('a listing that is cancelled between two pages is cancelled', () =>
	scenario(async ({ service, client }) => {
		bigChat((file) => service.store.add(file));
		const stop = new AbortController();
		service.on('listChatFiles', (work) => {
			if (service.count('listChatFiles') === 2) stop.abort();
			return work();
		});
		const error = await failureOf(client.listChatFiles(CHAT, { signal: stop.signal }));
		expect(error).toBeInstanceOf(CancelledError);
	}));
