import { watch } from 'node:fs';
import { join } from 'node:path';

const QUIET_MS = 400;

/**
 * Calls `onChange` when something below the folders has changed and nothing more has for a moment. Changes that come
 * while `onChange` still runs lead to one more call after it. Answers a function that ends it.
 */
export function watchSources(
	root: string,
	folders: readonly string[],
	onChange: () => Promise<void>,
): () => void {
	let timer: NodeJS.Timeout | undefined;
	let running = false;
	let again = false;

	const run = async (): Promise<void> => {
		if (running) {
			again = true;
			return;
		}
		running = true;
		try {
			do {
				again = false;
				await onChange();
			} while (wasAskedAgain());
		} finally {
			running = false;
		}
	};
	// A function, because the compiler cannot know that `again` changes during `onChange`.
	const wasAskedAgain = (): boolean => again;

	const watchers = folders.map((folder) =>
		watch(join(root, folder), { recursive: true }, () => {
			clearTimeout(timer);
			timer = setTimeout(() => void run(), QUIET_MS);
		}),
	);
	return () => {
		clearTimeout(timer);
		for (const watcher of watchers) watcher.close();
	};
}
