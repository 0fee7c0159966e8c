/** What looks at the place of an upload find, and what they ask for it. */
import type { BddFileApi, UploadTarget } from '../../client/api/api';
import { ServiceError } from '../../client/api/errors';
import type { FileInfo } from '../../client';
import { Place } from '../../client/transfer/upload/place';
import { failureOf } from '../faults/odd-server';
import { http, ok, page } from '../hostile/support/answers';
import type { HostileService } from '../hostile/support/service';
import { recordOf, USER } from '../hostile/support/store';
import { atService, contextWith, ELSEWHERE, IN_CHAT, type AtService } from './at-service';

const SOMEBODY_ELSE = '7';
const placeAt = (api: BddFileApi, target: UploadTarget = IN_CHAT, userId = USER) =>
	new Place(api, target, contextWith({ action: 'Looking', userId }));

const idsOf = (files: readonly FileInfo[] | undefined) => files?.map(({ id }) => id);

/** Behind all that a page holds. */
const LAST = { uploadAt: '2099-12-31T12:00:00Z' };
/** Later than others, and more files than a page has, all of whose names hold that of `a.bin`. */
const crowd = ({ store }: HostileService, more: Parameters<typeof store.add>[0] | object = {}) => {
	for (let index = 0; index < 150; index += 1)
		store.add({ filename: `${index} a.bin`, uploadAt: '2099-03-01T12:00:00Z', ...more });
};
/** The names that were searched for. */
const searches = ({ calls }: HostileService) =>
	calls.filter(({ endpoint }) => endpoint === 'listFilesInDirectory').map(({ query }) => query.get('name'));

describe('looks are cheap', () => {
	it.each<[string, (service: HostileService) => void, boolean]>([
		['where there is a directory', () => undefined, true],
		['not where there is none yet', (service) => service.on('listDirectories', () => page(0, [])), false],
		['not where the service has none at all', (service) => service.withoutDirectories(), false],
	])('%s', (_, prepare, expected) =>
		atService(async ({ service, api }) => {
			prepare(service);
			expect(await placeAt(api).isSearchable()).toBe(expected);
		}),
	);
});

describe('the directory of a biz', () => {
	it('is that of its very name', () =>
		atService(async ({ service, api }) => {
			const directory = (id: number, name: string) => ({ id, name, created_at: '' });
			service.on('listDirectories', () => page(2, [directory(8, 'chat-old'), directory(9, 'chat')]));
			service.on('listFilesInDirectory', () => page(0, []));
			await placeAt(api).filesNamed('a.bin');
			const asked = service.calls.find(({ endpoint }) => endpoint === 'listFilesInDirectory');
			expect(asked?.query.get('directory_id')).toBe('9');
			expect(service.calls[0]?.query.get('name')).toBe('chat');
		}));

	it('is asked for once by each user, for each biz', () =>
		atService(async ({ service, api }) => {
			await placeAt(api).isSearchable();
			await placeAt(api).isSearchable();
			expect(service.count('listDirectories')).toBe(1);
			await placeAt(api, ELSEWHERE).isSearchable();
			expect(service.count('listDirectories')).toBe(2);
			await placeAt(api, IN_CHAT, SOMEBODY_ELSE).isSearchable();
			expect(service.count('listDirectories')).toBe(3);
		}));

	it('is asked for again where there was none yet, which the first file changes', () =>
		atService(async ({ service, api }) => {
			service.on('listDirectories', () => page(0, []), 1);
			expect(await placeAt(api).isSearchable()).toBe(false);
			expect(await placeAt(api).isSearchable()).toBe(true);
		}));

	it.each([404, 405, 422])('is asked for once where the service has none at all (HTTP %d)', (status) =>
		atService(async ({ service, api }) => {
			service.on('listDirectories', () => http(status));
			expect(await placeAt(api).isSearchable()).toBe(false);
			expect(await placeAt(api).isSearchable()).toBe(false);
			expect(service.count('listDirectories')).toBe(1);
		}),
	);

	it('that the service refuses to tell is an error', () =>
		atService(async ({ service, api }) => {
			service.on('listDirectories', () => http(403));
			expect(await failureOf(placeAt(api).isSearchable())).toMatchObject({ status: 403 });
		}));
});

describe('files of a name', () => {
	it('are those of the very name that a search finds among the newest', () =>
		atService(async ({ service, api }) => {
			const first = service.store.add({ filename: 'a.bin', uploadAt: '2026-01-01T00:00:00Z' });
			const second = service.store.add({ filename: 'a.bin', uploadAt: '2026-02-01T00:00:00Z' });
			service.store.add({ filename: 'not a.bin' });
			const place = placeAt(api);
			expect(idsOf(await place.filesNamed('a.bin'))).toEqual([second.id, first.id]);
			crowd(service);
			expect(await place.filesNamed('a.bin')).toEqual([]);
			expect(idsOf(await place.foundFilesNamed('a.bin'))).toEqual([second.id, first.id]);
			expect(service.count('listChatFiles')).toBe(0);
		}));

	it('are those of its list where there is no search', () =>
		atService(async ({ service, api }) => {
			service.withoutDirectories();
			service.store.add({ filename: 'not a.bin' });
			const { id } = service.store.add({ filename: 'a.bin' });
			expect(idsOf(await placeAt(api).filesNamed('a.bin'))).toEqual([id]);
			expect(await placeAt(api).foundFilesNamed('a.bin')).toBeUndefined();
		}));

	it('cannot be found in another biz without a search', () =>
		atService(async ({ service, api }) => {
			service.withoutDirectories();
			expect(await placeAt(api, ELSEWHERE).filesNamed('a.bin')).toBeUndefined();
			expect(await placeAt(api, ELSEWHERE).allFilesNamed('a.bin')).toBeUndefined();
			// Whatever its parameters are called.
			const inChat = { biz: 'zero2x', bizParams: IN_CHAT.bizParams } as const;
			expect(await placeAt(api, inChat).filesNamed('a.bin')).toBeUndefined();
			expect(service.count('listChatFiles')).toBe(0);
		}));

	it('are none in a biz to which nothing was ever uploaded', () =>
		atService(async ({ service, api }) => {
			service.on('listDirectories', () => page(0, []));
			expect(await placeAt(api, ELSEWHERE).foundFilesNamed('a.bin')).toEqual([]);
			expect(await placeAt(api, ELSEWHERE).filesNamed('a.bin')).toBeUndefined();
		}));

	it.each([404, 405, 422])('cannot be searched for in a directory that is gone (HTTP %d)', (status) =>
		atService(async ({ service, api }) => {
			service.on('listFilesInDirectory', () => http(status), 1);
			const { id } = service.store.add({ filename: 'a.bin', ...ELSEWHERE });
			const place = placeAt(api, ELSEWHERE);
			expect(await place.filesNamed('a.bin')).toBeUndefined();
			// There may be another one.
			expect(idsOf(await place.filesNamed('a.bin'))).toEqual([id]);
			expect(service.count('listDirectories')).toBe(2);
		}),
	);

	it('are not known when the search fails', () =>
		atService(async ({ service, api }) => {
			service.on('listFilesInDirectory', () => http(403));
			const error = await failureOf(placeAt(api).filesNamed('a.bin'));
			expect(error).toBeInstanceOf(ServiceError);
			expect(error).toMatchObject({ status: 403 });
		}));

	it('are not all found where one cannot be read', () =>
		atService(async ({ service, api }) => {
			const whole = recordOf(service.store.add({ filename: 'a.bin' }));
			const withRecord = (name: string) =>
				service.on('listFilesInDirectory', () => page(2, [whole, { id: 8, filename: name, size: -1 }]));
			withRecord('a.bin');
			expect(await placeAt(api).foundFilesNamed('a.bin')).toBeUndefined();
			expect(idsOf(await placeAt(api).filesNamed('a.bin'))).toEqual([whole.id]);
			withRecord('not a.bin');
			expect(idsOf(await placeAt(api).foundFilesNamed('a.bin'))).toEqual([whole.id]);
		}));
});

describe('a search knows all of a biz; of this place is', () => {
	it.each<[string, UploadTarget, Partial<FileInfo>, boolean]>([
		['a file of the chat', IN_CHAT, {}, true],
		['one whose chat is a number', IN_CHAT, { biz_params: { chat_id: 42 } }, true],
		['not one of another chat', IN_CHAT, { biz_params: { chat_id: '43' } }, false],
		['not one whose chat is an object', IN_CHAT, { biz_params: { chat_id: ['42'] } }, false],
		['not one without a chat', IN_CHAT, { biz_params: null }, false],
		['not one that tells no parameters', IN_CHAT, { biz_params: undefined }, false],
		['not one whose parameters are a text', IN_CHAT, { biz_params: '42' }, false],
		['not one of another biz', IN_CHAT, { biz: 'zero2x' }, false],
		['a file of the same parameters', ELSEWHERE, elsewhere(), true],
		['not one of others', ELSEWHERE, elsewhere({ base: 8 }), false],
		['not one of more', ELSEWHERE, elsewhere({ base: 7, user: 1 }), false],
		['not one without any', ELSEWHERE, elsewhere(null), false],
		[
			'one whose parameters are the same in JSON',
			{ biz: 'knowledgeBase', bizParams: { base: 7, user: undefined } },
			elsewhere(),
			true,
		],
	])('%s', (_, target, change, isFound) =>
		atService(async ({ service, api }) => {
			const record = { ...recordOf(service.store.add({ filename: 'a.bin' })), ...change };
			service.on('listFilesInDirectory', () => page(1, [record]));
			expect(idsOf(await placeAt(api, target).filesNamed('a.bin'))).toEqual(isFound ? [record.id] : []);
		}),
	);
});

function elsewhere(bizParams: unknown = { base: 7 }): Partial<FileInfo> {
	return { biz: 'knowledgeBase', biz_params: bizParams };
}

describe('a list may give more than it was asked for; of this place is', () => {
	it.each<[string, unknown, boolean]>([
		['a file of the chat', { chat_id: 42 }, true],
		['one that does not tell its chat', {}, true],
		['not one of another chat', { chat_id: '43' }, false],
	])('%s', (_, bizParams, isFound) =>
		atService(async ({ service, api }) => {
			service.withoutDirectories();
			const record = { ...recordOf(service.store.add({ filename: 'a.bin' })), biz_params: bizParams };
			service.on('listChatFiles', () => page(1, [record]));
			const expected = isFound ? [record.id] : [];
			const place = placeAt(api);
			expect(idsOf(await place.filesNamed('a.bin'))).toEqual(expected);
			expect(idsOf(await place.allFilesNamed('a.bin'))).toEqual(expected);
			expect((await place.file(String(record.id), 'a.bin'))?.id).toBe(expected[0]);
		}),
	);
});

describe('all files of a name', () => {
	const all = async ({ api }: AtService) => idsOf(await placeAt(api).allFilesNamed('a.bin'));

	it('are in the list of a chat of one page, without a search', () =>
		atService(async (parts) => {
			const { id } = parts.service.store.add({ filename: 'a.bin' });
			parts.service.store.add({ filename: 'not a.bin' });
			expect(await all(parts)).toEqual([id]);
			expect(searches(parts.service)).toEqual([]);
		}));

	it('are searched for in a large chat, once a search has found the longest name of somebody else', () =>
		atService(async (parts) => {
			const { service } = parts;
			service.store.add({ filename: 'my own, which is the longest name.bin' });
			for (const filename of ['his.bin', 'his longer one.bin', 'his short.bin'])
				service.store.add({ filename, userId: SOMEBODY_ELSE });
			crowd(service);
			const { id } = service.store.add({ filename: 'a.bin', userId: SOMEBODY_ELSE, ...LAST });
			expect(await all(parts)).toEqual([id]);
			expect(service.count('listChatFiles')).toBe(1);
			expect(new Set(searches(service))).toEqual(new Set(['his longer one.bin', 'a.bin']));
		}));

	it('are searched for where all of a page are of the user, and one of them cannot be read', () =>
		atService(async (parts) => {
			const { service } = parts;
			const broken = service.store.add({ filename: 'broken.bin' });
			service.store.add({ filename: 'the longest name of all.bin' });
			crowd(service);
			const { id } = service.store.add({ filename: 'a.bin', ...LAST });
			service.nature.show = (record) => (record.id === broken.id ? { ...record, size: -1 } : record);
			expect(await all(parts)).toEqual([id]);
			expect(service.count('listChatFiles')).toBe(1);
			expect(searches(service)[0]).toBe('the longest name of all.bin');
		}));

	it.each<[string, (service: HostileService) => void]>([
		[
			'knows the files of the user only',
			(service) =>
				service.on('listFilesInDirectory', (_, { query }) => {
					const own = [...service.store.files.values()].filter(
						({ userId, filename }) => userId === USER && filename.includes(query.get('name') ?? ''),
					);
					return page(own.length, own.map(recordOf));
				}),
		],
		[
			'finds another file of that name',
			(service) =>
				service.on('listFilesInDirectory', (_, { query }) => {
					const other = [...service.store.files.values()].find(({ userId }) => userId !== USER);
					const isForIt = other && query.get('name') === other.filename;
					return isForIt ? page(1, [{ ...recordOf(other), id: 9_999 }]) : page(0, []);
				}),
		],
		['is none', (service) => service.withoutDirectories()],
		[
			'cannot read one',
			(service) => {
				service.on('listFilesInDirectory', (work, { query }) =>
					query.get('name') === 'a.bin' ? page(1, [{ id: 5 }]) : work(),
				);
			},
		],
	])('are those of the list of a large chat whose search %s', (_, prepare) =>
		atService(async (parts) => {
			const { service } = parts;
			service.store.add({ filename: 'my own, which is the longest name.bin' });
			service.store.add({ filename: 'his.bin', userId: SOMEBODY_ELSE });
			crowd(service);
			const { id } = service.store.add({ filename: 'a.bin', userId: SOMEBODY_ELSE, ...LAST });
			prepare(service);
			expect(await all(parts)).toEqual([id]);
			expect(service.count('listChatFiles')).toBeGreaterThan(1);
		}),
	);
});

describe('one file', () => {
	it('is found by its id, by a search or else in the list', () =>
		atService(async ({ service, api }) => {
			const [first, second] = [1, 2].map(() => service.store.add({ filename: 'a.bin' }));
			const place = placeAt(api);
			expect((await place.file(String(first?.id), 'a.bin'))?.id).toBe(first?.id);
			expect((await place.file(String(second?.id), 'a.bin'))?.id).toBe(second?.id);
			expect(service.count('listChatFiles')).toBe(0);
			service.on('listFilesInDirectory', () => page(0, []));
			expect((await place.file(String(second?.id), 'a.bin'))?.id).toBe(second?.id);
			expect(await place.file('77', 'a.bin')).toBeUndefined();
			service.on('listFilesInDirectory', () => ok({ total: 0, items: [] }));
			expect(await placeAt(api, ELSEWHERE).file('1', 'a.bin')).toBeUndefined();
		}));
});
