/**
 * Adds up what the test runners themselves wrote (`jest --json --outputFile`), and says it in the last line.
 *
 * Nothing passes because it was absent: a suite that did not run, a project of jest without a file, a file without a
 * test, a skipped test, and what failed outside of all tests (an `afterAll`) each count as a failure.
 *
 * Usage: node scripts/ci-summary.mjs <folder of results> <suite>...
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const TESTS = path.resolve(import.meta.dirname, '..', 'test');

/** The projects of a suite that is not named after its only one. The tests of a project are in the folder of its name. */
const PROJECTS = {
	fast: ['unit', 'service', 'faults', 'hostile', 'engine', 'package'],
	zone: ['unit'],
};

const [folder, ...suites] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const suite of suites) {
	const result = await readFile(path.join(folder, `${suite}.json`), 'utf8').then(JSON.parse, () => undefined);
	if (!result) {
		console.log(`${suite}: did not run`);
		failed += 1;
		continue;
	}
	const files = result.testResults.length;
	const broken = result.testResults.filter(({ assertionResults }) => assertionResults.length === 0).length;
	const skipped = result.numPendingTests + result.numTodoTests;
	passed += result.numPassedTests;
	failed += result.numFailedTests + broken + skipped;
	console.log(
		`${suite}: ${result.numPassedTests} passed, ${result.numFailedTests} failed, ${skipped} skipped, in ${files} files, ${broken} of which ran no test`,
	);
	if (!result.success && result.numFailedTests + broken === 0) {
		console.log(`${suite}: failed outside of its tests`);
		failed += 1;
	}
	for (const project of PROJECTS[suite] ?? [suite]) {
		const tests = path.join(TESTS, project) + path.sep;
		if (result.testResults.some(({ name }) => name.startsWith(tests))) continue;
		console.log(`${suite}: no file of ${project} ran`);
		failed += 1;
	}
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
