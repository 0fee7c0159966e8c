import { link, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskNames } from '../../../client/sync/probe';

/**
 * The disk of these tests tells all names apart. One that does not is here one on which a second name is there as well: what
 * is asked is whether anything answers to it. A real one is in `test/disk`.
 */

const COMPOSED = '\u00e9';
const DECOMPOSED = 'e\u0301';
/** Of these the disk has to be asked. */
const CLASH = ['a', 'A', COMPOSED, DECOMPOSED];
const BY_WRITING = true;
const BY_LOOKING = false;

let root: string;
/** A name without letters says nothing of the disk. */
let nameless: string;
let named: string;

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'sync-probe-'));
	nameless = join(root, '1');
	named = join(root, 'aB');
	await mkdir(nameless);
	await mkdir(named);
});

afterEach(async () => {
	await rm(root, { recursive: true });
});

async function write(directory: string, ...names: string[]): Promise<void> {
	for (const name of names) await writeFile(join(directory, name), '');
}

/** What is taken for the same. */
async function taken(
	directory: string,
	existing: readonly string[],
	mayWrite: boolean,
): Promise<{ case: boolean; form: boolean }> {
	const keyOf = await diskNames(directory, CLASH, () => existing, mayWrite);
	return { case: keyOf('x') === keyOf('X'), form: keyOf('\u00f1') === keyOf('n\u0303') };
}

it('nothing is asked where it makes no difference', async () => {
	const existing = () => {
		throw new Error('asked');
	};
	const keyOf = await diskNames(named, ['a', 'b', COMPOSED], existing, BY_WRITING);
	expect(keyOf('A')).toBe('A');
});

describe('a folder that may be written to', () => {
	it('is asked by writing, whatever looking would say, and nothing is left there', async () => {
		await write(named, 'a', 'A');
		expect(await taken(named, ['a'], BY_WRITING)).toEqual({ case: false, form: false });
		expect(await taken(nameless, [], BY_WRITING)).toEqual({ case: false, form: false });
		expect(await readdir(nameless)).toEqual([]);
	});

	it('is asked by looking when writing is refused', async () => {
		const refusing = join(root, 'none/1');
		await mkdir(join(root, 'none'));
		expect(await taken(refusing, [], BY_WRITING)).toEqual({ case: true, form: true });
	});
});

describe('a folder that is only looked at', () => {
	it('what is there has its name in one case only, or in both', async () => {
		await write(named, 'xY');
		expect(await taken(named, ['xY'], BY_LOOKING)).toEqual({ case: false, form: false });
		await write(named, 'Xy');
		expect(await taken(named, ['1', 'xY'], BY_LOOKING)).toEqual({ case: true, form: true });
		expect((await readdir(named)).sort()).toEqual(['Xy', 'xY']);
	});

	it('two entries that differ in case only say nothing, and are kept apart', async () => {
		await write(named, 'a', 'A', 'b', 'B');
		expect(await taken(named, ['a', 'A'], BY_LOOKING)).toEqual({ case: false, form: false });
		const keyOf = await diskNames(named, CLASH, () => ['a', 'A', 'b'], BY_LOOKING);
		expect([keyOf('a') === keyOf('A'), keyOf('B')]).toEqual([false, 'b']);
	});

	it.each([
		['composed', COMPOSED, DECOMPOSED],
		['decomposed', DECOMPOSED, COMPOSED],
	])('the same of letters that are %s', async (_, name, other) => {
		// In the other case it is not there.
		const [there, inOtherForm] = [`a${name}`, `a${other}`];
		await write(named, there);
		expect(await taken(named, [there], BY_LOOKING)).toEqual({ case: false, form: false });
		await write(named, inOtherForm);
		expect(await taken(named, [there], BY_LOOKING)).toEqual({ case: false, form: true });
	});

	it('without entries its own name is asked for', async () => {
		expect(await taken(named, [], BY_LOOKING)).toEqual({ case: false, form: false });
		// Another one, not the same.
		await mkdir(join(root, 'Ab'));
		expect(await taken(named, ['1'], BY_LOOKING)).toEqual({ case: false, form: false });
		await rm(named, { recursive: true });
		expect(await taken(named, [], BY_LOOKING)).toEqual({ case: false, form: false });
	});

	it('what answers to both of its names ignores their difference', async () => {
		// A folder can have no second name, but a file can, and it is only looked at.
		const [file, second] = [join(root, 'cD'), join(root, 'Cd')];
		await writeFile(file, '');
		await link(file, second);
		expect(await taken(file, [], BY_LOOKING)).toEqual({ case: true, form: true });
	});

	it('without any answer the cautious one is taken', async () => {
		expect(await taken(nameless, ['2'], BY_LOOKING)).toEqual({ case: true, form: true });
	});
});
