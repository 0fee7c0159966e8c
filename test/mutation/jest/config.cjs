/**
 * How Stryker runs the tests: one project of the suites that import the sources, in one process, ending at the first red test.
 * `MUTATE_SUITES` names their files.
 */
const { resolve } = require('node:path');

const { projects } = require('../../../jest.config.cjs');

// The properties of the planner, from the same seed as ever: fewer runs.
process.env.RUNS ??= '100';

const suites = (process.env.MUTATE_SUITES ?? 'unit/*').split(',');
const { transform, transformIgnorePatterns } = projects[0];

/** @type {import('jest').Config} */
module.exports = {
	rootDir: resolve(__dirname, '../../..'),
	testMatch: suites.map((suite) => `<rootDir>/test/${suite}.test.ts`),
	testPathIgnorePatterns: [
		'/node_modules/',
		// What reads the text of the sources and documents, not what they do.
		'/test/unit/(?:house|arrows)',
		// Ten seconds and more for one test: what only these see counts as survived.
		'/test/unit/sync/(?:one-at-a-time|histories)',
		'/test/unit/trigger/(?:histories|large-chat)',
		// What runs the built package.
		'/test/engine/package',
	],
	transform,
	transformIgnorePatterns,
	// A mutant that is waited for without end is one that a test saw.
	testTimeout: 15_000,
	testEnvironment: require.resolve('./environment.cjs'),
	testSequencer: require.resolve('./sequencer.cjs'),
	runner: require.resolve('./runner.cjs'),
	runtime: require.resolve('./runtime.cjs'),
};
