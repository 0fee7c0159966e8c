import { join } from 'node:path';
import { type Case, fileIn, readAll } from './case';
import { md5 } from '../fixtures';
import { namesIn } from '../place';

export const TO_LOCAL: Case[] = [
	{
		from: 'test',
		says: 'every file of a chat comes into the folder, and each says so',
		run: async (peer, place) => {
			const { service, chat } = place;
			for (const name of ['a.txt', '乙.txt'])
				await service.addFile({ filename: name, content: name, chatId: chat });
			const folder = await place.folder();
			return [await peer.toLocal(chat, folder), await readAll(folder)];
		},
		both: [
			[
				['a.txt', 'success'],
				['乙.txt', 'success'],
			],
			{ 'a.txt': 'a.txt', '乙.txt': '乙.txt' },
		],
	},
	{
		from: 'method',
		says: 'a local file of the same name is written over',
		run: async (peer, place) => {
			await place.service.addFile({ filename: 'a.txt', content: 'the new one', chatId: place.chat });
			const folder = await place.folder();
			await fileIn(folder, 'a.txt', 'the old one, longer');
			await fileIn(folder, 'b.txt', 'another');
			return [await peer.toLocal(place.chat, folder), await readAll(folder)];
		},
		both: [[['a.txt', 'success']], { 'a.txt': 'the new one', 'b.txt': 'another' }],
	},
	{
		from: 'method',
		says: 'a second sync writes over what the first one wrote',
		run: async (peer, place) => {
			const content = 'the same';
			await place.service.addFile({
				filename: 'a.txt',
				content,
				chatId: place.chat,
				hashcode: md5(Buffer.from(content)),
			});
			const folder = await place.folder();
			await peer.toLocal(place.chat, folder);
			const before = place.requests().length;
			const again = await peer.toLocal(place.chat, folder);
			return {
				again,
				folder: await readAll(folder),
				asks: place
					.requests()
					.slice(before)
					.some(({ path }) => path !== '/listChatFiles'),
			};
		},
		theirs: { again: [['a.txt', 'success']], folder: { 'a.txt': 'the same' }, asks: true },
		ours: { again: [['a.txt', 'skipped']], folder: { 'a.txt': 'the same' }, asks: false },
		because: 'the folder is the same in the end, without a transfer',
	},
	{
		from: 'guide',
		says: 'a file that fails says so, and the others come',
		run: async (peer, place) => {
			const { service, chat } = place;
			const id = await service.addFile({ filename: 'a.txt', content: 'new', chatId: chat });
			await service.addFile({ filename: 'b.txt', content: 'new', chatId: chat });
			const folder = await place.folder();
			await fileIn(folder, 'a.txt', 'old');
			for (const on of ['/downloadFile', '/getFileDownloadUrl']) place.refuses(on, { id });
			return [await peer.toLocal(chat, folder), await readAll(folder)];
		},
		theirs: [
			[
				['a.txt', 'failed'],
				['b.txt', 'success'],
			],
			{ 'a.txt': '', 'b.txt': 'new' },
		],
		ours: [
			[
				['a.txt', 'failed'],
				['b.txt', 'success'],
			],
			{ 'a.txt': 'old', 'b.txt': 'new' },
		],
		because: 'theirs has emptied the file by then; ours replaces it by a whole one only',
	},
	{
		from: 'guide',
		says: 'two files of one name come',
		run: async (peer, place) => {
			for (const content of ['first', 'second'])
				await place.service.addFile({ filename: 'a.txt', content, chatId: place.chat });
			const folder = await place.folder();
			const results = await peer.toLocal(place.chat, folder);
			return [results.length, (await namesIn(folder)).length];
		},
		theirs: [2, 1],
		ours: [2, 2],
		because:
			'theirs writes one over the other, whichever is last; ours keeps both, the second with its id in the name',
	},
	{
		from: 'guide',
		says: 'every file of a chat comes, also one that was never complete',
		run: async (peer, place) => {
			await place.service.addFile({ filename: 'a.txt', chatId: place.chat, status: 'error' });
			const folder = await place.folder();
			return [await peer.toLocal(place.chat, folder), await namesIn(folder)];
		},
		theirs: [[['a.txt', 'success']], ['a.txt']],
		ours: [[['a.txt', 'skipped']], []],
		because:
			'theirs takes the refusal of the service for its content; ours says why there is nothing to bring',
	},
	{
		from: 'guide',
		says: 'the files come into the folder that the call names',
		run: async (peer, place) => {
			await place.service.addFile({ filename: 'a.txt', content: 'x', chatId: place.chat });
			return await peer.toLocal(place.chat, join(await place.folder(), 'new', 'deep'));
		},
		theirs: [['a.txt', 'failed']],
		ours: [['a.txt', 'success']],
		because: 'ours makes a folder that is not there',
	},
	{
		from: 'guide',
		says: 'several files come at the same time',
		run: async (peer, place) => {
			for (const filename of ['a.txt', 'b.txt'])
				await place.service.addFile({ filename, content: filename, chatId: place.chat });
			const before = place.proxy.matching('/downloadFile').length;
			// The first waits until the second is there.
			place.proxy.script({ on: '/downloadFile', wait: place.proxy.waitFor('/downloadFile', before + 2) });
			return await peer.toLocal(place.chat, await place.folder());
		},
		both: [
			['a.txt', 'success'],
			['b.txt', 'success'],
		],
	},
];
