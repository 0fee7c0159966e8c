import { setMaxListeners } from 'node:events';

import type { CallContext, UploadTarget } from './api/api';
import { BIZ } from './api/wire';
import * as given from './arguments';
import type { CallOptions, ClientOptions, UploadOptions } from './types';

/**
 * What every request of a call needs, checked, with every default.
 *
 * @param action the beginning of a sentence: `Uploading "a.txt"`
 * @throws InvalidInputError
 */
export function callContext(action: string, options: CallOptions, client: ClientOptions): CallContext {
	const userId = given.userIdDigits(options.userId ?? client.userId);
	// Many requests wait for one signal; Node would take more than ten for a leak and warn in n8n's log.
	if (options.signal) setMaxListeners(Infinity, options.signal);
	return {
		action,
		userId,
		signal: options.signal,
		timeoutMs: given.timeoutSeconds(options.timeout) * 1000,
		maxTries: given.tries(options.maxTries),
		settleMs: given.patienceMs(client.patience, 'settle'),
		retryBaseMs: given.patienceMs(client.patience, 'retry'),
		onRetry: (message) => client.logger?.warn(message),
	};
}

/** Where an upload goes. @throws InvalidInputError */
export function uploadTarget(options: UploadOptions, client: ClientOptions): UploadTarget {
	const biz = given.oneOf(BIZ, options.biz ?? client.biz ?? given.DEFAULTS.biz, 'Biz');
	if (biz !== 'chat') return { biz, bizParams: options.bizParams ?? {} };
	return { biz, bizParams: { chat_id: given.requiredText(options.chatId, 'Chat ID') } };
}
