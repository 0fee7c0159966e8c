import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import GithubSlugger from 'github-slugger';
import MarkdownIt from 'markdown-it';

export const ROOT = path.join(__dirname, '../../..');

/** What is not ours, or is made. */
const FOREIGN = new Set(['.git', 'coverage', 'dist', 'node_modules']);

/** A Markdown file as GitHub shows it. */
export interface Document {
	/** As a path from the root. */
	file: string;
	text: string;
	headings: Array<{ level: number; anchor: string }>;
	/** Where links and images lead, as written. */
	links: string[];
	images: string[];
	/** Code spans of the first column of its tables. */
	firstCells: string[];
	/** Rows of each table, from top to bottom. */
	tables: number[];
	/** The info strings of its blocks of code. */
	fences: string[];
	/** The lines that are neither code nor table. */
	prose: string[];
}

const parser = new MarkdownIt({ html: true });

function parse(file: string): Document {
	const text = readFileSync(path.join(ROOT, file), 'utf8');
	const lines = text.split('\n');
	const slugger = new GithubSlugger();
	const document: Document = {
		file,
		text,
		headings: [],
		links: [],
		images: [],
		firstCells: [],
		tables: [],
		fences: [],
		prose: [],
	};
	let column: number | undefined;
	const tokens = parser.parse(text, {});
	for (const [at, { type, info, map, children }] of tokens.entries()) {
		if (type === 'table_open') document.tables.push(0);
		if (type === 'tr_open') {
			column = 0;
			document.tables.push((document.tables.pop() ?? 0) + 1);
		}
		if (type === 'table_close') column = undefined;
		if (type === 'td_close' || type === 'th_close') column = (column ?? 0) + 1;
		if (type === 'fence') document.fences.push(info);
		if (type !== 'inline') continue;
		const parts = children ?? [];
		const opened = tokens[at - 1];
		if (opened?.type === 'heading_open') {
			const shown = parts.filter((part) => part.type === 'text' || part.type === 'code_inline');
			const anchor = slugger.slug(shown.map(({ content }) => content).join(''));
			document.headings.push({ level: Number(opened.tag.slice(1)), anchor });
		}
		if (column === undefined && map) document.prose.push(...lines.slice(...map));
		for (const part of parts) {
			if (part.type === 'link_open') document.links.push(part.attrGet('href') ?? '');
			if (part.type === 'image') document.images.push(part.attrGet('src') ?? '');
			if (part.type === 'code_inline' && column === 0 && opened?.type === 'td_open')
				document.firstCells.push(part.content);
		}
	}
	return document;
}

/** Every Markdown file of the repository. */
export function readDocuments(): Document[] {
	const files = readdirSync(ROOT, { withFileTypes: true }).flatMap((entry) => {
		if (!entry.isDirectory()) return [entry.name];
		if (FOREIGN.has(entry.name)) return [];
		const below = readdirSync(path.join(ROOT, entry.name), { recursive: true, encoding: 'utf8' });
		return below.map((name) => path.join(entry.name, name));
	});
	return files
		.filter((file) => file.endsWith('.md'))
		.sort()
		.map(parse);
}
