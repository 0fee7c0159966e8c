/**
 * Counts what this process does to the disk, and kills it right before the step that it is told. To be imported before
 * everything else, since some modules take the functions of `node:fs` as they find them.
 */
import disk, { constants } from 'node:fs';

type Work = (...args: unknown[]) => unknown;

let taken = 0;
let diesAt = Infinity;
let isCounting = false;

/** @param step the number of the step before which this process dies, from 1; undefined for none */
export function countSteps(step: number | undefined): void {
	diesAt = step ?? Infinity;
	isCounting = true;
}

export const stepsTaken = (): number => taken;

function take(): void {
	if (!isCounting) return;
	taken += 1;
	if (taken < diesAt) return;
	process.kill(process.pid, 'SIGKILL');
	// Should the signal take a moment, nothing happens any more until it is there.
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function watch(functions: object, names: readonly string[], counts: Work = () => true): void {
	const table = functions as Record<string, Work>;
	for (const name of names) {
		const original = table[name];
		if (original === undefined) throw new Error(`There is no ${name} to watch`);
		table[name] = (...args) => {
			if (counts(...args) === true) take();
			return original.apply(functions, args);
		};
	}
}

/** Whether it creates, empties or may write the file. Callbacks stand where a flag may be missing. */
const opensToWrite: Work = (_path, flags) =>
	typeof flags === 'string'
		? flags !== 'r'
		: typeof flags === 'number' &&
			(flags & (constants.O_WRONLY | constants.O_RDWR | constants.O_CREAT)) !== 0;

const CHANGES = [
	'rename',
	'link',
	'unlink',
	'rm',
	'rmdir',
	'mkdir',
	'chmod',
	'utimes',
	'lutimes',
	'writeFile',
];

watch(disk, [...CHANGES, 'write', 'writev', 'futimes', 'fchmod', 'ftruncate']);
watch(disk.promises, CHANGES);
watch(disk, ['open'], opensToWrite);

const openHandle = disk.promises.open;
disk.promises.open = async (path, flags, mode) => {
	if (opensToWrite(path, flags) === true) take();
	const handle = await openHandle(path, flags, mode);
	watch(handle, ['write', 'writeFile', 'truncate', 'sync', 'utimes', 'chmod']);
	return handle;
};
