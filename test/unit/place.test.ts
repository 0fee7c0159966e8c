import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { look, PlaceChangedError, placeOnNothing } from '../../client/transfer/download/place';

let folder: string;
let place: string;
let temporary: string;
beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'bdd-place-'));
	[place, temporary] = [path.join(folder, 'a.bin'), path.join(folder, 'temporary')];
	await writeFile(temporary, 'new');
});
afterEach(async () => {
	await rm(folder, { recursive: true });
});

it('nothing is undefined, and a refusal is none', async () => {
	expect(await look(place)).toBeUndefined();
	expect((await look(temporary))?.size).toBe(3);
	await expect(look(path.join(temporary, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

const CODES = ['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'EMLINK', 'EXDEV'];
const refusing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

it.each(CODES)('a disk that says %s to a second name gives the name all the same', async (code) => {
	await placeOnNothing(temporary, place, place, refusing(code));
	expect(await readdir(folder)).toEqual(['a.bin']);
	expect(await readFile(place, 'utf8')).toBe('new');
});

it.each<[what: string, giveName: Parameters<typeof placeOnNothing>[3]]>([
	['with second names', undefined],
	['without', refusing('EPERM')],
])('on a disk %s, what is there stays and the error says so', async (_, giveName) => {
	await writeFile(place, 'theirs');
	const placing = placeOnNothing(temporary, place, '/a person/calls/it', giveName);
	await expect(placing).rejects.toBeInstanceOf(PlaceChangedError);
	await expect(placing).rejects.toMatchObject({
		message: '"/a person/calls/it" was changed by someone else in the meantime, and was left as it is',
		description: 'Run it again: it then starts from what is there now.',
		cause: { code: 'EEXIST' },
	});
	expect(await readFile(place, 'utf8')).toBe('theirs');
});

it('a folder that is gone is not taken for one with something in it', async () => {
	const gone = path.join(folder, 'gone', 'a.bin');
	await expect(placeOnNothing(temporary, gone, gone, refusing('EPERM'))).rejects.toMatchObject({
		code: 'ENOENT',
	});
});
