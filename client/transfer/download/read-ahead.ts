/** Reads a source as fast as it gives, whether anybody listens or not, and keeps what it got. The source must be bounded. */
export class ReadAhead<Chunk> {
	private readonly chunks: Chunk[] = [];
	private end: { error: unknown } | 'complete' | undefined;
	private wake: () => void = () => undefined;

	constructor(source: AsyncIterable<Chunk>) {
		void this.read(source);
	}

	/** What was read and what still comes, once. Throws what the source throws, after what came before. */
	async *bytes(): AsyncGenerator<Chunk, void, undefined> {
		for (;;) {
			const chunk = this.chunks.shift();
			if (chunk !== undefined) yield chunk;
			else if (this.end === 'complete') return;
			else if (this.end) throw this.end.error;
			else await new Promise<void>((resolve) => (this.wake = resolve));
		}
	}

	private async read(source: AsyncIterable<Chunk>): Promise<void> {
		try {
			for await (const chunk of source) {
				this.chunks.push(chunk);
				this.wake();
			}
			this.end = 'complete';
		} catch (error) {
			this.end = { error };
		}
		this.wake();
	}
}
