const { AsyncLocalStorage } = require('node:async_hooks');

const { TestEnvironment } = require('jest-environment-node');

/** Where Jest keeps who listens to its events. It adds to what it finds. */
const EVENT_HANDLERS = Symbol.for('EVENT_HANDLERS');

/**
 * Those in use since the last test file. Jest makes one for each file and leaves it, and until Node 22 every promise costs time for
 * each of them: after a hundred mutants most of the time.
 */
const storages = new Set();
const { _enable: enable } = AsyncLocalStorage.prototype;
if (enable) {
	AsyncLocalStorage.prototype._enable = function () {
		storages.add(this);
		enable.call(this);
	};
}

/**
 * The globals of Node itself, as packages are loaded by Node itself (`runtime.cjs`).
 * While a mutant is active the first red test says all: the others of the file are skipped.
 */
module.exports = class extends TestEnvironment {
	#red = false;

	constructor(...args) {
		super(...args);
		this.global = globalThis;
		// Jest made its fake timers for the globals of its sandbox.
		const [{ projectConfig }] = args;
		const { constructor: FakeTimers } = this.fakeTimersModern;
		this.fakeTimersModern = new FakeTimers({ config: projectConfig, global: globalThis });
		this.global[EVENT_HANDLERS] = undefined;
		for (const storage of storages) storage.disable();
		storages.clear();
	}

	async handleTestEvent({ name, test }) {
		if (process.env.__STRYKER_ACTIVE_MUTANT__ === undefined) return;
		if (name === 'test_fn_failure' || name === 'hook_failure') this.#red = true;
		if (name === 'test_start' && this.#red) test.mode = 'skip';
	}
};
