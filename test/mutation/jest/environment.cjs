const { TestEnvironment } = require('jest-environment-node');

/** Where Jest keeps who listens to its events. It adds to what it finds. */
const EVENT_HANDLERS = Symbol.for('EVENT_HANDLERS');

/**
 * The globals of Node itself, as packages are loaded by Node itself (`runtime.cjs`).
 * While a mutant is active the first red test says all: the others of the file are skipped.
 */
module.exports = class extends TestEnvironment {
	#red = false;

	constructor(...args) {
		super(...args);
		this.global = globalThis;
		this.global[EVENT_HANDLERS] = undefined;
	}

	async handleTestEvent({ name, test }) {
		if (process.env.__STRYKER_ACTIVE_MUTANT__ === undefined) return;
		if (name === 'test_fn_failure' || name === 'hook_failure') this.#red = true;
		if (name === 'test_start' && this.#red) test.mode = 'skip';
	}
};
