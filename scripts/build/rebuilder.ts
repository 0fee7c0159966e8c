import { context } from 'esbuild';

import { assertNothingForeign, clientBundle, nodeBundles } from './bundles';

/**
 * Builds again what runs, in a fraction of a second: esbuild keeps what it has parsed. No types are checked or written.
 */
export class Rebuilder {
	private constructor(
		private readonly client: Awaited<ReturnType<typeof context>>,
		private readonly nodes: readonly Awaited<ReturnType<typeof context<{ metafile: true }>>>[],
	) {}

	static async open(): Promise<Rebuilder> {
		const bundles = await nodeBundles();
		return new Rebuilder(
			await context(clientBundle),
			await Promise.all(bundles.map((options) => context(options))),
		);
	}

	/** @throws when the sources cannot be built; what is wrong has been printed by then */
	async rebuild(): Promise<void> {
		const [, ...nodes] = await Promise.all([
			this.client.rebuild(),
			...this.nodes.map((node) => node.rebuild()),
		]);
		for (const { metafile } of nodes) assertNothingForeign(metafile);
	}

	async close(): Promise<void> {
		await Promise.all([this.client, ...this.nodes].map((bundle) => bundle.dispose()));
	}
}
