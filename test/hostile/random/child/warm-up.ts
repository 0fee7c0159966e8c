/** Quiet scenarios that load and compile what the others use. */
import { QUIET } from '../quiet';
import type { Call, Scenario } from '../scenario';

const CALLS: readonly Call[] = [
	{
		method: 'upload',
		name: 'warm.bin',
		content: 8,
		mode: 'multipart',
		partSize: null,
		concurrency: 2,
		resume: true,
		resumeFile: null,
		biz: 'chat',
		source: 'stream',
		copies: 1,
	},
	{
		method: 'upload',
		name: 'warm.bin',
		content: 7,
		mode: 'auto',
		partSize: null,
		concurrency: 2,
		resume: true,
		resumeFile: null,
		biz: 'chat',
		source: 'disk',
		copies: 1,
	},
	{ method: 'download', file: 0, expected: 'all', verify: true, replaces: false },
	{ method: 'downloadToFile', file: 0, expected: 'all', verify: true, replaces: true },
	{
		method: 'syncToLocal',
		ifExists: 'skipUnchanged',
		duplicateNames: 'renameById',
		verify: true,
		dryRun: false,
		concurrency: 4,
		local: [],
	},
	{
		method: 'syncToRemote',
		ifExists: 'overwrite',
		mode: 'auto',
		recursive: true,
		dryRun: false,
		concurrency: 4,
		local: [{ name: 'a.txt', nested: false, content: 6 }],
	},
];

export const WARM_UP: readonly Scenario[] = [...CALLS, ...CALLS].map((call) => ({ ...QUIET, call }));
