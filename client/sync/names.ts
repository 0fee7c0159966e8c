import { sep } from 'node:path';
import { toWireId } from '../api/ids';
import type { WireId } from '../api/wire';
import { isOwnFile } from './own-files';

/** The longest name that common file systems hold, in UTF-8 bytes. */
const MAX_NAME_BYTES = 255;

/** An "extension" longer than this is part of the name; it would leave no room for a number. In UTF-8 bytes. */
const MAX_EXTENSION_BYTES = 32;

/** How much of a name an error message shows, in characters. */
const SHOWN_LENGTH = 100;

/** C0, DEL and C1. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Names that Windows gives to devices, with any extension. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;

/**
 * Why a remote name cannot be the name of a local file, as a sentence, or undefined when it can. A remote name is data
 * that anybody may have chosen: a name that passes here stays in its folder whatever it is joined to.
 *
 * @param what the name is, as the sentence begins
 */
export function nameProblem(
	name: string,
	platform: NodeJS.Platform = process.platform,
	what = 'The remote name',
): string | undefined {
	const problem = namePart(name, platform);
	return problem === undefined ? undefined : `${what} ${showName(name)} ${problem}`;
}

function namePart(name: string, platform: NodeJS.Platform): string | undefined {
	if (name === '') return 'is empty';
	if (name === '.' || name === '..') return 'means a folder, not a file';
	if (name.includes('\0')) return 'holds a NUL character';
	if (CONTROL_CHARACTER.test(name)) return 'holds a control character';
	if (name.startsWith('/')) return 'is an absolute path';
	if (name.includes('/')) return 'holds a path separator ("/")';
	if (name.includes('\\')) return 'holds a path separator ("\\")';
	if (LONE_SURROGATE.test(name)) return 'is not valid Unicode';
	if (byteLength(name) > MAX_NAME_BYTES) return `is longer than ${MAX_NAME_BYTES} bytes`;
	if (isOwnFile(name)) return "is reserved for sync's own files";
	return platform === 'win32' ? windowsNameProblem(name) : undefined;
}

function windowsNameProblem(name: string): string | undefined {
	const forbidden = /[<>:"|?*]/.exec(name)?.[0];
	if (forbidden !== undefined) return `holds ${forbidden}, which Windows does not allow`;
	if (/[. ]$/.test(name)) return 'ends with a dot or a space, which Windows does not allow';
	if (WINDOWS_DEVICE.test(name)) return 'is the name of a Windows device';
	return undefined;
}

/** What a relative path names, in whatever folder: all behind the last `/`. */
export function lastPart(path: string): string {
	return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The path of a file in a folder, as `path.join` gives it for what is normal already, without looking at each character:
 * a sync asks several times for each file.
 *
 * @param folder absolute and normal
 * @param relative with `/` on every platform
 */
export function pathIn(folder: string, relative: string): string {
	const local = sep === '/' ? relative : relative.replaceAll('/', sep);
	return folder.endsWith(sep) ? folder + local : folder + sep + local;
}

/** The name in quotes, with escapes for everything that is invisible or changes how the rest is displayed. */
export function showName(name: string): string {
	const shown = name.length > SHOWN_LENGTH ? `${startOf(name, SHOWN_LENGTH)}…` : name;
	return JSON.stringify(shown).replace(
		/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

/**
 * The name with ` (<id>)` before its extension, `times` times. The part before is shortened at a character boundary when
 * the whole exceeds 255 bytes; undefined when nothing of it would be left.
 */
export function numberedName(name: string, id: WireId, times: number): string | undefined {
	return markedName(name, ` (${id})`, times);
}

/** What a chat's file is called locally when its own name goes to a local file that was edited too. As `numberedName`. */
export function conflictName(name: string, id: WireId, times: number): string | undefined {
	return markedName(name, ` (conflict ${id})`, times);
}

/** The ids that `numberedName` or `conflictName` may have put into a name. */
export function idsIn(name: string): WireId[] {
	return [...name.matchAll(/ \((?:conflict )?(\d+)\)/g)].map(([, digits = '']) => toWireId(digits));
}

function markedName(name: string, mark: string, times: number): string | undefined {
	if (times === 0) return name;
	const dot = name.lastIndexOf('.');
	const hasExtension = dot > 0 && byteLength(name.slice(dot)) <= MAX_EXTENSION_BYTES;
	const stem = hasExtension ? name.slice(0, dot) : name;
	const tail = mark.repeat(times) + (hasExtension ? name.slice(dot) : '');
	const room = MAX_NAME_BYTES - byteLength(tail);
	const kept = byteLength(stem) <= room ? stem : shortened(stem, room);
	return kept === '' ? undefined : kept + tail;
}

/** As many whole characters from the start as fit into `bytes`. */
function shortened(text: string, bytes: number): string {
	let end = 0;
	let left = bytes;
	for (const character of text) {
		left -= byteLength(character);
		if (left < 0) break;
		end += character.length;
	}
	return text.slice(0, end);
}

/** The first `length` UTF-16 units, without half a surrogate pair at the end. */
function startOf(text: string, length: number): string {
	return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

function byteLength(text: string): number {
	return Buffer.byteLength(text);
}
