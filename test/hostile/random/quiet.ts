/** A scenario in which nothing happens: what others are made from. */
import type { Scenario } from './scenario';

export const QUIET: Scenario = {
	world: 'honest',
	service: {
		files: [
			{
				name: 'a.txt',
				biz: 'chat',
				chat: 0,
				content: 6,
				hash: 'md5',
				status: 'ok',
				begun: false,
				ageSeconds: 100,
			},
		],
		crowd: 0,
		moves: [],
		rival: null,
		broken: [],
		paging: 'both',
		maxPage: 100,
		clockMs: 0,
		dateHeader: 'true',
		uploadAt: 'utc',
		hashes: 'asSent',
		lagMs: 0,
		mergeMs: 0,
		afterMerge: 'ok',
		search: 'part',
		refusalStatus: 200,
		disposition: 'plain',
		ranges: true,
		bigIds: false,
	},
	answers: {},
	call: { method: 'testConnection' },
	client: { maxTries: 2, timeout: 0.2, settle: 0.3, userInfo: false, basePath: false },
	cancelAfterMs: null,
};
