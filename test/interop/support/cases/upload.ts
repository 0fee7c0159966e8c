import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { faults } from '../../../../harness/fault-proxy';
import { type Case, outcome, fileIn, sparse, chatNow } from './case';
import { bytes, md5, MIB, USER_ID } from '../fixtures';

export const UPLOAD: Case[] = [
	{
		from: 'guide',
		says: 'what an upload gives has the id of the new file',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			const gives = await peer.upload({ path, chat: place.chat, mode: 'simple' });
			return typeof gives === 'object' ? Object.keys(gives ?? {}).sort() : typeof gives;
		},
		theirs: 'string',
		ours: ['fileId', 'fileName', 'md5', 'mode', 'size'],
		because:
			'theirs gives the bare id (here beyond 2^53, so digits), other than its guide; ours gives what it knows',
	},
	{
		from: 'method',
		says: 'a file has the name that the call gives it, else its own',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			await peer.upload({ path, chat: place.chat });
			await peer.upload({ path, chat: place.chat, filename: '乙.txt' });
			return await chatNow(place);
		},
		both: [
			['a.txt', 'x'],
			['乙.txt', 'x'],
		],
	},
	{
		from: 'guide',
		says: 'an open stream goes up, with a name and a size',
		run: async (peer, place) => {
			const stream = await fileIn(await place.folder(), 'a.txt', 'streamed');
			await peer.upload({ stream, filename: 'b.txt', size: 8, chat: place.chat });
			return await chatNow(place);
		},
		both: [['b.txt', 'streamed']],
	},
	{
		from: 'guide',
		says: 'a stream without a name is refused, and nothing is asked',
		run: async (peer, place) => {
			const stream = await fileIn(await place.folder(), 'a.txt', 'streamed');
			const done = await outcome(peer, peer.upload({ stream, size: 8, chat: place.chat }));
			return { done, requests: place.requests().length };
		},
		both: { done: 'BddFileError', requests: 0 },
	},
	{
		from: 'guide',
		says: 'auto sends in parts what is larger than 100 MB',
		run: async (peer, place) => {
			const folder = await place.folder();
			const path = await sparse(folder, 100 * MIB);
			await peer.upload({ path, chat: place.chat });
			const upTo = place.asked().filter((endpoint) => endpoint.includes('pload'));
			await truncate(path, 100 * MIB + 1);
			await peer.upload({ path, chat: place.chat, mode: 'auto' });
			const parts = place.requests().filter(({ path: each }) => each === '/uploadFilePart');
			return { upTo, parts: parts.length, ok: place.inChat().map(({ status }) => status) };
		},
		both: { upTo: ['uploadSimpleFile'], parts: 21, ok: ['ok', 'ok'] },
	},
	{
		from: 'test',
		says: '13 MiB go up in parts of 5 MiB, and are deleted',
		run: async (peer, place) => {
			const content = bytes(13 * MIB, 30);
			const path = await fileIn(await place.folder(), 'large.bin', content);
			await peer.upload({ path, chat: place.chat, mode: 'multipart' });
			const [file] = place.inChat();
			const isSame = (await place.service.readFile(file?.id ?? '')).equals(content);
			await peer.delete(file?.id ?? '', USER_ID);
			const sent = place.requests().filter(({ path: each }) => each === '/uploadFilePart');
			const numbers = sent.map(({ params }) => params?.['part_number']).sort();
			return { isSame, numbers, left: place.inChat() };
		},
		both: { isSame: true, numbers: [1, 2, 3], left: [] },
	},
	{
		from: 'guide',
		says: 'an upload in parts goes on where it broke',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'large.bin', bytes(11 * MIB, 31));
			const what = { path, chat: place.chat, mode: 'multipart' };
			place.proxy.script({ on: '/uploadFilePart', nth: 3, fault: faults.cutRequest(1000) });
			const broken = await outcome(peer, peer.upload(what));
			await peer.upload(what);
			const parts = place.requests().filter(({ path: each }) => each === '/uploadFilePart');
			return { broken, parts: parts.length, chat: place.inChat().map(({ status }) => status) };
		},
		theirs: { broken: 'BddFileError', parts: 6, chat: ['uploading', 'ok'] },
		ours: { broken: 'BddFileError', parts: 4, chat: ['ok'] },
		because: 'theirs begins anew and leaves the unfinished file; ours does what the guide says',
	},
	{
		from: 'method',
		says: 'a hash goes along when the caller gives one',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'hashed');
			await peer.upload({ path, chat: place.chat });
			await peer.upload({ path, chat: place.chat, hashcode: md5(Buffer.from('hashed')) });
			return place.inChat().map(({ hashcode }) => hashcode);
		},
		theirs: ['', md5(Buffer.from('hashed'))],
		ours: [md5(Buffer.from('hashed')), md5(Buffer.from('hashed'))],
		because: 'ours always sends the MD5 of what it sends: downloads, resumptions and syncs are checked by it',
	},
	{
		from: 'guide',
		says: 'a file that does not exist is the error of the client',
		run: async (peer, place) =>
			await outcome(peer, peer.upload({ path: join(await place.folder(), 'none.txt'), chat: place.chat })),
		theirs: 'FileNotFoundError',
		ours: 'BddFileError',
		because: 'theirs lets the error of Python out; ours does what the guide says',
	},
	{
		from: 'guide',
		says: 'a file of a chat needs a chat',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			const done = await outcome(peer, peer.upload({ path, biz: 'chat' }));
			return { done, requests: place.requests().length };
		},
		theirs: { done: 'BddFileError', requests: 1 },
		ours: { done: 'BddFileError', requests: 0 },
		because:
			'theirs leaves it to the service, which may take a file that no list ever shows; ours asks for it first',
	},
	{
		from: 'guide',
		says: 'an unknown business or mode is the error of the client',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			return [
				await outcome(peer, peer.upload({ path, biz: 'mail', bizParams: {} })),
				await outcome(peer, peer.upload({ path, chat: place.chat, mode: 'chunked' })),
				place.requests().length,
			];
		},
		theirs: ['BddFileError', 'ValueError', 0],
		ours: ['BddFileError', 'BddFileError', 0],
		because: 'theirs lets an error of Python out; ours does what the guide says',
	},
];
