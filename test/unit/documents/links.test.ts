import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { readDocuments, ROOT } from './markdown';

const documents = readDocuments();
const anchors = new Map(
	documents.map(({ file, headings }) => [file, new Set(headings.map(({ anchor }) => anchor))]),
);

/** Why a link inside of the repository leads nowhere. */
function problemOf(from: string, target: string): string | undefined {
	const [place = '', anchor] = decodeURI(target).split('#');
	const file = place === '' ? from : path.join(path.dirname(from), place);
	if (file.startsWith('..')) return `${from}: ${target} leads out of the repository`;
	if (!existsSync(path.join(ROOT, file))) return `${from}: there is no ${file}`;
	if (anchor !== undefined && anchors.get(file)?.has(anchor) !== true)
		return `${from}: ${file} has no heading #${anchor}`;
	return undefined;
}

const isOutside = (target: string) => /^[a-z]+:/i.test(target);

it('every link and every picture of every document leads to something, anchors included', () => {
	const targets = documents.flatMap(({ file, links, images }) =>
		[...links, ...images].filter((target) => !isOutside(target)).map((target) => ({ file, target })),
	);
	expect(targets.length).toBeGreaterThan(150);
	expect(
		targets.map(({ file, target }) => problemOf(file, target)).filter((problem) => problem !== undefined),
	).toEqual([]);
});

it('an address outside of the repository is https', () => {
	const outside = documents.flatMap(({ links, images }) => [...links, ...images]).filter(isOutside);
	expect(outside.filter((target) => !target.startsWith('https://'))).toEqual([]);
});

/** Addresses of this repository, with what is behind it. */
const OURS =
	/https:\/\/github\.com\/bdd-platform\/n8n-nodes-bdd-file(?:\/blob\/main\/([^"'#\s]+))?(?:#([\w-]+))?["']/g;

it('what the package says of its documents is there', () => {
	const below = (folder: string) =>
		readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
			path.join(folder, name),
		);
	const files = ['package.json', ...below('nodes'), ...below('credentials')];
	const named = files
		.filter((file) => /\.(?:json|ts)$/.test(file))
		.flatMap((file) => [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(OURS)]);
	expect(named.length).toBeGreaterThan(4);
	const problems = named.map(([, file = 'README.md', anchor = 'readme']) =>
		// GitHub's own anchor for the whole of it.
		problemOf('package.json', anchor === 'readme' ? file : `${file}#${anchor}`),
	);
	expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
});

it('a command that a document names is one of package.json', () => {
	const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
		scripts: Record<string, string>;
	};
	const named = documents.flatMap(({ file, text }) =>
		[...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = '']) => ({ file, script })),
	);
	expect(named.length).toBeGreaterThan(20);
	expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
});
