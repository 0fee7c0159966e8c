import { join } from 'node:path';
import { faults } from '../../../../harness/fault-proxy';
import { type Case, OTHER_USER, NOT_A_FILE, outcomeInWords, outcome, fileIn } from './case';
import { USER_ID } from '../fixtures';

export const CLIENT: Case[] = [
	{
		from: 'guide',
		says: 'a profile stands for an address',
		run: (peer) => peer.addresses(),
		theirs: {
			dev: 'http://10.200.65.13:2015',
			beta: 'http://10.200.65.13:2015',
			prod: 'http://bdd-gateway:80/api/file',
		},
		ours: {
			dev: 'http://10.200.65.13:2015',
			beta: 'http://10.200.65.13:2015',
			prod: 'http://bdd-file-service',
		},
		because: 'the next published version, 0.7.6, has a new address for prod, and changes nothing else',
	},
	{
		from: 'guide',
		says: 'every method takes a user, who counts instead of that of the client',
		run: async (peer, place) => {
			const { chat } = place;
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			await peer.upload({ path, chat });
			await peer.upload({ path, chat, filename: 'b.txt', userId: OTHER_USER });
			const owners = place.inChat().map(({ userId }) => userId);
			const id = place.inChat()[1]?.id ?? '';
			const before = place.requests().length;
			const down = await place.folder('down');
			await peer.download(id, join(down, 'copy'), OTHER_USER);
			await peer.read(id, OTHER_USER);
			await peer.link(id, 60, OTHER_USER);
			await peer.list(chat, OTHER_USER);
			await peer.toLocal(chat, down, OTHER_USER);
			await peer.toRemote(chat, down, OTHER_USER);
			await peer.directories({ userId: OTHER_USER });
			await peer.filesIn(place.service.addDirectory('chat'), { userId: OTHER_USER });
			await peer.delete(id, OTHER_USER);
			const later = place.requests().slice(before);
			return { owners, later: [...new Set(later.map(({ headers }) => headers['x-user-id']))] };
		},
		both: { owners: [USER_ID, OTHER_USER], later: [OTHER_USER] },
	},
	{
		from: 'guide',
		says: 'without any user nothing is asked',
		run: async (peer, place) => {
			const list = await outcome(peer, peer.with({}).list(place.chat));
			return { list, requests: place.requests().length };
		},
		both: { list: 'BddFileError', requests: 0 },
	},
	{
		from: 'guide',
		says: 'the business of the client counts where a call names none',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			const client = peer.with({ userId: USER_ID, biz: 'zero2x' });
			await client.upload({ path, bizParams: { 项目: [1, 'two'] } });
			await client.upload({ path, bizParams: null, biz: 'knowledgeBase' });
			return place.service
				.files()
				.slice(-2)
				.map(({ biz }) => biz);
		},
		both: ['zero2x', 'knowledgeBase'],
	},
	{
		from: 'method',
		says: 'an upload needs a business from the call or from the client',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			const done = await outcome(peer, peer.upload({ path, bizParams: { chat_id: place.chat } }));
			return { done, arrived: place.inChat().length };
		},
		theirs: { done: 'BddFileError', arrived: 0 },
		ours: { done: 'done', arrived: 1 },
		because: 'files of chats are what people have, so chat is the business where nobody names one',
	},
	{
		from: 'guide',
		says: 'the mode of the client counts where a call names none',
		run: async (peer, place) => {
			const path = await fileIn(await place.folder(), 'a.txt', 'x');
			const client = peer.with({ userId: USER_ID, biz: 'zero2x', mode: 'multipart' });
			await client.upload({ path, bizParams: null });
			return place.asked().includes('initMultipartUploadFile');
		},
		theirs: false,
		ours: true,
		because: 'theirs takes the mode and never looks at it; ours does what the guide says',
	},
];

export const ERRORS: Case[] = [
	{
		from: 'guide',
		says: 'what the service refuses is the error of the client, which says what was being done',
		run: (peer) => outcomeInWords(peer, peer.delete(NOT_A_FILE)),
		theirs: { kind: 'BddFileError', doing: '删除文件' },
		ours: { kind: 'BddFileError', doing: `Deleting file ${NOT_A_FILE}` },
		because: 'the texts of a node are English, and ours say to which file',
	},
	{
		from: 'guide',
		says: 'a service that is not there is the error of the client',
		run: async (peer, { proxy, chat }) => {
			await proxy.refuse(true);
			try {
				return await outcome(peer, peer.list(chat));
			} finally {
				await proxy.refuse(false);
			}
		},
		both: 'BddFileError',
	},
	{
		from: 'guide',
		says: 'a service that fails is the error of the client',
		run: async (peer, { proxy, chat }) => {
			proxy.script({ on: '/listChatFiles', times: Infinity, fault: faults.answer(500, { body: 'oops' }) });
			return await outcome(peer, peer.list(chat));
		},
		both: 'BddFileError',
	},
	{
		from: 'guide',
		says: 'an answer that is none is the error of the client',
		run: async (peer, { proxy, chat }) => {
			proxy.script({ on: '/listChatFiles', times: Infinity, fault: faults.answer(200, { body: '<p>hi' }) });
			return await outcome(peer, peer.list(chat));
		},
		theirs: 'ValidationError',
		ours: 'BddFileError',
		because: 'theirs lets the error of a library out; ours does what the guide says',
	},
];
