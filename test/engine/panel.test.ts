import { CredentialTestContext, ExecutionLifecycleHooks, LoadOptionsContext } from 'n8n-core';
import {
	NodeHelpers,
	Workflow,
	type IDataObject,
	type ILoadOptionsFunctions,
	type INode,
	type IWorkflowBase,
} from 'n8n-workflow';

import { BddFileApi } from '../../credentials/BddFileApi.credentials';
import { additionalData } from '../../harness/engine/additional-data';
import { PlainCredentials } from '../../harness/engine/credentials';
import { InstanceNodeTypes } from '../../harness/engine/node-types';
import { faults } from '../../harness/fault-proxy';
import { BddFile } from '../../nodes/BddFile/BddFile.node';
import { bareNode, TYPE } from './bare-node';
import { PROXIED, startWorld, USER, type World } from './world';

describe('what the editor asks of the node', () => {
	let world: World;
	beforeAll(async () => (world = await startWorld()));
	beforeEach(() => world.proxy.clearScript());
	// Connections that nobody closed would stay for four seconds.
	afterEach(() => world.proxy.waitForNoSockets(3_000));
	afterAll(() => world.close());

	describe("the credential's test button", () => {
		const test = (data: IDataObject) =>
			new BddFile().methods.credentialTest.testBddFileApi.call(new CredentialTestContext(), {
				id: '1',
				name: 'BDD File',
				type: 'bddFileApi',
				data: { profile: 'custom', userId: USER, ...data },
			});

		it('asks the service, with a user id or without', async () => {
			world.forgetRequests();
			for (const userId of [USER, '']) {
				expect(await test({ baseUrl: world.proxy.url, userId })).toEqual({
					status: 'OK',
					message: 'The file service answered',
				});
			}
			expect(world.requests.map(({ path, headers }) => [path, headers['x-user-id']])).toEqual([
				['/listChatFiles', USER],
				['/listChatFiles', '0'],
			]);
		});

		it.each([
			[
				'HTTP 200 with a code',
				faults.answer(200, { body: { code: 7, data: null, message: 'unknown user' } }),
				/unknown user/,
			],
			['a page of another server', faults.answer(200, { body: '<html>hello</html>' }), /JSON|HTML/i],
			['500', faults.answer(500), /500/],
		])('says what is wrong: %s', async (_, fault, message) => {
			world.proxy.script({ on: '*', fault });

			expect(await test({ baseUrl: world.proxy.url })).toEqual({
				status: 'Error',
				message: expect.stringMatching(message) as string,
			});
		});

		it('says that nobody answers at the address, or that there is none', async () => {
			await world.proxy.refuse(true);
			expect(await test({ baseUrl: world.proxy.url })).toMatchObject({
				status: 'Error',
				message: expect.stringMatching(/reach|refused|connect/i) as string,
			});
			await world.proxy.refuse(false);
			expect(await test({ baseUrl: '' })).toMatchObject({
				status: 'Error',
				message: expect.stringMatching(/Base URL is empty/) as string,
			});
		});
	});

	describe('lists to pick from', () => {
		const searchWith =
			(method: 'searchDirectories' | 'searchFiles') =>
			(options: IDataObject, filter?: string, page?: string) => {
				const node = bareNode(PROXIED);
				const bddFile = new BddFile();
				const workflow = new Workflow({
					nodes: [node],
					connections: {},
					active: false,
					nodeTypes: new InstanceNodeTypes({ [TYPE]: bddFile }),
				});
				const credentials = new PlainCredentials([new BddFileApi()], world.credentials);
				const hooks = new ExecutionLifecycleHooks('manual', '1', { id: '1' } as IWorkflowBase);
				const data = {
					...additionalData(credentials, hooks, '1'),
					currentNodeParameters: { options } as INode['parameters'],
				};
				const context = new LoadOptionsContext(workflow, node, data, '');
				return bddFile.methods.listSearch[method].call(
					context as unknown as ILoadOptionsFunctions,
					filter,
					page,
				);
			};
		const search = searchWith('searchDirectories');
		const searchFiles = searchWith('searchFiles');

		it('offers no files while the business has no directory', async () => {
			expect(await searchFiles({})).toEqual({ results: [] });
		});

		it('offers the newest files by name, and pages on', async () => {
			world.service.addDirectory('a chat');
			for (let index = 0; index < 130; index++)
				await world.service.addFile({
					filename: `picked-${index}.txt`,
					chatId: 'pick',
					content: Buffer.from('123'),
					uploadAt: new Date(Date.UTC(2024, 0, 1, 0, index)).toISOString(),
				});
			world.service.addDirectory('z chat');
			const first = await searchFiles({}, 'picked-');
			expect(first.results).toHaveLength(100);
			expect(first.results[0]).toMatchObject({
				name: expect.stringMatching(/^picked-129\.txt \(3 bytes, 2024-01-01, ID \d+\)$/) as string,
				value: expect.stringMatching(/^\d+$/) as string,
			});
			const rest = await searchFiles({}, 'picked-', String(first.paginationToken));
			expect(rest.results).toHaveLength(30);
			expect(rest.paginationToken).toBeUndefined();
			expect(new Set([...first.results, ...rest.results].map(({ value }) => value)).size).toBe(130);
		});

		it('offers of a list what can be read, with what each record says', async () => {
			await world.service.addFile({ filename: 'any', chatId: 'pick' });
			const items = [
				{ id: 1, filename: 'undated', size: 3, hashcode: '', upload_at: '', status: 'ok' },
				{ id: 2, filename: 'broken', size: -1, hashcode: '', upload_at: '', status: 'ok' },
				{ id: 3, filename: 'new', size: 3, hashcode: '', upload_at: 'on 2024-01-01', status: 'uploading' },
			];
			const page = (data: object) => faults.answer(200, { body: { code: 0, data, message: '' } });
			world.proxy.script({ on: 'GET /listFilesInDirectory', fault: page({ total: 5, items }) });
			world.proxy.script({ on: 'GET /listFilesInDirectory', fault: page({ total: 5, items: [] }) });

			expect(await searchFiles({})).toEqual({
				results: [
					{ name: 'undated (3 bytes, ID 1)', value: '1' },
					{ name: 'new (uploading, ID 3)', value: '3' },
				],
				paginationToken: '2 3',
			});
			expect(await searchFiles({}, '', '2 3')).toEqual({ results: [] });
		});

		it('says why it cannot be shown when the User ID is an expression', async () => {
			await expect(search({ userId: '={{ $json.user }}' })).rejects.toMatchObject({
				message: 'The list needs a User ID that is known before the workflow runs',
				description: expect.stringContaining('By ID') as string,
			});
		});

		it('offers names and ids, filtered by the service', async () => {
			const id = world.service.addDirectory('reports');
			world.service.addDirectory('drafts');

			expect(await search({}, 'repo')).toEqual({ results: [{ name: 'reports', value: Number(id) }] });
			expect((await search({})).results.map(({ name }) => name)).toEqual(
				expect.arrayContaining(['reports', 'drafts']),
			);
		});

		it('asks for the user of the option', async () => {
			world.forgetRequests();
			await search({ userId: '77' });
			await searchFiles({ userId: '77' });

			expect(world.requests.map(({ path, headers }) => [path, headers['x-user-id']])).toEqual([
				['/listDirectories', '77'],
				['/listDirectories', '77'],
				['/listFilesInDirectory', '77'],
			]);
		});

		it('takes nothing else of the options: the panel does not evaluate their expressions', async () => {
			expect(
				(await search({ timeout: '={{ $json.seconds }}', maxTries: '={{ 2 }}' }, 'repo')).results,
			).toHaveLength(1);
		});

		it("does not act for the credential's user when the option is there but empty", async () => {
			world.forgetRequests();
			await expect(search({ userId: '' })).rejects.toMatchObject({
				message: 'The option "User ID" is empty',
			});
			expect(world.requests).toEqual([]);
		});

		it('pages on through the directories too', async () => {
			for (let index = 100; index < 330; index++) world.service.addDirectory(`paged-${index}`);
			const names: string[] = [];
			let page: string | undefined;
			do {
				const { results, paginationToken } = await search({}, 'paged-', page);
				names.push(...results.map(({ name }) => name));
				page = paginationToken as string | undefined;
			} while (page !== undefined);
			expect(names).toEqual(Array.from({ length: 230 }, (_, index) => `paged-${index + 100}`));
		});

		it('fails in words', async () => {
			await expect(search({ userId: 'me' })).rejects.toMatchObject({
				message: 'User ID "me" is not a number',
			});
		});
	});

	it('the outputs follow the switch', () => {
		const { description } = new BddFile();
		const outputs = (parameters: IDataObject, onError?: INode['onError']) => {
			const node = bareNode({
				parameters: parameters as INode['parameters'],
				...(onError && { onError }),
			});
			const nodeTypes = new InstanceNodeTypes({ [TYPE]: new BddFile() });
			const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
			return NodeHelpers.getNodeOutputs(workflow, workflow.getNode('BDD File') ?? node, description).map(
				(output) => (typeof output === 'string' ? output : output.displayName),
			);
		};
		expect(outputs({})).toEqual(['main']);
		expect(outputs({ splitByStatus: true })).toEqual(['Success', 'Skipped', 'Failed']);
		expect(outputs({ splitByStatus: ' TRUE ' })).toEqual(['Success', 'Skipped', 'Failed']);
		expect(outputs({ splitByStatus: 'false' })).toEqual(['main']);
		expect(outputs({ splitByStatus: true }, 'continueErrorOutput')).toEqual([
			'Success',
			'Skipped',
			'Failed',
			'Error',
		]);
		// An operation without the switch: n8n drops the hidden parameter.
		expect(outputs({ operation: 'getUrl', splitByStatus: true })).toEqual(['main']);
	});
});
