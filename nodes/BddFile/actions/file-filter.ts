import { uploadTime, type FileInfo } from '../../../client';
import { OPTIONS } from '../../shared/options';
import type { ItemRun } from '../operation';

/** The options of a list of files that say which of them come out. */
export const FILTERS = ['onlyComplete', 'uploadedAfter'] as const;

type Filter = (file: FileInfo) => boolean;

/** What the options of a list of files say of which come out; undefined where they say nothing. */
export function fileFilter({ n8n, parameters }: Pick<ItemRun, 'n8n' | 'parameters'>): Filter | undefined {
	const part = parameters.optionText(OPTIONS.nameContains);
	const onlyComplete = parameters.optionFlag(OPTIONS.onlyComplete) ?? false;
	const after = parameters.optionTime(OPTIONS.uploadedAfter, n8n.getTimezone());
	const filters: Filter[] = [];
	if (onlyComplete) filters.push(({ status }) => status === 'ok');
	if (part !== undefined) filters.push(({ filename }) => plain(filename).includes(plain(part)));
	// What cannot be read may be a new file; leaving it out would hide it for good.
	if (after) filters.push(({ upload_at: at }) => (uploadTime(at) ?? LATEST) > after);
	return filters.length > 0 ? (file) => filters.every((filter) => filter(file)) : undefined;
}

/** Later than any time. */
const LATEST = new Date(8.64e15);

/** In one of the forms that Unicode has for the same letter, and in capitals: σ and ς are both Σ, ẞ and ß both SS. */
const plain = (text: string) => text.normalize('NFC').toLowerCase().toUpperCase();
