/** The call of a scenario, with every option that makes sense: what people type wrongly is another suite's. */
import fc from 'fast-check';

import { LARGE_CONTENTS } from '../content';
import type { Call, LocalFile, Method } from '../scenario';
import { plainName as name, smallContent } from './services';

const anyContent = fc.oneof({ weight: 12, arbitrary: smallContent }, fc.constantFrom(...LARGE_CONTENTS));

/** Some are of files that do not exist. */
const file = fc.nat(5);
const atOnce = fc.constantFrom(2, 1, 4, 24);
const limit = fc.option(fc.constantFrom(1, 3, 150), { freq: 2 });

const local: fc.Arbitrary<LocalFile[]> = fc.uniqueArray(
	fc.record({ name, nested: fc.boolean(), content: smallContent }),
	{ maxLength: 5, selector: ({ name, nested }) => `${name}${nested}` },
);

const search = { name: fc.constantFrom('', 'a', 'chat', 'A.TXT'), limit };

const CALLS: { [M in Method]: fc.Arbitrary<Call & { method: M }> } = {
	upload: fc.record({
		method: fc.constant('upload'),
		name,
		content: anyContent,
		mode: fc.constantFrom('auto', 'simple', 'multipart', 'multipart'),
		partSize: fc.option(fc.constantFrom(5, 6), { freq: 2 }),
		concurrency: atOnce,
		resume: fc.constantFrom(true, true, false),
		resumeFile: fc.option(file, { freq: 3 }),
		biz: fc.constantFrom('chat', 'chat', 'chat', 'knowledgeBase', 'zero2x'),
		source: fc.constantFrom('buffer', 'stream', 'disk'),
		copies: fc.constantFrom(1, 1, 1, 2),
	}),
	download: fc.record({
		method: fc.constant('download'),
		file,
		expected: fc.constantFrom('none', 'size', 'all'),
		verify: fc.boolean(),
		replaces: fc.constant(false),
	}),
	downloadToFile: fc.record({
		method: fc.constant('downloadToFile'),
		file,
		expected: fc.constantFrom('none', 'size', 'all'),
		verify: fc.boolean(),
		replaces: fc.boolean(),
	}),
	getDownloadUrl: fc.record({
		method: fc.constant('getDownloadUrl'),
		file,
		expiresIn: fc.constantFrom(600, 1, 86_400),
	}),
	delete: fc.record({ method: fc.constant('delete'), file }),
	testConnection: fc.record({ method: fc.constant('testConnection') }),
	listChatFiles: fc.record({ method: fc.constant('listChatFiles'), limit }),
	listDirectories: fc.record({
		method: fc.constant('listDirectories'),
		sortBy: fc.option(fc.constantFrom('name_asc', 'created_at_desc')),
		...search,
	}),
	listFilesInDirectory: fc.record({
		method: fc.constant('listFilesInDirectory'),
		directory: fc.constantFrom(1, 2, 3),
		sortBy: fc.option(fc.constantFrom('name_asc', 'upload_at_desc')),
		...search,
	}),
	syncToLocal: fc.record({
		method: fc.constant('syncToLocal'),
		ifExists: fc.constantFrom('overwrite', 'skip', 'skipUnchanged'),
		duplicateNames: fc.constantFrom('renameById', 'newest', 'fail'),
		verify: fc.boolean(),
		dryRun: fc.nat(9).map((number) => number === 9),
		concurrency: atOnce,
		local,
	}),
	syncToRemote: fc.record({
		method: fc.constant('syncToRemote'),
		ifExists: fc.constantFrom('skip', 'overwrite', 'skipUnchanged'),
		mode: fc.constantFrom('auto', 'simple', 'multipart'),
		recursive: fc.boolean(),
		dryRun: fc.nat(9).map((number) => number === 9),
		concurrency: atOnce,
		local,
	}),
};

export const callOf = (method: Method): fc.Arbitrary<Call> => CALLS[method];
