/** Tells whether the source of a reader is slow; the time that the reader takes itself does not count. */
export class Pace {
	private bytes = 0;
	private waited = 0;
	private since: number | undefined;

	/**
	 * @param windowBytes how much is looked at together, so that a hiccup is not taken for a slow line
	 * @param slowMs for so long the reader of so much waits at least
	 */
	constructor(
		private readonly windowBytes: number,
		private readonly slowMs: number,
	) {}

	get isSlow(): boolean {
		return this.waitedMs >= this.slowMs;
	}

	/** The source, while its pace is taken. */
	async *of(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
		this.since = performance.now();
		for await (const chunk of source) {
			this.waited = this.waitedMs;
			this.since = undefined;
			if (this.bytes >= this.windowBytes) this.bytes = this.waited = 0;
			this.bytes += chunk.length;
			yield chunk;
			this.since = performance.now();
		}
	}

	private get waitedMs(): number {
		return this.waited + (this.since === undefined ? 0 : performance.now() - this.since);
	}
}
