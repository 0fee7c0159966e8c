import { cpus, release, totalmem, type } from 'node:os';

import type { Results } from './results';

/** What the figures were taken on. */
export function machine(): Results['machine'] {
	const processors = cpus();
	return {
		processors: processors.length,
		model: processors[0]?.model.trim() ?? 'unknown',
		memoryGiB: Math.round(totalmem() / 1024 ** 3),
		system: `${type()} ${release()}`,
		node: process.version,
	};
}
