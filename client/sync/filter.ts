import picomatch from 'picomatch';
import { lastPart } from './names';

/** Decides which paths a sync is about. Paths are relative, with `/` on every platform. */
export interface PathFilter {
	/** Included (or nothing is required), and not excluded. */
	accepts(path: string): boolean;
	excludes(path: string): boolean;
}

type Matcher = (path: string) => boolean;

const OPTIONS: picomatch.PicomatchOptions = {
	// A file whose name begins with a dot is a file like any other.
	dot: true,
	// Paths come with `/` on every platform, so a backslash in a pattern is an escape on every platform.
	windows: false,
};

/** @param include globs; none, or only blank ones, accepts everything that is not excluded */
export function pathFilter(include: readonly string[] = [], exclude: readonly string[] = []): PathFilter {
	const includes = anyOf(include) ?? (() => true);
	const excludes = anyOf(exclude) ?? (() => false);
	return { accepts: (path) => includes(path) && !excludes(path), excludes };
}

function anyOf(patterns: readonly string[]): Matcher | undefined {
	const globs = patterns.map((pattern) => pattern.trim()).filter((pattern) => pattern !== '');
	if (globs.length === 0) return undefined;
	const matchers = globs.map(compiled);
	return (path) => matchers.some((matches) => matches(path));
}

/**
 * A pattern without a slash matches the last part of a path, at any depth. A pattern that is none matches nothing;
 * dropping it instead would turn "only this" into "everything".
 */
function compiled(glob: string): Matcher {
	try {
		const matches = picomatch(glob, OPTIONS);
		return glob.includes('/') ? (path) => matches(path) : (path) => matches(lastPart(path));
	} catch {
		return () => false;
	}
}
