import { isBddFileError, UnknownOutcomeError, type UploadResult } from '../../../client';
import type { HostileService } from './service';

/** How an upload ended that kept the promise. */
export type Ending = 'uploaded' | 'unknown' | 'failed';

/**
 * The promise of every upload: it resolves, and there is exactly one new good copy, with that id; or what became of it
 * is unknown, and there is at most one; or it failed, and there is none and none comes later. Good copies that were
 * there before do not count. Throws where the promise is broken.
 */
export async function exactlyOnce(
	service: HostileService,
	bytes: Buffer,
	upload: () => Promise<UploadResult>,
): Promise<Ending> {
	const before = new Set(service.store.goodCopies(bytes));
	let result: UploadResult | undefined;
	let failure: unknown;
	try {
		result = await upload();
	} catch (error) {
		failure = error;
	}
	const freshCopies = () => service.store.goodCopies(bytes).filter((id) => !before.has(id));
	if (result) {
		const there = [...service.store.files.values()].map(({ id, status }) => `${id} ${status}`);
		if (!freshCopies().map(String).includes(String(result.fileId))) {
			throw new Error(`Success with file ${result.fileId}, which is no new good copy: ${there.join(', ')}`);
		}
	}
	await service.settled();
	const copies = freshCopies();
	const ending = result ? 'uploaded' : failure instanceof UnknownOutcomeError ? 'unknown' : 'failed';
	const allowed = { uploaded: [1], unknown: [0, 1], failed: [0] }[ending];
	if (!allowed.includes(copies.length)) {
		throw new Error(`${copies.length} good copies, but the upload ${endedWith(ending, failure)}`);
	}
	if (!result && !isBddFileError(failure)) throw failure;
	return ending;
}

const endedWith = (ending: Ending, failure: unknown) =>
	ending === 'uploaded' ? 'was reported as a success' : `ended as ${ending}: ${String(failure)}`;
