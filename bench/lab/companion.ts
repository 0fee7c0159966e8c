import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import type { Answer, Question } from './messages';
import type { ProgramOptions } from './program';

const START_MS = 60_000;
/** Long enough to put 100,000 files on a slow disk. */
const ANSWER_MS = 10 * 60_000;
const STOP_MS = 10_000;

/** A process that works beside the measurements: the service, or the proxy in front of it. */
export class Companion {
	private questions = 0;

	private constructor(
		private readonly child: ChildProcess,
		readonly url: string,
	) {}

	/** @throws when it does not come up within a minute */
	static async start(program: string, args: readonly string[], options: ProgramOptions): Promise<Companion> {
		const child = fork(program, args, {
			cwd: options.cwd,
			env: options.env,
			// The process that starts it may be run by a TypeScript loader; this one needs none.
			execArgv: [],
			stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		});
		try {
			const started = await nextMessage(child, (message) => 'url' in message, START_MS);
			return new Companion(child, (started as { url: string }).url);
		} catch (error) {
			child.kill('SIGKILL');
			throw error;
		}
	}

	async ask(question: Question): Promise<unknown> {
		const number = ++this.questions;
		const answered = nextMessage(
			this.child,
			(message) => (message as Partial<Answer>).number === number,
			ANSWER_MS,
		);
		this.child.send({ number, question });
		const answer = (await answered) as Answer;
		if ('error' in answer) throw new Error(`The service could not ${question.ask}: ${answer.error}`);
		return answer.result;
	}

	/** Ends the process. */
	async stop(): Promise<void> {
		if (this.child.exitCode !== null || this.child.signalCode !== null) return;
		const ended = once(this.child, 'exit');
		const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
		if (this.child.connected) this.child.disconnect();
		await ended;
		clearTimeout(timer);
	}
}

/** The next message that `isIt`. Rejects when the process ends first, or after `limitMs`. */
async function nextMessage(
	child: ChildProcess,
	isIt: (message: object) => boolean,
	limitMs: number,
): Promise<unknown> {
	return await new Promise((resolve, reject) => {
		const timer = setTimeout(() => end(new Error('A process of the benchmark does not answer')), limitMs);
		const onExit = () => end(new Error('A process of the benchmark ended by itself'));
		const onMessage = (message: unknown) => {
			if (typeof message === 'object' && message !== null && isIt(message)) end(undefined, message);
		};
		const end = (error: Error | undefined, message?: unknown) => {
			clearTimeout(timer);
			child.off('message', onMessage).off('exit', onExit).off('error', end);
			if (error) reject(error);
			else resolve(message);
		};
		child.on('message', onMessage).once('exit', onExit).once('error', end);
	});
}
