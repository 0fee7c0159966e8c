const { TestEnvironment } = require('jest-environment-node');

/** While a mutant is active the first red test says all: the others of the file are skipped. */
module.exports = class extends TestEnvironment {
	#red = false;

	async handleTestEvent({ name, test }) {
		if (process.env.__STRYKER_ACTIVE_MUTANT__ === undefined) return;
		if (name === 'test_fn_failure' || name === 'hook_failure') this.#red = true;
		if (name === 'test_start' && this.#red) test.mode = 'skip';
	}
};
