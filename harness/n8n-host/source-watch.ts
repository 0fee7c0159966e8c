import { watch } from 'node:fs';
import { join } from 'node:path';

const QUIET_MS = 150;

/**
 * Calls `onChange` with the names of the files when something below the folders has changed and nothing more has for a
 * moment. Changes that come while `onChange` still runs lead to one more call after it. Answers a function after which
 * no new call begins.
 */
export function watchSources(
	root: string,
	folders: readonly string[],
	/** Must not reject: there is nobody to tell. */
	onChange: (files: readonly string[]) => Promise<void>,
): () => void {
	const changed = new Set<string>();
	let timer: NodeJS.Timeout | undefined;
	let running = false;
	let again = false;
	let ended = false;

	const run = async (): Promise<void> => {
		if (running) {
			again = true;
			return;
		}
		running = true;
		try {
			do {
				again = false;
				const files = [...changed];
				changed.clear();
				await onChange(files);
			} while (wanted());
		} finally {
			running = false;
		}
	};
	// A function, because the compiler cannot know that these change during `onChange`.
	const wanted = (): boolean => again && !ended;

	const watchers = folders.map((folder) =>
		watch(join(root, folder), { recursive: true }, (_event, file) => {
			if (file !== null) changed.add(file);
			clearTimeout(timer);
			timer = setTimeout(() => void run(), QUIET_MS);
		}),
	);
	return () => {
		ended = true;
		clearTimeout(timer);
		for (const watcher of watchers) watcher.close();
	};
}
