import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Metafile } from 'esbuild';

import { ROOT } from './bundles';

interface Manifest {
	name: string;
	version: string;
	license: string;
	homepage?: string;
}

/**
 * Every package of which code is in the bundle, with the text of its licence: the licences ask for it.
 *
 * @throws when a package comes without such a text
 */
export async function licences({ inputs }: Metafile): Promise<string[]> {
	const folders = Object.keys(inputs).flatMap(
		(input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
	);
	return await Promise.all([...new Set(folders)].sort().map((folder) => licence(path.join(ROOT, folder))));
}

async function licence(folder: string): Promise<string> {
	const { name, version, license, homepage } = JSON.parse(
		await readFile(path.join(folder, 'package.json'), 'utf8'),
	) as Manifest;
	const text = await licenceText(folder);
	if (text === undefined) throw new Error(`${name} comes without the text of its licence`);
	return `${name} ${version} (${license})\n${homepage ?? ''}\n\n${text.trim()}\n`;
}

/** The file that holds it, else the part of the package's README. */
async function licenceText(folder: string): Promise<string | undefined> {
	const files = await readdir(folder);
	const read = async (name: RegExp) => {
		const file = files.find((entry) => name.test(entry));
		return file === undefined ? undefined : await readFile(path.join(folder, file), 'utf8');
	};
	const text = await read(/^(licen[cs]e|copying)/i);
	return text ?? /^(?:#+ )?licen[cs]e\n(?:-+\n)?([^]*)/im.exec((await read(/^readme/i)) ?? '')?.[1];
}
