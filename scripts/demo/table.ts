import { formatBytes } from '../../client';

/** What became of one file. */
export interface Row {
	name: string;
	/** Bytes. */
	size: number;
	status: string;
	id: string;
	/** Whether the bytes that came back are those that were sent. */
	same: boolean;
}

const LONGEST_NAME = 44;

/** The rows as lines of text in columns. */
export function table(rows: Row[]): string {
	const lines = [
		['name', 'size', 'status', 'id', 'bytes'],
		...rows.map(({ name, size, status, id, same }) => [
			shorten(name),
			formatBytes(size),
			status,
			id,
			same ? 'same' : 'DIFFERENT',
		]),
	];
	const columns =
		lines[0]?.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? '')))) ?? [];
	return lines
		.map((line) => `  ${line.map((cell, column) => pad(cell, columns[column] ?? 0)).join('  ')}`.trimEnd())
		.join('\n');
}

const pad = (text: string, columns: number) => text + ' '.repeat(Math.max(0, columns - width(text)));

/** Columns on a terminal: Chinese characters and emoji take two. */
function width(text: string): number {
	let columns = 0;
	for (const character of text)
		columns +=
			/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]|\p{Emoji_Presentation}/u.test(
				character,
			)
				? 2
				: 1;
	return columns;
}

function shorten(name: string): string {
	let kept = '';
	for (const character of name) {
		if (width(kept + character) > LONGEST_NAME) return `${kept}…`;
		kept += character;
	}
	return kept;
}
