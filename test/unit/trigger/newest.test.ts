import { InvalidInputError, pathFilter } from '../../../client';
import { newestFile } from '../../../nodes/BddFileTrigger/newest';
import { Chat, idsFrom, type Order } from './chat';

/** A chat of ids from 1 on, the files of some of them complete. */
function chatWith(count: number, complete: readonly number[], order: Order = 'ascending'): Chat {
	const chat = new Chat(order);
	chat.addAll(idsFrom(1, count), 'uploading');
	chat.changeAll(complete.map(String), 'ok');
	return chat;
}

it.each<[what: string, chat: Chat, newest: string, asked: Array<number | 'whole'>]>([
	['the only page', chatWith(10, [2, 7, 9]), '9', [1]],
	['the last page', chatWith(11, [2, 11]), '11', [1, 2]],
	['the first page, where the newest are first', chatWith(25, [3, 25], 'descending'), '25', [1, 3]],
	['the whole list, where both ends have none', chatWith(35, [15]), '15', [1, 4, 'whole']],
])('the newest complete file is looked for on %s', async (_, chat, newest, asked) => {
	const list = chat.list({ pageSize: 10, broken: ['1'] });
	expect(await newestFile(list, pathFilter())).toMatchObject({ id: newest });
	expect(list.asked).toEqual(asked);
});

it('of those that are not filtered out', async () => {
	const list = chatWith(5, [1, 2, 3]).list();
	expect(await newestFile(list, pathFilter([], ['file 3']))).toMatchObject({ id: '2' });
});

it.each([
	['there is none', chatWith(0, []), [1]],
	['none is complete', chatWith(5, []), [1]],
	['none of many is complete', chatWith(25, []), [1, 3, 'whole']],
])('says what to do where %s', async (_, chat, asked) => {
	const list = chat.list({ pageSize: 10 });
	const failure: unknown = await newestFile(list, pathFilter()).catch((error: unknown) => error);
	expect(failure).toBeInstanceOf(InvalidInputError);
	expect(failure).toMatchObject({
		message: 'There is no file to test with',
		description: expect.stringContaining('Upload one and test again.') as string,
	});
	expect(list.asked).toEqual(asked);
});
