/** What a look at the place of an upload proves: what is found is there; that nothing is found proves little. */
import { BddFileApi } from '../../client/api/api';
import { Place } from '../../client/transfer/upload/place';
import { page } from '../hostile/support/answers';
import { scenario } from '../hostile/support/scenario';
import type { HostileService } from '../hostile/support/service';
import { CHAT, USER } from '../hostile/support/store';

const context = { action: 'Looking', userId: USER, timeoutMs: 10_000, maxTries: 1, settleMs: 100 };

/** The ids of the chat's files of that name; undefined where they cannot all be known. */
async function allNamed(fileName: string, { url }: HostileService): Promise<unknown[] | undefined> {
	const api = new BddFileApi(url, {});
	try {
		const place = new Place(api, { biz: 'chat', bizParams: { chat_id: CHAT } }, context);
		return (await place.allFilesNamed(fileName))?.map(({ id }) => id);
	} finally {
		api.close();
	}
}

describe('all files of a name in a large chat', () => {
	const fill = (service: HostileService) => {
		for (let index = 0; index < 150; index += 1) service.store.add({ filename: `${index}.bin` });
		return service.store.add({ filename: 'a.bin' });
	};

	it('are those that a search finds which is seen to know this chat', () =>
		scenario(async ({ service }) => {
			const { id } = fill(service);
			expect(await allNamed('a.bin', service)).toEqual([id]);
			expect(service.count('listChatFiles')).toBe(1);
		}));

	it('are those of its list where a search does not see it', () =>
		scenario(async ({ service }) => {
			const { id } = fill(service);
			service.on('listFilesInDirectory', () => page(0, []));
			expect(await allNamed('a.bin', service)).toEqual([id]);
		}));
});

it.each([
	['does not tell its name', {}, undefined],
	['has this name', { filename: 'a.bin' }, undefined],
	['has another name', { filename: 'b.bin' }, []],
])('a record that cannot be read and %s', (_, record, found) =>
	scenario(async ({ service }) => {
		service.on('listChatFiles', () => page(1, [{ id: 7, size: 'large', ...record }]));
		expect(await allNamed('a.bin', service)).toEqual(found);
	}),
);
