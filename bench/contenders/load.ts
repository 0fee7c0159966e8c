import { createRequire } from 'node:module';

/** Loads a CommonJS module by its absolute path, past the bundler of the benchmark. */
export function loadFrom(path: string): unknown {
	return createRequire(path)(path) as unknown;
}
