import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { BddFileClient } from '../../client';
import { startService, type RunningService } from '../../local-service';
import { mountReadOnly, type Volume } from './volume';

const CHAT = '42';

let volume: Volume;
let data: string;
let service: RunningService;
let client: BddFileClient;

beforeAll(async () => {
	volume = await mountReadOnly();
	data = await mkdtemp(path.join(tmpdir(), 'bdd-file-disk-service-'));
	service = await startService({ dataDir: data });
	client = new BddFileClient({ baseUrl: service.url, userId: '7' });
	await service.addFile({ filename: 'a.txt', content: Buffer.from('abc'), chatId: CHAT });
});
afterAll(async () => {
	client.close();
	await service.close();
	await rm(data, { recursive: true });
	await volume.close();
});

it.each(['new', 'new/deeper'])('a sync to the folder %s says that the disk is read-only', async (name) => {
	const localDirectory = path.join(volume.folder, name);
	const refused = {
		name: 'LocalFileError',
		message: `Creating the folder "${localDirectory}" failed: the disk is read-only (EROFS)`,
		description: 'Choose a folder that can be written to.',
	};

	await expect(client.syncChatFilesToLocal({ chatId: CHAT, localDirectory })).rejects.toMatchObject(refused);
	await expect(client.syncChatFilesBothWays({ chatId: CHAT, localDirectory })).rejects.toMatchObject(refused);
});

it('a download to it says so', async () => {
	const { id } = service.files()[0] ?? {};
	await expect(client.downloadInto(String(id), volume.folder)).rejects.toMatchObject({
		name: 'LocalFileError',
		message: `Writing "${path.join(volume.folder, 'a.txt')}" failed: the disk is read-only (EROFS)`,
	});
});
