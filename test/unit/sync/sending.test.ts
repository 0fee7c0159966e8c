import { sendingOf } from '../../../client/sync/sending';
import { localFile, pairOf, remoteFile } from './trees';

const UPLOADED = Date.parse('2024-05-06T07:08:09.123Z');
const pair = pairOf({ path: 'a' });

it.each([
	[UPLOADED, UPLOADED],
	[undefined, 0],
])('what a conflict has kept goes up as it came down: uploaded %s, modified %s', (uploadedMs, mtimeMs) => {
	const remote = remoteFile({ id: 4, name: 'a', size: 3, uploadedMs });
	const path = 'a (conflict 4)';
	const local = localFile({ path: 'a', size: 5 });
	const planned = {
		step: { kind: 'download', pair, remote, path, replaces: undefined, conflict: false, beside: local },
		position: 0,
	} as const;
	expect(sendingOf(planned)).toStrictEqual({
		planned,
		path,
		size: 3,
		mtimeMs,
		checksums: [],
		replaces: undefined,
		after: undefined,
	});
});

it('a local file goes up with the hashes that it was read for, if any', () => {
	const checksums = [{ algorithm: 'md5', hex: 'd41d8cd98f00b204e9800998ecf8427e' }] as const;
	const replaces = remoteFile({ id: 4 });
	const of = (local: ReturnType<typeof localFile>) =>
		sendingOf({
			step: { kind: 'upload', pair, local, replaces, conflict: false, after: undefined },
			position: 0,
		});
	const { path, size, mtimeMs } = localFile();
	expect(of(localFile({ checksums }))).toMatchObject({ path, size, mtimeMs, checksums, replaces });
	expect(of(localFile()).checksums).toStrictEqual([]);
});
