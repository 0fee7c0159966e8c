import { join } from 'node:path';
import { type Case, outcome, aMoment, uploaded, readAll } from './case';
import { USER_ID } from '../fixtures';
import { namesIn } from '../place';

export const DOWNLOAD: Case[] = [
	{
		from: 'test',
		says: 'a file comes down to a path as it went up',
		run: async (peer, place) => {
			const id = await uploaded(peer, place, 'test');
			const down = await place.folder('down');
			await peer.download(id, join(down, 'copy'));
			return await readAll(down);
		},
		both: { copy: 'test' },
	},
	{
		from: 'guide',
		says: 'a file comes down into a stream',
		run: async (peer, place) => (await peer.read(await uploaded(peer, place))).toString(),
		both: 'content',
	},
	{
		from: 'test',
		says: 'a link begins with http, and anybody can follow it',
		run: async (peer, place) => {
			const url = await peer.link(await uploaded(peer, place, 'test'));
			const response = await fetch(url);
			return [url.startsWith('http'), response.status, await response.text()];
		},
		both: [true, 200, 'test'],
	},
	{
		from: 'guide',
		says: 'a link works for ten minutes unless told otherwise',
		run: async (peer, place) => {
			const id = await uploaded(peer, place);
			await peer.link(id);
			await peer.link(id, 60);
			return place.requests().flatMap(({ query }) => query['expires_in'] ?? []);
		},
		both: ['600', '60'],
	},
	{
		from: 'test',
		says: 'a deleted file cannot be downloaded',
		run: async (peer, place) => {
			const id = await uploaded(peer, place);
			await peer.delete(id);
			const down = await place.folder('down');
			const done = await outcome(peer, peer.download(id, join(down, 'copy')));
			return { done, left: await namesIn(down), chat: place.inChat() };
		},
		theirs: { done: 'done', left: ['copy'], chat: [] },
		ours: { done: 'BddFileError', left: [], chat: [] },
		because:
			'their test passes as it names no place to download to; where the service refuses with status 200, theirs takes the refusal for the content',
	},
];

export const LISTS: Case[] = [
	{
		from: 'test',
		says: 'the list of a chat has the file that was uploaded',
		run: async (peer, place) => {
			const id = await uploaded(peer, place);
			return (await peer.list(place.chat)).map((entry) => [
				entry.id === id,
				entry.filename,
				entry.userId,
				entry.status,
				entry.biz,
				Object.keys(entry.bizParams as object),
			]);
		},
		both: [[true, 'a.txt', USER_ID, 'ok', 'chat', ['chat_id']]],
	},
	{
		from: 'guide',
		says: 'a list has all pages',
		run: async (peer, { service, chat }) => {
			for (let i = 0; i < 201; i++) await service.addFile({ filename: String(i), chatId: chat });
			return new Set((await peer.list(chat)).map(({ filename }) => filename)).size;
		},
		both: 201,
	},
	{
		from: 'guide',
		says: 'directories are found by name and sorted',
		run: async (peer, { service, chat }) => {
			for (const name of ['b', 'a', 'c']) {
				service.addDirectory(`${chat} ${name}`);
				await aMoment();
			}
			service.addDirectory('another');
			const sorted = await Promise.all(
				(['name_asc', 'name_desc', 'created_at_asc', 'created_at_desc'] as const).map((sortBy) =>
					peer.directories({ name: chat, sortBy }),
				),
			);
			return sorted.map((names) => names.map((name) => name.slice(-1)).join(''));
		},
		both: ['abc', 'cba', 'bac', 'cab'],
	},
	{
		from: 'guide',
		says: 'the files of a directory are found by name and sorted',
		run: async (peer, { service, chat }) => {
			const directoryId = service.addDirectory(chat);
			for (const [day, filename] of ['b.txt', 'a.txt', 'c.txt', 'd.md'].entries())
				await service.addFile({ filename, directoryId, uploadAt: `2026-01-0${day + 1}T00:00:00Z` });
			const sorted = await Promise.all(
				(['name_asc', 'name_desc', 'upload_at_asc', 'upload_at_desc'] as const).map((sortBy) =>
					peer.filesIn(directoryId, { name: '.txt', sortBy }),
				),
			);
			return sorted.map((names) => names.map((name) => name[0]).join(''));
		},
		both: ['abc', 'cba', 'bac', 'cab'],
	},
	{
		from: 'method',
		says: 'directories and their files come ten at a time',
		run: async (peer, { service, chat }) => {
			const directoryId = service.addDirectory(chat);
			for (let i = 0; i < 11; i++) {
				service.addDirectory(`${chat} ${i}`);
				await service.addFile({ filename: String(i), directoryId });
			}
			return [(await peer.directories({ name: chat })).length, (await peer.filesIn(directoryId, {})).length];
		},
		theirs: [10, 10],
		ours: [12, 11],
		because: 'a workflow wants the list, not a page; the pages of a list are read by whoever wants to',
	},
];
