import { type BddFileError, isBddFileError, LocalFileError } from '../api/errors';

const WORDS: Record<string, [sentence: string, advice: string]> = {
	EACCES: ['permission denied', 'Give the user that runs n8n access to it.'],
	EPERM: ['permission denied', 'Give the user that runs n8n access to it.'],
	EDQUOT: ['the disk quota is used up', 'Free some space, then run it again.'],
	EISDIR: ['it is a folder', 'Name a file.'],
	ELOOP: ['it is a symbolic link', 'Symbolic links are not followed. Name the file itself.'],
	EMFILE: ['too many files are open', 'Lower the option "Concurrency".'],
	ENAMETOOLONG: ['the name is too long for this disk', 'Use a shorter name.'],
	ENOENT: ['it does not exist', 'Check the path.'],
	ENOSPC: ['the disk is full', 'Free some space, then run it again.'],
	ENOTDIR: ['a part of its path is not a folder', 'Check the path.'],
	EROFS: ['the disk is read-only', 'Choose a folder that can be written to.'],
};

/** Turns a disk's refusal into a sentence. `action` is the beginning of it: `Reading "/a/b"`. */
export function localFileError(action: string, cause: unknown): LocalFileError {
	const { reason, advice } = diskRefusal(cause);
	return new LocalFileError(`${action} failed: ${reason}`, { description: advice, cause });
}

/** The same for what may have failed for another reason, which is told already. */
export function asLocalError(action: string, cause: unknown): BddFileError {
	return isBddFileError(cause) ? cause : localFileError(action, cause);
}

/** Why a disk refused, as the end of a sentence with the system's own code, and what to do about it. */
export function diskRefusal(cause: unknown): { reason: string; advice: string } {
	const code = (cause as { code?: unknown }).code;
	const [words, advice] = WORDS[String(code)] ?? [
		cause instanceof Error ? cause.message : String(cause),
		'Check the path and the disk.',
	];
	return { reason: `${words}${typeof code === 'string' ? ` (${code})` : ''}`, advice };
}
