import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';

import type { FileSystemHelperFunctions, ResolvedFilePath } from 'n8n-workflow';

import { diskRefusal, InvalidInputError } from '../../client';
import { quoted } from './values';

/** Characters. No disk takes a longer path, and each of its folders would be looked for. */
const LONGEST_PATH = 4096;

/** What n8n offers for asking its file-access policy. Older versions have none of it. */
export type PolicyHelpers = Partial<Pick<FileSystemHelperFunctions, 'resolvePath' | 'isFilePathBlocked'>>;

export interface AllowedPath {
	/** Absolute, with symbolic links resolved. */
	path: string;
	/** n8n's answer for this path and those below. */
	isPathAllowed: (path: string) => boolean;
}

/**
 * The local folder of a sync, once n8n's file-access policy has allowed it.
 *
 * The policy is asked about the real path, so that a symbolic link cannot lead out of what is allowed. A folder that
 * does not exist yet is judged by its nearest existing parent.
 *
 * @param label of the parameter
 * @param exists whether the folder must be there already
 * @throws InvalidInputError naming the parameter, and for a forbidden folder the setting that forbids it
 */
export async function allowFolder(
	helpers: PolicyHelpers,
	folder: string,
	label: string,
	{ exists }: { exists: boolean },
): Promise<AllowedPath> {
	const { policy, wanted } = asked(helpers, folder, label);
	const path = await realPath(policy.resolvePath, wanted, label);
	const allowed = judged(policy, path, folder, label);
	const stats = await lookAt(path, folder, label);
	if (stats ? stats.isDirectory() : !exists) return allowed;
	throw new InvalidInputError(`${label} ${quoted(folder)} ${stats ? 'is a file' : 'does not exist'}`, {
		description:
			'Enter a folder on the machine that runs n8n. In Docker that is a folder inside the container.',
	});
}

/**
 * A file that is there or is to be made, once n8n's file-access policy has allowed it. The folders on the way to it are followed,
 * the file itself is not when it is a symbolic link: whoever opens it has to refuse that.
 *
 * @param label of the parameter
 * @throws InvalidInputError as `allowFolder`, and when the folder it is in does not exist
 */
export async function allowFile(helpers: PolicyHelpers, file: string, label: string): Promise<AllowedPath> {
	// A name that ends so is that of a folder, there or not: as a file each download would replace the one before.
	if (file.endsWith('/') || file.endsWith(sep))
		return await allowFolder(helpers, file, label, { exists: true });
	const { policy, wanted } = asked(helpers, file, label);
	const folder = await realPath(policy.resolvePath, dirname(wanted), label);
	const allowed = judged(policy, join(folder, basename(wanted)) as ResolvedFilePath, file, label);
	if ((await lookAt(folder, file, label))?.isDirectory()) return allowed;
	throw new InvalidInputError(`The folder of ${label} ${quoted(file)} does not exist`, {
		description: 'Enter a path on the machine that runs n8n. In Docker that is a path inside the container.',
	});
}

/** Whether a path is that of an existing folder, links followed; to be asked only of what `allowFile` has allowed. */
export async function isFolder(path: string): Promise<boolean> {
	return await stat(path).then(
		(stats) => stats.isDirectory(),
		() => false,
	);
}

type Policy = Required<PolicyHelpers>;

/** The policy, and the path as it was given, absolute. */
function asked(
	{ resolvePath, isFilePathBlocked }: PolicyHelpers,
	given: string,
	label: string,
): { policy: Policy; wanted: string } {
	if (!resolvePath || !isFilePathBlocked) {
		throw new InvalidInputError('This n8n cannot say which local folders a workflow may use', {
			description:
				'Files and folders on its disk need n8n 2.8 or newer. The other operations work without it.',
		});
	}
	const wanted = expandHome(given);
	if (!isAbsolute(wanted)) {
		throw new InvalidInputError(`${label} ${quoted(given)} is not an absolute path`, {
			description:
				'Enter the whole path, such as /home/node/.n8n-files/reports. A leading ~ is the home folder of n8n.',
		});
	}
	if (wanted.includes('\0')) {
		throw new InvalidInputError(`${label} ${quoted(given)} holds a NUL character`, {
			description: 'No path has one. Check what the expression gives for this item.',
		});
	}
	if (wanted.length > LONGEST_PATH) {
		throw new InvalidInputError(`${label} ${quoted(given)} is too long`, {
			description: `A path has at most ${LONGEST_PATH} characters.`,
		});
	}
	return { policy: { resolvePath, isFilePathBlocked }, wanted: resolve(wanted) };
}

/** @throws InvalidInputError for what the policy forbids */
function judged(
	{ isFilePathBlocked }: Policy,
	path: ResolvedFilePath,
	given: string,
	label: string,
): AllowedPath {
	if (!isFilePathBlocked(path)) {
		return { path, isPathAllowed: (file) => !isFilePathBlocked(file as ResolvedFilePath) };
	}
	throw new InvalidInputError(`${label} ${quoted(given)} is not one that n8n allows workflows to use`, {
		description: allowedFolders(),
	});
}

/** Only a lone `~` or `~/`: the form in which n8n's own default folder is written. */
function expandHome(folder: string): string {
	return /^~(?=$|[\\/])/.test(folder) ? join(homedir(), folder.slice(1)) : folder;
}

/** The real path of the nearest parent that exists, with the missing rest appended. */
async function realPath(
	resolvePath: FileSystemHelperFunctions['resolvePath'],
	path: string,
	label: string,
): Promise<ResolvedFilePath> {
	try {
		return await resolvePath(path);
	} catch (error) {
		const parent = dirname(path);
		if (errorCode(error) !== 'ENOENT' || parent === path) throw unusable(path, label, error);
		return join(await realPath(resolvePath, parent, label), basename(path)) as ResolvedFilePath;
	}
}

/** What is at a path; undefined when nothing is. */
async function lookAt(path: string, given: string, label: string): Promise<Stats | undefined> {
	return await stat(path).catch((error: unknown) => {
		if (errorCode(error) === 'ENOENT') return undefined;
		throw unusable(given, label, error);
	});
}

function unusable(path: string, label: string, cause: unknown): InvalidInputError {
	return new InvalidInputError(`${label} ${quoted(path)} cannot be used: ${diskRefusal(cause).reason}`, {
		description: 'Check that every part of the path is a folder and that the user running n8n may open it.',
		cause,
	});
}

/** By shape: an error that crossed into another realm is no instance of this one's Error. */
function errorCode(error: unknown): string | undefined {
	if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
	return typeof error.code === 'string' ? error.code : undefined;
}

/** The settings that decide what n8n allows; n8n does not say which of them forbids a path. */
function allowedFolders(): string {
	const { N8N_RESTRICT_FILE_ACCESS_TO: allowed, N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES: blocksOwn } = process.env;
	const sentences = [
		`Allowed now: ${allowed === undefined ? '~/.n8n-files (the default)' : allowed || 'every folder'}.`,
		'Whoever runs n8n can allow more with the environment variable N8N_RESTRICT_FILE_ACCESS_TO (folders separated by ;).',
		blocksOwn === 'false'
			? ''
			: "n8n's own folders stay forbidden, unless N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES is false.",
		'What N8N_BLOCK_FILE_PATTERNS matches stays forbidden.',
	];
	return sentences.filter(Boolean).join(' ');
}
