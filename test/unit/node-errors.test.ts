import { inspect } from 'node:util';

import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { CancelledError, ConnectionError, InvalidInputError, ServiceError } from '../../client';
import { toNodeError } from '../../nodes/shared/errors';
import { bareNode } from '../engine/bare-node';

const NODE = bareNode();

describe('toNodeError', () => {
	it('says what happened, what to do and for which item', () => {
		const error = toNodeError(
			NODE,
			new InvalidInputError('File ID is empty', { description: 'Enter one.' }),
			3,
		);

		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error).toMatchObject({
			message: 'File ID is empty',
			description: 'Enter one.',
			level: 'warning',
			context: { itemIndex: 3 },
		});
	});

	it('puts one full stop between what happened and what to do', () => {
		const tool = { ...NODE, type: 'n8n-nodes-bdd-file.bddFileTool' };
		for (const [message, sentence] of [
			['File ID is empty', 'File ID is empty. Enter one.'],
			['It failed. It may have arrived.', 'It failed. It may have arrived. Enter one.'],
		] as const) {
			const error = new InvalidInputError(message, { description: 'Enter one.' });
			expect(toNodeError(tool, error, 0).message).toBe(sentence);
		}
	});

	it('says what to do in the message of a tool, since an agent reads nothing else', () => {
		const error = new InvalidInputError('File ID is empty', { description: 'Enter one.' });

		expect(toNodeError({ ...NODE, type: 'n8n-nodes-bdd-file.bddFileTool' }, error, 0)).toMatchObject({
			message: 'File ID is empty. Enter one.',
			description: 'Enter one.',
		});
	});

	it('shows a refusal of the service with its HTTP status', () => {
		const refusal = new ServiceError('Deleting file 1 failed: not yours', {
			description: 'Ask the owner.',
			status: 403,
			serviceMessage: 'not yours',
		});

		expect(toNodeError(NODE, refusal, 0)).toBeInstanceOf(NodeApiError);
		expect(toNodeError(NODE, refusal, 0)).toMatchObject({
			message: 'Deleting file 1 failed: not yours',
			description: 'Ask the owner.',
			httpCode: '403',
		});
	});

	it('keeps a message in which n8n would find the name of a system error', () => {
		const message = 'Uploading "sleeperm.txt" failed';
		const error = new ConnectionError(message, { description: 'Try again.', mayHaveArrived: false });

		expect(toNodeError(NODE, error, 0).message).toBe(message);
	});

	it('never passes on what is behind an error: it may hold headers or a signed link', () => {
		const cause = Object.assign(new Error('http://h/x?signature=secret'), {
			config: { headers: { a: 'secret' } },
		});
		const error = toNodeError(
			NODE,
			new ConnectionError('Broken', { description: 'x', mayHaveArrived: true, cause }),
			0,
		);
		expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret');
	});

	it('lets n8n see that the execution was canceled', () => {
		const error = new CancelledError('Uploading "a" was cancelled', { description: 'Run it again.' });

		expect(toNodeError(NODE, error, 0)).toMatchObject({
			message: 'The execution was canceled',
			description: 'Uploading "a" was cancelled. Run it again.',
		});
	});

	it.each([
		['an error of somebody else', new TypeError('boom')],
		['a text', 'boom'],
	])('says what %s says, and for which item', (_, thrown) => {
		const error = toNodeError(NODE, thrown, 4);

		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error).toMatchObject({ message: 'boom', context: { itemIndex: 4 } });
	});

	it("leaves n8n's own errors as they are, but for the item", () => {
		const own = new NodeOperationError(NODE, 'From an expression');

		expect(toNodeError(NODE, own, 2)).toBe(own);
		expect(own.context.itemIndex).toBe(2);
	});
});
