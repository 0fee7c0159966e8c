import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';

const TAIL_LINES = 60;

/** Everything a program printed, line by line, with a way to wait for something to be said. */
export class ProcessLog {
	/** Of both streams, as they came. */
	readonly lines: string[] = [];
	/** Of the standard output alone, for programs whose answer it is. */
	readonly stdout: string[] = [];
	readonly #waiting = new Set<() => void>();
	#ended = false;

	/** Collects from a program. Each line is also given to `onLine`. */
	constructor(streams: { stdout: Readable; stderr: Readable }, onLine?: (line: string) => void) {
		for (const [name, input] of Object.entries(streams)) {
			createInterface({ input }).on('line', (line) => {
				this.lines.push(line);
				if (name === 'stdout') this.stdout.push(line);
				onLine?.(line);
				this.#wake();
			});
		}
	}

	/** Says that nothing more will come. */
	end(): void {
		this.#ended = true;
		this.#wake();
	}

	/**
	 * Resolves with the first line that matches, of all that were said.
	 *
	 * @throws when the program ends or `timeoutMs` pass before it says so; the message ends with what it said last.
	 */
	async waitFor(pattern: RegExp, timeoutMs: number): Promise<string> {
		const deadline = Date.now() + timeoutMs;
		let next = 0;
		for (;;) {
			for (; next < this.lines.length; next++) {
				const line = this.lines[next];
				if (line !== undefined && pattern.test(line)) return line;
			}
			const left = deadline - Date.now();
			if (this.#ended || left <= 0) {
				const what = this.#ended ? 'The program ended' : `${String(timeoutMs / 1000)} s passed`;
				throw new Error(`${what} before it said ${String(pattern)}. It said:\n${this.tail()}`);
			}
			await this.#change(left);
		}
	}

	/** The last lines, for an error message. */
	tail(): string {
		return this.lines.slice(-TAIL_LINES).join('\n');
	}

	async #change(timeoutMs: number): Promise<void> {
		await new Promise<void>((resolve) => {
			const done = (): void => {
				clearTimeout(timer);
				this.#waiting.delete(done);
				resolve();
			};
			const timer = setTimeout(done, timeoutMs);
			this.#waiting.add(done);
		});
	}

	#wake(): void {
		for (const done of [...this.#waiting]) done();
	}
}
