import { caseless, foldedName, type NameKey } from '../transfer/name-key';

export { foldedName, type NameKey };

/** What a disk does not tell apart. */
export interface DiskNames {
	ignoresCase: boolean;
	/** Of Unicode: composed and decomposed letters. */
	ignoresForm: boolean;
}

export const exactName: NameKey = (name) => name;

/**
 * The key for a disk that ignores these differences.
 *
 * @param existing names that are on the disk side by side, so that it does tell them apart, whatever their keys say
 */
export function nameKeyOf({ ignoresCase, ignoresForm }: DiskNames, existing: Iterable<string>): NameKey {
	if (!ignoresCase && !ignoresForm) return exactName;
	const key = !ignoresCase ? (name: string) => name.normalize('NFC') : ignoresForm ? foldedName : caseless;
	const apart = clashing(existing, key);
	// No name holds a NUL, so that this is the key of no other.
	return apart.size === 0 ? key : (name) => (apart.has(name) ? `\0${name}` : key(name));
}

/**
 * The names that share their key with another one.
 *
 * @param names gone through twice. Of two names of one key one at least is another than the key, so only those are remembered
 */
export function clashing(names: Iterable<string>, key: NameKey): Set<string> {
	const first = new Map<string, string>();
	const clashes = new Set<string>();
	for (const name of names) {
		const shared = key(name);
		if (shared === name) continue;
		const other = first.get(shared);
		if (other === undefined) first.set(shared, name);
		else if (other !== name) clashes.add(other).add(name);
	}
	if (first.size === 0) return clashes;
	for (const name of names) {
		const other = first.get(name);
		if (other !== undefined && other !== name && key(name) === name) clashes.add(other).add(name);
	}
	return clashes;
}
