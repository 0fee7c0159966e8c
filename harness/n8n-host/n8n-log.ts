import type { ProcessLog } from './process-log';

/** What n8n says of itself at every start in this host, with or without our package. */
const OF_N8N_ITSELF = [
	/^Failed to start Python task runner/,
	/^\s*There are deprecations related to your n8n setup/,
	/^No encryption key found/,
];

/** The lines of n8n's log that {@link problemIn} finds something in, less what n8n says without our package too. */
export function problemsIn(log: ProcessLog): string[] {
	return log.lines.filter((line) => problemIn(line) !== undefined);
}

/**
 * What somebody should look at in a line of n8n's log: a warning, an error, or whatever is not a log entry at all (what
 * Node itself prints, say a deprecation). Undefined for everything else.
 */
export function problemIn(line: string): string | undefined {
	const entry = parseEntry(line);
	const said = entry?.message ?? line;
	if (said.trim() === '' || OF_N8N_ITSELF.some((known) => known.test(said))) return undefined;
	return entry === undefined || entry.level === 'warn' || entry.level === 'error' ? said : undefined;
}

function parseEntry(line: string): { level: string; message: string } | undefined {
	let entry: unknown;
	try {
		entry = JSON.parse(line);
	} catch {
		return undefined;
	}
	if (typeof entry !== 'object' || entry === null) return undefined;
	if (!('level' in entry) || !('message' in entry)) return undefined;
	const { level, message } = entry;
	return typeof level === 'string' && typeof message === 'string' ? { level, message } : undefined;
}
