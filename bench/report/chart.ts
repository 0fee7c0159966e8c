import { PYTHON_CLIENT, type ContenderName } from '../lab/lab';
import type { Report } from '../tasks';
import type { Results, RowResult } from './results';
import { spreadOf, times, type Spread } from './stats';
import { figure } from './table';

const WIDTH = 860;
const MARGIN = 24;
const NAMES = 190;
const FIGURES = 90;
const BAR = 14;
const STEP = 20;
const TITLE = 24;
const GAP = 18;
const HEAD = 72;

const LABELS: Record<ContenderName, string> = {
	node: 'BDD File node in n8n',
	nodeBefore: 'the node before',
	client: 'our client alone',
	clientBefore: 'the client before',
	floor: 'plain HTTP and files (floor)',
	python: `Python client ${PYTHON_CLIENT}`,
	httpRequest: 'HTTP Request node',
	curl: 'curl',
};

const OURS: readonly ContenderName[] = ['node', 'client'];

/** Colours for light pages, and for dark ones: the chart has no background of its own. */
const STYLE = `
text { font: 13px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif; fill: #1f2328; }
.title { font-weight: 600; } .head { font-size: 17px; font-weight: 600; } .quiet { fill: #59636e; font-size: 12px; }
.ours { fill: #0d7a5f; } .theirs { fill: #a3acb9; } .spread { stroke: #1f2328; stroke-width: 1.5; opacity: 0.55; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; } .quiet { fill: #9198a1; }
.ours { fill: #2fbf95; } .theirs { fill: #656c76; } .spread { stroke: #f0f6fc; }
}`;

/**
 * The results as a picture: a group of bars for every row that promises something and compares us with others. A bar is
 * the median time, shorter is better; each group has its own scale; the thin line goes from the quickest to the slowest
 * round.
 */
export function chartOf({ rows, machine, measuredAt }: Results): string {
	let y = HEAD;
	const groups = rows
		.filter(({ verdicts }) => verdicts.length > 0)
		.filter(comparesUs)
		.map((row) => {
			const group = groupOf(row, y);
			y += group.height + GAP;
			return group.svg;
		});
	const where = `${machine.processors} x ${machine.model}, ${machine.memoryGiB} GiB, Node ${machine.node}, ${measuredAt.slice(0, 10)}`;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="Times of the same work, side by side">`,
		`<style>${STYLE}\n</style>`,
		text(MARGIN, 30, 'Seconds for the same work: shorter is better', 'head'),
		text(MARGIN, 50, `Median; the line spans all rounds. * checks no hash. ${where}`, 'quiet'),
		...groups,
		'</svg>\n',
	].join('\n');
}

function comparesUs({ reports }: RowResult): boolean {
	const contenders = Object.keys(reports) as ContenderName[];
	return contenders.some((name) => OURS.includes(name)) && contenders.some((name) => !OURS.includes(name));
}

function groupOf(row: RowResult, top: number): { svg: string; height: number } {
	const entries = (Object.entries(row.reports) as [ContenderName, Report[]][]).map(
		([name, reports]) => [name, times(reports)] as const,
	);
	const longest = spreadOf(entries.map(([, { max }]) => max)).max;
	const lines = entries.map(([name, time], index) =>
		bar(row, name, time, longest, top + TITLE + index * STEP),
	);
	return {
		svg: [text(MARGIN, top + 13, row.title, 'title'), ...lines].join('\n'),
		height: TITLE + entries.length * STEP,
	};
}

function bar(
	{ unverified }: RowResult,
	name: ContenderName,
	{ median, min, max }: Spread,
	longest: number,
	top: number,
): string {
	const left = MARGIN + NAMES;
	const scale = (WIDTH - left - MARGIN - FIGURES) / longest;
	const at = (seconds: number) => (left + seconds * scale).toFixed(1);
	const middle = top + BAR / 2;
	const kind = OURS.includes(name) ? 'ours' : 'theirs';
	const end = left + Math.max(median, max) * scale + 8;
	return [
		text(MARGIN + 8, top + 11, unverified?.includes(name) ? `${LABELS[name]} *` : LABELS[name]),
		`<rect class="${kind}" x="${left}" y="${top}" width="${(median * scale).toFixed(1)}" height="${BAR}" rx="2"/>`,
		`<line class="spread" x1="${at(min)}" x2="${at(max)}" y1="${middle}" y2="${middle}"/>`,
		text(Number(end.toFixed(1)), top + 11, `${figure(median)} s`),
	].join('\n');
}

function text(x: number, y: number, content: string, kind?: string): string {
	const escaped = content.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
	return `<text x="${x}" y="${y}"${kind ? ` class="${kind}"` : ''}>${escaped}</text>`;
}
