import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';

/** What a file's bytes are compared by, so that they need not fit into memory. */
export interface Content {
	/** Bytes. */
	size: number;
	/** SHA-256, hexadecimal. */
	hash: string;
}

const MIB = 1024 * 1024;

/** A JSON file that looks like an error of the service. */
const CONFUSING = '{"code":7,"data":null,"message":"this is a file, not an error"}';

/** Names and sizes in bytes that have broken file programs before. */
const FILES: ReadonlyArray<readonly [name: string, size: number]> = [
	['报告 终稿.pdf', 345_678],
	['a"b;c.txt', 1024],
	["it's & 100% (copy) [1].md", 2048],
	['🎉 party 🚀.png', 98_765],
	[`${'很长的名字'.repeat(16)}.dat`, 4096],
	['answer.json', CONFUSING.length],
	['empty.bin', 0],
	['one byte.bin', 1],
	['film.mp4', 24 * MIB + 7],
];

/** Writes the demo's files into a new folder and gives their contents by name. */
export async function makeFiles(folder: string): Promise<Map<string, Content>> {
	await mkdir(folder);
	for (const [name, size] of FILES) {
		await writeFile(path.join(folder, name), name.endsWith('.json') ? CONFUSING : randomBytes(size));
	}
	return await contentsOf(folder);
}

/** Copies the regular files of a folder, not of its subfolders, to where workflows may read them. */
export async function copyFiles(folder: string, target: string): Promise<Map<string, Content>> {
	await mkdir(target);
	for (const entry of await readdir(folder, { withFileTypes: true })) {
		if (!entry.isFile() || entry.name.startsWith('.')) continue;
		await cp(path.join(folder, entry.name), path.join(target, entry.name));
	}
	const contents = await contentsOf(target);
	if (contents.size === 0) throw new Error(`There are no files in ${folder}`);
	return contents;
}

async function contentsOf(folder: string): Promise<Map<string, Content>> {
	const contents = new Map<string, Content>();
	for (const name of (await readdir(folder)).sort()) {
		contents.set(name, await contentOf(createReadStream(path.join(folder, name))));
	}
	return contents;
}

/** Reads a stream to its end. */
export async function contentOf(stream: Readable): Promise<Content> {
	const hash = createHash('sha256');
	let size = 0;
	for await (const chunk of stream as AsyncIterable<Buffer>) {
		hash.update(chunk);
		size += chunk.length;
	}
	return { size, hash: hash.digest('hex') };
}
