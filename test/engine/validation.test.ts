import { mkdir, writeFile } from 'node:fs/promises';

import type { IDataObject, INode } from 'n8n-workflow';

import { CHAT, download, list, startWorld, step, sync, upload, type World } from './world';

const FILE = { files: { data: { fileName: 'a.txt', content: Buffer.from('abc') } } };
const using = (credential: string): Partial<INode> => ({
	credentials: { bddFileApi: { id: credential, name: credential } },
});

/** What a user sees: the message, and below it what to do. */
interface Case {
	title: string;
	parameters: IDataObject;
	message: string;
	advice: RegExp;
	settings?: Partial<INode>;
}

const CASES: Case[] = [
	{
		title: 'user id missing',
		parameters: list(),
		settings: using('nobody'),
		message: 'User ID is missing',
		advice: /credential.*option "User ID"/,
	},
	{
		title: 'user id not made of digits',
		parameters: list({ options: { userId: 'me' } }),
		message: 'User ID "me" is not a number',
		advice: /digits only/,
	},
	{
		title: 'biz chat without chat id',
		parameters: upload({ chatId: '={{ $json.nothing }}' }),
		message: 'Chat ID is empty',
		advice: /enter its ID/i,
	},
	{
		title: 'list of a chat without its ID',
		parameters: list({ chatId: '={{ $json.nothing }}' }),
		message: 'Chat ID is empty',
		advice: /^Enter the ID of the chat whose files are to be listed/,
	},
	{
		title: 'sync of a chat without its ID',
		parameters: sync('syncToLocal', '={{ $json.folder }}', { chatId: '={{ $json.nothing }}' }),
		message: 'Chat ID is empty',
		advice: /^Enter the ID of the chat that is to be synced/,
	},
	{
		title: 'sync without a folder',
		parameters: sync('syncToLocal', '={{ $json.nothing }}'),
		message: 'Local Folder is empty',
		advice: /^Enter the absolute path of a folder on the machine that runs n8n/,
	},
	{
		title: 'profile custom without URL',
		parameters: list(),
		settings: using('nowhere'),
		message: 'Base URL is empty',
		advice: /address of the service/,
	},
	{
		title: 'expiry 0',
		parameters: { resource: 'file', operation: 'getUrl', fileId: 1, expiresIn: 0 },
		message: 'Expires In (Seconds) must be a whole number from 1 to 315360000',
		advice: /It is 0/,
	},
	{
		title: 'expiry negative',
		parameters: { resource: 'file', operation: 'getUrl', fileId: 1, expiresIn: -600 },
		message: 'Expires In (Seconds) must be a whole number from 1 to 315360000',
		advice: /It is -600/,
	},
	{
		title: 'expiry not whole',
		parameters: { resource: 'file', operation: 'getUrl', fileId: 1, expiresIn: 1.5 },
		message: 'Expires In (Seconds) must be a whole number from 1 to 315360000',
		advice: /It is 1.5/,
	},
	{
		title: 'file id "abc"',
		parameters: download({ fileId: 'abc' }),
		message: 'File ID is not an id: "abc"',
		advice: /whole number/,
	},
	{
		title: 'file id that the item does not have',
		parameters: { resource: 'file', operation: 'delete' },
		message: 'File ID is empty',
		advice: /whole number/,
	},
	{
		title: 'binary field missing',
		parameters: upload({ binaryPropertyName: 'attachment' }),
		message: 'Input Data Field Name names "attachment"',
		advice: /binary fields are "data"/,
	},
	{
		title: 'one of several binary fields missing',
		parameters: upload({ binaryPropertyName: 'data, attachment' }),
		message: 'Input Data Field Name names "attachment"',
		advice: /binary fields are "data"/,
	},
	{
		title: 'binary field that an expression gives as a list',
		parameters: upload({ binaryPropertyName: '={{ ["data", "more"] }}' }),
		message: 'Input Data Field Name is a list, but must be text: ["data","more"]',
		advice: /expression/,
	},
	{
		title: 'field for the downloaded file that an expression leaves empty',
		parameters: download({ fileId: 1, binaryPropertyName: '={{ "" }}' }),
		message: 'Put Output File in Field is empty',
		advice: /name of the binary field that gets the file/,
	},
	{
		title: 'place on disk of a download that an expression leaves empty',
		parameters: download({ fileId: 1, destination: 'path', filePath: '={{ "" }}' }),
		message: 'File Path is empty',
		advice: /absolute path of a folder or of a file/,
	},
	{
		title: 'file to upload from disk that an expression leaves empty',
		parameters: upload({ source: 'path', filePath: '={{ "" }}' }),
		message: 'File Path is empty',
		advice: /absolute path of a file/,
	},
	{
		title: 'file to upload from disk that is a folder',
		parameters: upload({ source: 'path', filePath: '={{ $json.folder }}' }),
		message: 'is a folder',
		advice: /operation "Sync Folder to Chat"/,
	},
	{
		title: 'whole path of a download, and a name too',
		parameters: download({
			fileId: 1,
			destination: 'path',
			filePath: '={{ $json.folder }}/new.txt',
			options: { fileName: 'x.txt' },
		}),
		message: 'is no folder, and the option "File Name" is set too',
		advice: /existing folder, or remove the option/,
	},
	{
		title: 'upload to continue that is no id',
		parameters: upload({ options: { resumeFileId: 'abc' } }),
		message: 'Resume File ID is not an id: "abc"',
		advice: /whole number/,
	},
	{
		title: 'folder that does not exist',
		parameters: sync('syncToRemote', '={{ $json.folder }}/missing'),
		message: 'does not exist',
		advice: /machine that runs n8n/,
	},
	{
		title: 'folder that is a file',
		parameters: sync('syncToLocal', '={{ $json.folder }}/file.txt'),
		message: 'is a file',
		advice: /Enter a folder/,
	},
	{
		title: 'folder n8n forbids, to local',
		parameters: sync('syncToLocal', '/etc/bdd/new'),
		message: 'Local Folder "/etc/bdd/new" is not one that n8n allows',
		advice: /Allowed now: .*files.*N8N_RESTRICT_FILE_ACCESS_TO/,
	},
	{
		title: 'folder n8n forbids, to remote',
		parameters: sync('syncToRemote', '/etc'),
		message: 'Local Folder "/etc" is not one that n8n allows',
		advice: /N8N_RESTRICT_FILE_ACCESS_TO/,
	},
	{
		title: 'folder that is no absolute path',
		parameters: sync('syncToLocal', 'reports'),
		message: 'Local Folder "reports" is not an absolute path',
		advice: /whole path/,
	},
	{
		title: 'folder that only looks allowed',
		parameters: sync('syncToLocal', '={{ $json.folder }}/../../outside'),
		message: 'is not one that n8n allows',
		advice: /N8N_RESTRICT_FILE_ACCESS_TO/,
	},
	{
		title: 'business parameters that are no JSON',
		parameters: upload({ biz: 'zero2x', bizParams: '{space: 1}' }),
		message: 'Business Parameters are not valid JSON',
		advice: /double quotes/,
	},
	...['[1]', '5', '"docs"', 'null', '={{ 5 }}'].map((bizParams) => ({
		title: `business parameters that are ${bizParams}`,
		parameters: upload({ biz: 'zero2x', bizParams }),
		message: 'Business Parameters are not a JSON object',
		advice: /braces/,
	})),
	{
		title: 'part size below what the storage takes',
		parameters: upload({ options: { partSize: 1 } }),
		message: 'Part Size (MiB) must be a number from 5 to 5120',
		advice: /It is 1/,
	},
	{
		title: 'one name for several files',
		parameters: upload({ binaryPropertyName: '*', options: { fileName: 'x.txt' } }),
		message: 'File Name cannot be set for several files at once',
		advice: /single field/,
	},
	{
		title: 'operation that a workflow file has and the node has not',
		parameters: { resource: 'file', operation: 'rename' },
		message: 'There is no operation "rename" for the resource "file"',
		advice: /choose the resource and the operation again/,
	},
	{
		title: 'resource that a workflow file has and the node has not',
		parameters: { resource: 'folder', operation: 'list' },
		message: 'There is no operation "" for the resource "folder"',
		advice: /choose the resource and the operation again/,
	},
];

describe('row "an error that names the parameter and what to do, before any request is sent"', () => {
	let world: World;
	beforeAll(async () => {
		world = await startWorld();
		world.credentials.nobody = { ...world.credentials.local, userId: '' };
		world.credentials.nowhere = { ...world.credentials.local, baseUrl: '' };
		await mkdir(world.folder('in'));
		await writeFile(world.folder('in/file.txt'), 'x');
	});
	afterAll(() => world.close());

	it.each(CASES)('$title', async ({ parameters, settings, message, advice }) => {
		world.forgetRequests();
		const files =
			parameters.binaryPropertyName === '*' ? { ...FILE.files, more: { content: Buffer.of(1) } } : FILE.files;
		const run = await world.run([step('BDD File', parameters, settings)], {
			input: [{ json: { folder: world.folder('in') }, files }],
		});

		expect(run.status).toBe('error');
		expect(run.error?.message).toContain(message);
		expect(run.error).toMatchObject({
			description: expect.stringMatching(advice) as string,
			context: { itemIndex: 0 },
			level: 'warning',
		});
		expect(world.requests).toEqual([]);
	});

	it('creates nothing on disk when the folder is refused', async () => {
		await world.service.addFile({ filename: 'a.txt', content: 'abc', chatId: CHAT });
		const outside = world.folder('../outside');
		await world.run([step('Sync', sync('syncToLocal', outside))]);

		await expect(mkdir(outside)).resolves.toBeUndefined();
	});

	it('says which of the items it was', async () => {
		const run = await world.run([step('Delete', { resource: 'file', operation: 'delete' })], {
			input: [{ json: { fileId: 'x' } }, { json: {} }],
		});

		expect(run.error).toMatchObject({ message: 'File ID is not an id: "x"', context: { itemIndex: 0 } });
	});
});
