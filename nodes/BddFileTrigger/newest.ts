import {
	compareIds,
	InvalidInputError,
	isReadable,
	type FileInfo,
	type PathFilter,
	type UnreadableRecord,
} from '../../client';
import type { FileList } from './look';

/**
 * The file that came last, of those that are `ok` and not filtered out: what a test in the editor shows. Both ends of the
 * list are asked first, the whole list only when there is none at either.
 *
 * @throws InvalidInputError when there is none at all
 */
export async function newestFile(list: FileList, filter: PathFilter): Promise<FileInfo> {
	const first = await list.page(1);
	const last = Math.ceil(first.total / list.pageSize);
	const ends = last > 1 ? [...first.records, ...(await list.page(last)).records] : first.records;
	const file = newestOf(ends, filter) ?? (last > 1 ? newestOf(await list.all(), filter) : undefined);
	if (file) return file;
	throw new InvalidInputError('There is no file to test with', {
		description:
			'A test shows the newest complete file, and there is none that Include and Exclude let through. Upload one and test again. Once the workflow is published, new files start it by themselves.',
	});
}

function newestOf(
	records: ReadonlyArray<FileInfo | UnreadableRecord>,
	filter: PathFilter,
): FileInfo | undefined {
	return records
		.filter(isReadable)
		.filter(({ status, filename }) => status === 'ok' && filter.accepts(filename))
		.reduce<FileInfo | undefined>(
			(newest, file) => (newest && compareIds(newest.id, file.id) >= 0 ? newest : file),
			undefined,
		);
}
