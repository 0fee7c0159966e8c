/**
 * Adds up what the test runners themselves wrote (`jest --json --outputFile`), and says it in the last line.
 *
 * A suite that did not run, or ran fewer tests than it has files, is a failure: nothing passes because it was absent.
 *
 * Usage: node scripts/ci-summary.mjs <folder of results> <suite>...
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

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
	if (files === 0) failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
