const { default: TestRunner } = require('jest-runner');

/** While a mutant is active the first red file says all: the others are not run. */
module.exports = class extends TestRunner {
	async runTests(tests, watcher, options) {
		let red = false;
		this.on('test-file-success', ([, { numFailingTests }]) => (red ||= numFailingTests > 0));
		this.on('test-file-failure', () => (red = true));
		for (const test of tests) {
			if (red && process.env.__STRYKER_ACTIVE_MUTANT__ !== undefined) return;
			await super.runTests([test], watcher, options);
		}
	}
};
