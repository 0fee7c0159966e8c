import path from 'node:path';

import { readDocuments, type Document } from './markdown';

const documents = new Map(readDocuments().map((document) => [document.file, document]));

const chinese = (file: string) => file.replace(/\.md$/, '.zh-CN.md');
const isForUsers = (file: string) => file === 'README.md' || path.dirname(file) === 'docs';

const english = [...documents.values()].filter(({ file }) => isForUsers(file) && !file.endsWith('.zh-CN.md'));

/** What two languages of one text have in common. */
const shapeOf = ({ headings, tables, images, fences, text }: Document) => ({
	levels: headings.map(({ level }) => level),
	tables,
	images,
	fences,
	generated: [...text.matchAll(/<!-- generated: .* -->/g)].map(([mark]) => mark),
});

it('there are pages, and none in Chinese alone', () => {
	const known = new Set(english.map(({ file }) => chinese(file)));
	const others = [...documents.keys()].filter((file) => file.endsWith('.zh-CN.md') && !known.has(file));
	expect([others, english.length > 9]).toEqual([[], true]);
});

describe.each(english.map((document) => [document.file, document] as const))('%s', (file, document) => {
	const other = documents.get(chinese(file));

	it('has a counterpart in Chinese with the same headings, tables, pictures and blocks of code', () => {
		expect(other && shapeOf(other)).toEqual(shapeOf(document));
	});

	it('and the two lead to each other before anything else', () => {
		expect([document.links[0], other?.links[0]]).toEqual([path.basename(chinese(file)), path.basename(file)]);
	});

	it('links to pages of its own language, the documents for developers aside', () => {
		const pages = (links: readonly string[]) =>
			links.slice(1).filter((link) => /^[^:]*\.md(?:#|$)/.test(link) && /docs|README|^[a-z-]+\./.test(link));
		const inEnglish = /bench\/results/;
		expect(pages(document.links).filter((link) => link.includes('.zh-CN.'))).toEqual([]);
		expect(
			pages(other?.links ?? []).filter((link) => !link.includes('.zh-CN.') && !inEnglish.test(link)),
		).toEqual([]);
	});
});

describe.each(['README.md', 'README.zh-CN.md'])('%s can be read in one sitting', (file) => {
	const { text = '', prose = [] } = documents.get(file) ?? {};

	it('has 150 lines at most', () => {
		expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
	});

	it('has no line of prose longer than 120 characters', () => {
		expect(prose.length).toBeGreaterThan(40);
		expect(prose.filter((line) => line.length > 120)).toEqual([]);
	});

	it('has the two commands of set-up', () => {
		expect(text).toContain('\nnpm ci && npm run demo\n');
		expect(text).toContain('\nnpm ci && npm test\n');
	});
});
