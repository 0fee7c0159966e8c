/** What became of one file's mutants. */
export interface FileResult {
	/** Which text of the file it was. */
	source: string;
	date: string;
	commit: string;
	suites: string;
	killed: number;
	timeout: number;
	survivors: Survivor[];
}

/** A mutant that no test saw. */
export interface Survivor {
	/** From line and column to line and column. */
	place: string;
	mutator: string;
	/** What stood there. */
	replacement: string;
	/** False when no test comes there. */
	isReached?: boolean;
}

/** By file. */
export type Results = Record<string, FileResult>;

type Counts = Record<'killed' | 'timeout' | 'survived' | 'noCoverage', number>;

const FOLDERS = ['client/sync/', 'client/transfer/', 'client/api/', 'client/', 'nodes/'];

const HEAD = `# Mutation testing: the last results

Written by \`npm run mutate\`. Killed: a test turned red. Timeout: the code no longer came to an end, which counts as killed.
Survived: no test of the named suites turned red; each is explained in [survivors.md](survivors.md). No coverage: no test of these
suites reaches it. Score: killed and timeout in a hundred of all.
`;

/** The results as a document: what was run, by folder, and what was not. */
export function tableOf(files: readonly string[], results: Results): string {
	const run = files.flatMap((file) => {
		const result = results[file];
		if (!result) return [];
		const noCoverage = result.survivors.filter(({ isReached }) => isReached === false).length;
		return [{ file, ...result, noCoverage, survived: result.survivors.length - noCoverage }];
	});
	const notRun = files.filter((file) => !results[file]);
	const sums = FOLDERS.map((folder) => {
		const ours = run.filter(({ file }) => FOLDERS.find((other) => file.startsWith(other)) === folder);
		const all = files.filter((file) => FOLDERS.find((other) => file.startsWith(other)) === folder);
		return row([folder, `${ours.length} of ${all.length}`, ...counts(sum(ours))]);
	});
	const rows = run.map((result) =>
		row([result.file, ...counts(result), result.suites.replaceAll('|', '\\|'), result.date, result.commit]),
	);
	return [
		HEAD,
		'## By folder\n',
		row(['folder', 'files run', 'killed', 'timeout', 'survived', 'no coverage', 'score']),
		row(Array<string>(7).fill('---')),
		...sums,
		'\n## By file\n',
		row(['file', 'killed', 'timeout', 'survived', 'no coverage', 'score', 'suites', 'date', 'commit']),
		row(Array<string>(9).fill('---')),
		...rows,
		`\n## Not run\n\n${notRun.map((file) => `- ${file}`).join('\n') || 'None.'}\n`,
	].join('\n');
}

function sum(results: readonly Counts[]): Counts {
	const of = (name: keyof Counts) => results.reduce((total, result) => total + result[name], 0);
	return {
		killed: of('killed'),
		timeout: of('timeout'),
		survived: of('survived'),
		noCoverage: of('noCoverage'),
	};
}

function counts({ killed, timeout, survived, noCoverage }: Counts): string[] {
	const all = killed + timeout + survived + noCoverage;
	const score = all === 0 ? 'no mutants' : `${(((killed + timeout) / all) * 100).toFixed(1)} %`;
	return [...[killed, timeout, survived, noCoverage].map(String), score];
}

function row(cells: readonly string[]): string {
	return `| ${cells.join(' | ')} |`;
}
