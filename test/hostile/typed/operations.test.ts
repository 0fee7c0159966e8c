import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';

import fc from 'fast-check';
import { ExecuteContext, ExecutionLifecycleHooks } from 'n8n-core';
import {
	createEmptyRunExecutionData,
	Workflow,
	type IBinaryKeyData,
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type IWorkflowBase,
} from 'n8n-workflow';

import { isBddFileError, Siblings, type BddFileError } from '../../../client';
import { BddFileApi } from '../../../credentials/BddFileApi.credentials';
import { additionalData } from '../../../harness/engine/additional-data';
import { PlainCredentials } from '../../../harness/engine/credentials';
import { InstanceNodeTypes } from '../../../harness/engine/node-types';
import { BddFile } from '../../../nodes/BddFile/BddFile.node';
import { RESOURCES } from '../../../nodes/BddFile/actions/router';
import { itemRun } from '../../../nodes/BddFile/item-loop';
import type { Operation } from '../../../nodes/BddFile/operation';
import { ClientPool } from '../../../nodes/shared/clients';
import { bareNode, TYPE } from '../../engine/bare-node';
import { startWorld, type World } from '../../engine/world';
import { anything, someOf } from './values';

const RUNS = 250;

/** Nothing but this machine may be asked, whatever the credential says. */
const loopbackOnly = () => ({
	validateUrl: (url: string) =>
		Promise.resolve({
			ok: new URL(url).hostname === '127.0.0.1',
			error: new Error('The test asks this machine only'),
		}),
	createSecureLookup: () => () => {
		throw new Error('The test asks this machine only');
	},
});

const OPERATIONS = RESOURCES.flatMap(({ entry, operations }) =>
	operations.map((operation) => [String(entry.value), operation.entry.value, operation] as const),
);

describe("whatever n8n's execution gives, an operation ends in outcomes and errors of ours", () => {
	let world: World;
	let folder: string;
	let directoryId: string;
	beforeAll(async () => {
		world = await startWorld();
		directoryId = world.service.addDirectory('typed');
		folder = world.folder('typed');
		await mkdir(folder);
		await writeFile(path.join(folder, 'a.txt'), 'a');
	});
	afterAll(() => world.close());

	/** n8n's own context of an execution, whose node has these parameters as they are. */
	function context(parameters: object, credential: object, item: INodeExecutionData): IExecuteFunctions {
		const node = bareNode({ credentials: { bddFileApi: { id: 'any', name: 'any' } } });
		const workflow = new Workflow({
			nodes: [node],
			connections: {},
			active: false,
			nodeTypes: new InstanceNodeTypes({ [TYPE]: new BddFile() }),
		});
		// After the workflow is made, which would put the panel's defaults in place of what has the wrong shape.
		node.parameters = { ...parameters };
		const credentials = new PlainCredentials([new BddFileApi()], {
			any: credential as ICredentialDataDecryptedObject,
		});
		const hooks = new ExecutionLifecycleHooks('manual', '1', { id: '1' } as IWorkflowBase);
		const inputs = { main: [[item]] };
		const n8n = new ExecuteContext(
			workflow,
			node,
			additionalData(credentials, hooks, '1'),
			'manual',
			createEmptyRunExecutionData(),
			0,
			[item],
			inputs,
			{ node, data: inputs, source: null },
			[],
		);
		Object.assign(n8n.helpers, { getSecureEgressFilter: loopbackOnly });
		return n8n as unknown as IExecuteFunctions;
	}

	/** The errors the operation ends in; throws what is not an error of ours. */
	async function errorsOf(operation: Operation, n8n: IExecuteFunctions): Promise<BddFileError[]> {
		const clients = new ClientPool(n8n);
		const ours = (error: unknown) => {
			if (isBddFileError(error)) return error;
			throw new Error(`not an error of ours: ${inspect(error)}`);
		};
		try {
			const outcomes = await operation.execute(await itemRun(n8n, 0, clients, new Siblings()));
			return outcomes.flatMap((outcome) => (outcome.ok ? [] : [ours(outcome.error)]));
		} catch (error) {
			return [ours(error)];
		} finally {
			clients.close();
		}
	}

	/** Parameters with which the operation works. */
	const working = (operation: Operation, chatId: string, fileId: string): IDataObject => ({
		...Object.fromEntries(operation.description.map((field) => [field.name, field.default as string])),
		fileId,
		chatId,
		directoryId: { __rl: true, mode: 'id', value: directoryId },
		localDirectory: folder,
	});
	const namesOf = ({ description }: Operation) => description.map(({ name }) => name);
	const optionsOf = ({ description }: Operation) =>
		(description.find(({ name }) => name === 'options')?.options ?? []).map(({ name }) => name);

	it.each(OPERATIONS)(
		'%s %s',
		async (resource, name, operation) => {
			// A chat of its own: uploads make one too large to sync so often.
			const chatId = `${resource} ${name}`;
			const fileId = await world.service.addFile({ filename: 'a.txt', content: 'a', chatId });
			const FILE = { data: 'QUJD', mimeType: 'text/plain' };
			const runWith = (
				parameters: object,
				options: object,
				credential: object,
				json: unknown,
				binary: unknown,
			) =>
				errorsOf(
					operation,
					context(
						{ ...working(operation, chatId, fileId), options, ...parameters, resource, operation: name },
						{ ...world.credentials.local, ...credential },
						{ json: json as IDataObject, binary: { data: binary } as IBinaryKeyData },
					),
				);
			expect(await runWith({}, {}, {}, {}, FILE)).toEqual([]);

			await fc.assert(
				fc.asyncProperty(
					someOf(namesOf(operation)),
					someOf(optionsOf(operation)),
					fc.oneof(
						{ weight: 3, arbitrary: fc.constant({}) },
						{ weight: 1, arbitrary: someOf(['profile', 'userId', 'biz', 'mode']) },
					),
					anything.map((json) => (typeof json === 'object' && json !== null ? json : {})),
					fc.oneof(fc.constant(FILE), anything),
					async (...wrong) => {
						await runWith(...wrong);
					},
				),
				{ numRuns: RUNS, endOnFailure: true },
			);
		},
		120_000,
	);
});
