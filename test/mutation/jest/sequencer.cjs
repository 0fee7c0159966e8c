const { existsSync, readFileSync, writeFileSync } = require('node:fs');

const { default: TestSequencer } = require('@jest/test-sequencer');

/** In the sandbox of Stryker, so that a runner that was ended at a timeout knows what the one before it learnt. */
const LEARNT = '.mutate-learnt.json';

/** By file: how long it takes, and the names of its tests. */
const learnt = existsSync(LEARNT) ? JSON.parse(readFileSync(LEARNT, 'utf8')) : {};

/**
 * Stryker names the tests that reach a mutant, Jest would load every file to look for them: this leaves out the files that have
 * none of them. Quick files first, as the first red test ends a run.
 */
module.exports = class extends TestSequencer {
	#wanted;

	constructor(options) {
		super(options);
		const { testNamePattern } = options.globalConfig;
		this.#wanted = testNamePattern && new RegExp(testNamePattern, 'i');
	}

	sort(tests) {
		const time = ({ path }) => learnt[path]?.time ?? 0;
		return tests.filter(({ path }) => this.#mayHave(path)).sort((a, b) => time(a) - time(b));
	}

	#mayHave(path) {
		const names = learnt[path]?.names;
		return !this.#wanted || !names || names.some((name) => this.#wanted.test(name));
	}

	cacheResults(tests, { testResults }) {
		if (process.env.__STRYKER_ACTIVE_MUTANT__ !== undefined) return;
		for (const { testFilePath, testResults: results, perfStats } of testResults) {
			learnt[testFilePath] = { time: perfStats.runtime, names: results.map(({ fullName }) => fullName) };
		}
		writeFileSync(LEARNT, JSON.stringify(learnt));
	}
};
