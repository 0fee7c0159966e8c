/**
 * The truth of uploads, where the service is honest: a success is exactly one good copy, with that id; an unknown outcome
 * at most one; any other failure none. No copy is torn, and nothing was deleted for nothing.
 */
import { UnknownOutcomeError, CancelledError, type SyncItem, type UploadResult } from '../../../../client';
import { digestOf } from '../content';
import { placeOf, statusOf, type StoredFile } from '../liar/store';
import { CHATS, type Call, type LocalFile, type Scenario, type Violation } from '../scenario';
import type { Ending } from './call';
import type { Liar } from '../liar/liar';

/** What the client says of one upload. */
interface Claim {
	name: string;
	md5: string;
	says: 'success' | 'unknown' | 'failure';
	/** With a success. */
	id?: string;
}

export function judgeUploads(scenario: Scenario, liar: Liar, endings: readonly Ending[]): Violation[] {
	const { call } = scenario;
	if (call.method === 'upload') {
		const place = placeOf(call.biz, { chat_id: CHATS[0] });
		const claims = endings.map((ending) => claimOf(call, ending));
		return [...judgeCopies(liar, call.name, place, claims), ...judgeDeletions(liar, scenario, claims)];
	}
	if (call.method !== 'syncToRemote') return judgeDeletions(liar, scenario, []);
	const claims = claimsOfSync(liar, call, endings);
	const place = placeOf('chat', { chat_id: CHATS[0] });
	const names = new Set(claims.map(({ name }) => name));
	const copies = [...names].flatMap((name) =>
		judgeCopies(
			liar,
			name,
			place,
			claims.filter((claim) => claim.name === name),
		),
	);
	return [...copies, ...judgeDeletions(liar, scenario, claims)];
}

function claimOf({ name, content }: Call & { method: 'upload' }, ending: Ending): Claim {
	const { md5 } = digestOf(content);
	if ('value' in ending)
		return { name, md5, says: 'success', id: String((ending.value as UploadResult).fileId) };
	const { error } = ending;
	// A cancelled upload asks nobody any more.
	const unknown = error instanceof UnknownOutcomeError || error instanceof CancelledError;
	return { name, md5, says: unknown ? 'unknown' : 'failure' };
}

/** A sync that rejects says nothing of its files: it failed before them, unless it was cancelled among them. */
function claimsOfSync(
	liar: Liar,
	call: Call & { method: 'syncToRemote' },
	[ending]: readonly Ending[],
): Claim[] {
	const claim = (file: LocalFile, rest: Omit<Claim, 'name' | 'md5'>): Claim => ({
		name: file.name,
		md5: digestOf(file.content).md5,
		...rest,
	});
	if (!ending || 'error' in ending) {
		const says = ending?.error instanceof CancelledError ? 'unknown' : 'failure';
		return call.local.map((file) => claim(file, { says }));
	}
	const items = ending.value as SyncItem[];
	return call.local.map((file) => {
		const end = file.nested ? `/nested/${file.name}` : `/folder/${file.name}`;
		const item = items.find(({ localPath = '' }) => localPath.endsWith(end));
		const id = String(item?.fileId);
		const stored = liar.store.files.get(id);
		// "Uploaded as file 7, but the older file could not be deleted" says where the copy is.
		const saysWhere =
			item?.status === 'failed' &&
			stored !== undefined &&
			isNew(liar, stored) &&
			(item.error ?? '').includes(id);
		if (item?.status === 'success' || saysWhere) return claim(file, { says: 'success', id });
		return claim(file, { says: /not known/i.test(item?.error ?? '') ? 'unknown' : 'failure' });
	});
}

/** Made by the call, or completed by it. */
function isNew({ store }: Liar, file: StoredFile): boolean {
	const before = store.settings.files[store.initial.indexOf(file)]?.status;
	return file.from === 'before' ? before === 'uploading' || before === 'error' : file.from === 'call';
}

function judgeCopies(
	liar: Liar,
	name: string,
	place: { biz: string; key: string },
	claims: readonly Claim[],
): Violation[] {
	const here = [...liar.store.files.values()].filter(
		(file) => file.name === name && file.place.biz === place.biz && file.place.key === place.key,
	);
	const good = here.filter((file) => statusOf(file) === 'ok' && isNew(liar, file));
	const violations: Violation[] = [];
	for (const md5 of new Set([
		...claims.map((claim) => claim.md5),
		...good.map(({ digest }) => digest?.md5 ?? ''),
	])) {
		const own = claims.filter((claim) => claim.md5 === md5);
		const copies = good.filter(({ digest }) => digest?.md5 === md5);
		violations.push(...judgeOneContent(liar, own, copies));
	}
	return violations;
}

/** Everything about one name and one content in one place. */
function judgeOneContent(liar: Liar, claims: readonly Claim[], copies: readonly StoredFile[]): Violation[] {
	const detail = `says ${JSON.stringify(claims)}, is ${JSON.stringify(copies.map(({ id, size }) => ({ id, size })))}`;
	if (claims.length === 0) return [{ rule: 'truth: a torn copy', detail }];
	const count = (says: Claim['says']) => claims.filter((claim) => claim.says === says).length;
	const violations: Violation[] = [];
	const ids = claims.flatMap(({ says, id }) => (says === 'success' && id !== undefined ? [id] : []));
	for (const id of ids) {
		if (copies.some((copy) => copy.id === id)) continue;
		const file = liar.store.ever.get(id);
		violations.push({ rule: `truth: a success, but its id is that of ${whatIs(liar, file)}`, detail });
	}
	if (new Set(ids).size < ids.length) violations.push({ rule: 'truth: two successes with one copy', detail });
	const surplus = copies.length - ids.length - count('unknown');
	if (surplus > 0) {
		const rule =
			count('failure') >= surplus
				? 'truth: a failure, but the file is there'
				: 'truth: more good copies than uploads';
		violations.push({ rule, detail });
	}
	return violations;
}

/** What a file is that is no good copy. */
function whatIs(liar: Liar, file: StoredFile | undefined): string {
	if (!file) return 'no file';
	if (!isNew(liar, file)) return file.from === 'others' ? 'a file of somebody else' : 'an older file';
	return statusOf(file) === 'ok'
		? 'a file of another name, place or content'
		: `a file that is ${statusOf(file)}`;
}

/**
 * Files that were good before the call are still there, but for those that a success replaced, or that were to be
 * deleted.
 */
function judgeDeletions({ store }: Liar, { call }: Scenario, claims: readonly Claim[]): Violation[] {
	const gone = store.initial.filter(
		(file, index) =>
			!store.files.has(file.id) &&
			['ok', 'merging'].includes(store.settings.files[index]?.status ?? '') &&
			!(call.method === 'delete' && call.file === index),
	);
	const replaced = claims.filter(({ says }) => says === 'success').map(({ name }) => name);
	return gone.flatMap(({ id, name }) => {
		const by = call.method === 'syncToRemote' && call.ifExists !== 'skip' ? replaced.indexOf(name) : -1;
		if (by >= 0) {
			replaced.splice(by, 1);
			return [];
		}
		return [{ rule: 'truth: a file was deleted that nothing replaces', detail: `${id} "${name}"` }];
	});
}
