/**
 * One measurement in a process of its own, so with a fresh heap:
 * `worker.js <contender> <package folder> <temporary folder> <task as JSON>`. The last line it prints is the report.
 */
import { openContender } from './contenders';
import { LoopWatch } from './loop-watch';
import { MemoryWatch } from './memory-watch';
import type { Report, Task } from './tasks';

async function main(): Promise<void> {
	const [name = '', packageFolder = '', temporaryFolder = '', text = ''] = process.argv.slice(2);
	const { url, userId, work, warmUp } = JSON.parse(text) as Task;
	const contender = await openContender(name, { url, userId, packageFolder, temporaryFolder });
	try {
		if (warmUp) await (await contender.prepare(warmUp))();
		const run = await contender.prepare(work);
		const watch = new MemoryWatch();
		const loopWatch = new LoopWatch();
		const cpu = process.cpuUsage();
		const start = performance.now();
		const outcome = await run();
		const seconds = outcome.seconds ?? (performance.now() - start) / 1000;
		const { user, system } = process.cpuUsage(cpu);
		const loop = loopWatch.stop();
		// A contender that measures itself did more than the work meanwhile.
		const cpuSeconds = outcome.seconds === undefined ? (user + system) / 1e6 : null;
		const { files, outputBytes } = outcome;
		const output = outputBytes === undefined ? {} : { outputBytes };
		const report: Report = { seconds, cpuSeconds, files, memory: watch.stop(), loop, ...output };
		console.log(JSON.stringify(report));
	} finally {
		await contender.close();
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
