const { createRequire } = require('node:module');
const vm = require('node:vm');

const { default: Runtime } = require('jest-runtime');

const { projects } = require('../../../jest.config.cjs');

/** Does not match the packages that ship as ES modules only. */
const [COMMONJS] = projects[0].transformIgnorePatterns.map((pattern) => new RegExp(pattern));

/** By file name: the source that was compiled, and what came of it. */
const compiled = new Map();

/**
 * Packages are loaded once by Node itself, not anew for each test file, and what was compiled is not compiled again: most of the
 * time of a short test file goes there, and there are thousands of mutants. Goes with `environment.cjs`, where tests and packages
 * have the same globals. What ships as ES modules only stays with Jest.
 */
module.exports = class extends Runtime {
	constructor(...args) {
		super(...args);
		const { executor } = this;
		executor.compile = (source, filename) => {
			const known = compiled.get(filename);
			if (known?.source === source) return known.run;
			const run = vm.compileFunction(source, executor.injectedModuleParameters, {
				filename,
				importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
			});
			compiled.set(filename, { source, run });
			return run;
		};
	}

	requireModuleOrMock(from, name) {
		return isPackage(name) ? createRequire(from)(name) : super.requireModuleOrMock(from, name);
	}
};

const isPackage = (name) =>
	!/^[./]|^node:/.test(name) && name !== '@jest/globals' && COMMONJS.test(`/node_modules/${name}/`);
