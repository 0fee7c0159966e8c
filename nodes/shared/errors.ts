import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';

import { CancelledError, isBddFileError, messageOf, ServiceError } from '../../client';
import { isTool } from './tool';

/**
 * The error as n8n shows it: what happened, what to do about it, and for which item.
 *
 * A client's error is rebuilt from its texts instead of wrapped: n8n stores an error with its whole chain of causes, and
 * a cause further down may hold headers or a signed URL. An agent reads the message only, so there it says what to do too.
 */
export function toNodeError(
	node: INode,
	error: unknown,
	itemIndex: number,
): NodeApiError | NodeOperationError {
	if (error instanceof NodeApiError || error instanceof NodeOperationError) {
		error.context.itemIndex ??= itemIndex;
		return error;
	}
	if (!isBddFileError(error)) {
		return new NodeOperationError(node, error instanceof Error ? error : messageOf(error), { itemIndex });
	}
	const { message, description } = error;
	if (error instanceof CancelledError) {
		// n8n tells a canceled execution from a failed one by this word.
		return new NodeOperationError(node, 'The execution was canceled', {
			description: error.sentence,
			itemIndex,
		});
	}
	const nodeError =
		error instanceof ServiceError
			? new NodeApiError(
					node,
					{ message },
					{ message, description, httpCode: String(error.status), itemIndex },
				)
			: new NodeOperationError(node, message, { description, itemIndex });
	// n8n replaces a message in which it finds a system error's name, and it looks inside words: "sleeperm.txt" is enough.
	nodeError.message = isTool(node) ? error.sentence : message;
	return nodeError;
}
