/**
 * One project per suite. `npm test` runs unit, service, faults, hostile, engine and package; the others (locks, killed, simulation,
 * interop, disk, soak, e2e) have commands of their own, see CONTRIBUTING.md.
 */
const transform = {
	'^.+\\.[mc]?[tj]s$': [
		'@swc/jest',
		{
			jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' },
			module: { type: 'commonjs' },
			sourceMaps: 'inline',
		},
	],
};

/** @param {string} name */
const suite = (name) => ({
	displayName: name,
	testEnvironment: 'node',
	testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
	transform,
	// They ship as ES modules only.
	transformIgnorePatterns: ['/node_modules/(?!(?:p-map|github-slugger)/)'],
	// Copies of everything, while mutants are run.
	modulePathIgnorePatterns: ['<rootDir>/.stryker-tmp/'],
});

/** @type {import('jest').Config} */
module.exports = {
	projects: [
		'unit',
		'service',
		'engine',
		'faults',
		'hostile',
		'package',
		'locks',
		'killed',
		'simulation',
		'interop',
		'disk',
		'soak',
		'e2e',
	].map(suite),
	collectCoverageFrom: [
		'client/**/*.ts',
		'nodes/**/*.ts',
		'credentials/**/*.ts',
		'local-service/**/*.ts',
		'!local-service/main.ts',
	],
	coverageReporters: ['text-summary', 'lcovonly'],
	testTimeout: 30_000,
};
