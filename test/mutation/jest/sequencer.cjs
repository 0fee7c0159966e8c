const { existsSync, readFileSync, writeFileSync } = require('node:fs');

const { default: TestSequencer } = require('@jest/test-sequencer');

/** In the sandbox of Stryker, so that a runner that was ended at a timeout knows what the one before it learnt. */
const LEARNT = '.mutate-learnt.json';

/** By file: how long it takes, the names of its tests, and of how many mutants that it was run for it was red. */
const learnt = existsSync(LEARNT) ? JSON.parse(readFileSync(LEARNT, 'utf8')) : {};

/**
 * Stryker names the tests that reach a mutant, Jest would load every file to look for them: this leaves out the files that have
 * none of them. What found most in the shortest time goes first, as the first red test ends a run.
 */
module.exports = class extends TestSequencer {
	#wanted;

	constructor(options) {
		super(options);
		const { testNamePattern } = options.globalConfig;
		this.#wanted = testNamePattern && new RegExp(testNamePattern, 'i');
	}

	sort(tests) {
		return tests.filter(({ path }) => this.#mayHave(path)).sort((a, b) => costOf(a) - costOf(b));
	}

	#mayHave(path) {
		const names = learnt[path]?.names;
		return !this.#wanted || !names || names.some((name) => this.#wanted.test(name));
	}

	cacheResults(tests, { testResults }) {
		const isMutant = process.env.__STRYKER_ACTIVE_MUTANT__ !== undefined;
		for (const { testFilePath, testResults: results, perfStats, numFailingTests } of testResults) {
			if (isMutant) {
				const known = learnt[testFilePath];
				if (!known) continue;
				known.runs++;
				if (numFailingTests > 0) known.red++;
			} else {
				const names = results.map(({ fullName }) => fullName);
				learnt[testFilePath] = { time: perfStats.runtime, names, runs: 0, red: 0 };
			}
		}
		writeFileSync(LEARNT, JSON.stringify(learnt));
	}
};

/** What it is likely to take until this file is red, in ms. A file that nothing is known of goes first. */
function costOf({ path }) {
	const { time = 0, runs = 0, red = 0 } = learnt[path] ?? {};
	return (time * (runs + 2)) / (red + 1);
}
