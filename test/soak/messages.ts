import { isErrorCode } from '../../harness/n8n-host/errors';
import type { Chance } from '../../harness/simulation/chance';
import { md5, type Contents } from './contents';
import { CHATS, WEBHOOK } from './workflows';

/** As long as n8n may need to find out that the worker has died. */
const ANSWER_MS = 120_000;

/**
 * What somebody who sent a message knows of its file.
 * - `answered`: n8n said that it is uploaded
 * - `failed`: n8n said that the execution failed
 * - `unanswered`: the connection broke, or there was no answer in time
 * - `refused`: n8n was not there, or not yet ready: nothing was taken
 */
export type Answer = 'answered' | 'failed' | 'unanswered' | 'refused';

export interface Message {
	fileName: string;
	hash: string;
	answer?: Answer;
	/** What n8n said, when that was no success. */
	said?: string;
}

/** Those who send messages with a file to n8n's chat. Nobody sends a file twice. */
export class Messages {
	readonly sent: Message[] = [];
	bytes = 0;
	readonly #open = new Set<Promise<void>>();

	constructor(
		/** Where n8n is at this moment. */
		private readonly url: () => string,
		private readonly contents: Contents,
		private readonly chance: Chance,
	) {}

	/** Sends one, and does not wait for the answer. */
	send(): void {
		const content = this.contents.make();
		this.bytes += content.length;
		const fileName = this.contents.uniqueName('message');
		const message: Message = { fileName, hash: md5(content) };
		this.sent.push(message);
		const form = new FormData();
		form.set('action', 'sendMessage');
		form.set('sessionId', CHATS.watched);
		form.set('chatInput', this.chance.percent(30) ? 'multipart' : 'auto');
		form.append('files', new Blob([content]), fileName);
		const exchange = this.#exchange(form, message).finally(() => this.#open.delete(exchange));
		this.#open.add(exchange);
	}

	/** Resolves when each message has its answer, or never will. */
	async settled(): Promise<void> {
		await Promise.all(this.#open);
	}

	async #exchange(form: FormData, message: Message): Promise<void> {
		try {
			const response = await fetch(`${this.url()}/webhook/${WEBHOOK}/chat`, {
				method: 'POST',
				body: form,
				signal: AbortSignal.timeout(ANSWER_MS),
			});
			const text = await response.text();
			message.said = `${String(response.status)} ${text.slice(0, 200)}`;
			if (response.ok && text.includes('"status":"success"')) message.answer = 'answered';
			// The routes come a moment after the process.
			else message.answer = response.status === 404 ? 'refused' : 'failed';
		} catch (error) {
			// `fetch` hides the reason in the cause.
			const cause: unknown =
				typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
			message.answer = isErrorCode(cause, 'ECONNREFUSED') ? 'refused' : 'unanswered';
			message.said = String(cause ?? error);
		}
	}
}
