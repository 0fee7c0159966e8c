import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const MIB = 1024 * 1024;

/** Names and sizes in bytes that have broken file programs before. */
const FILES: ReadonlyArray<readonly [name: string, size: number]> = [
	['报告 终稿.pdf', 345_678],
	['a"b;c.txt', 1024],
	["it's & 100% (copy) [1].md", 2048],
	['🎉 party 🚀.png', 98_765],
	[`${'很长的名字'.repeat(16)}.dat`, 4096],
	['answer.json', 0],
	['empty.bin', 0],
	['one byte.bin', 1],
	['film.mp4', 24 * MIB + 7],
];

/** A JSON file that looks like an error of the service. */
const CONFUSING = '{"code":7,"data":null,"message":"this is a file, not an error"}';

/** Writes the demo's files into a new folder and gives their contents by name. */
export async function makeFiles(folder: string): Promise<Map<string, Buffer>> {
	await mkdir(folder);
	const files = new Map<string, Buffer>();
	for (const [name, size] of FILES) {
		const bytes = name.endsWith('.json') ? Buffer.from(CONFUSING) : randomBytes(size);
		await writeFile(path.join(folder, name), bytes);
		files.set(name, bytes);
	}
	return files;
}
