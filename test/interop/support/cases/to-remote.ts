import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Case, fileIn, chatNow } from './case';
import { namesIn } from '../place';

export const TO_REMOTE: Case[] = [
	{
		from: 'test',
		says: 'a new file goes up, and none fails',
		run: async (peer, place) => {
			const folder = await place.folder();
			await fileIn(folder, 'a.txt', 'test');
			return [await peer.toRemote(place.chat, folder), await chatNow(place)];
		},
		both: [[['a.txt', 'success']], [['a.txt', 'test']]],
	},
	{
		from: 'method',
		says: 'what is on both sides stays, whatever is in it; what is only local goes up; what is only there stays there',
		run: async (peer, place) => {
			const { service, chat } = place;
			for (const filename of ['both.txt', 'there.txt'])
				await service.addFile({ filename, content: 'there', chatId: chat });
			const folder = await place.folder();
			await mkdir(join(folder, 'sub'));
			for (const name of ['both.txt', 'here.txt', 'sub/deep.txt', 'sub/there.txt'])
				await fileIn(folder, name, 'here');
			return [await peer.toRemote(chat, folder), await chatNow(place), await namesIn(folder)];
		},
		both: [
			[
				['both.txt', 'skipped'],
				['here.txt', 'success'],
				['sub/deep.txt', 'success'],
				['sub/there.txt', 'skipped'],
			],
			expect.arrayContaining([
				['both.txt', 'there'],
				['there.txt', 'there'],
				['here.txt', 'here'],
				['deep.txt', 'here'],
			]) as unknown,
			['both.txt', 'here.txt', 'sub'],
		],
	},
	{
		from: 'guide',
		says: 'a file that fails says so, and the others go',
		run: async (peer, place) => {
			const folder = await place.folder();
			for (const name of ['a.txt', 'b.txt']) await fileIn(folder, name, name);
			place.refuses('/uploadSimpleFile', { filename: 'a.txt' });
			return [await peer.toRemote(place.chat, folder), await chatNow(place)];
		},
		both: [
			[
				['a.txt', 'failed'],
				['b.txt', 'success'],
			],
			[['b.txt', 'b.txt']],
		],
	},
	{
		from: 'method',
		says: 'a name that is there is skipped, also when its upload had failed',
		run: async (peer, place) => {
			await place.service.addFile({ filename: 'a.txt', chatId: place.chat, status: 'error' });
			const folder = await place.folder();
			await fileIn(folder, 'a.txt', 'whole');
			return [await peer.toRemote(place.chat, folder), await chatNow(place)];
		},
		theirs: [[['a.txt', 'skipped']], [['a.txt', 'error']]],
		ours: [
			[['a.txt', 'success']],
			[
				['a.txt', 'error'],
				['a.txt', 'whole'],
			],
		],
		because: 'a failed upload is no file: theirs would never bring it again',
	},
	{
		from: 'method',
		says: 'what is only local goes up, from two folders by the same name too',
		run: async (peer, place) => {
			const folder = await place.folder();
			for (const sub of ['one', 'two']) {
				await mkdir(join(folder, sub));
				await fileIn(folder, `${sub}/a.txt`, sub);
			}
			return [await peer.toRemote(place.chat, folder), place.inChat().length];
		},
		both: [
			[
				['one/a.txt', 'success'],
				['two/a.txt', 'success'],
			],
			2,
		],
	},
	{
		from: 'guide',
		says: 'several files go at the same time',
		run: async (peer, place) => {
			const folder = await place.folder();
			for (const name of ['a.txt', 'b.txt']) await fileIn(folder, name, name);
			const before = place.proxy.matching('/uploadSimpleFile').length;
			place.proxy.script({
				on: '/uploadSimpleFile',
				wait: place.proxy.waitFor('/uploadSimpleFile', before + 2),
			});
			return await peer.toRemote(place.chat, folder);
		},
		both: [
			['a.txt', 'success'],
			['b.txt', 'success'],
		],
	},
];
