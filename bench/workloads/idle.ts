import { assertFolder, makeSmallFiles } from '../lab/files';
import type { Lab, Service } from '../lab/lab';
import type { UnchangedSync } from '../tasks';
import type { Goal } from './goals';
import { assertFiles, heapOf, stagesOf, type Row, type Stage, type Turn, type Workload } from './workload';

/** Small, since what is measured is the number. */
const SIZE = 16;
const CHAT = 'idle';
const CONTENDERS = ['client', 'floor'] as const;

const HEAP_MIB = 96;

/** What a summary may have at most, whatever the number of files. */
const OUTPUT_LIMIT = 10_000;

const TITLES: Record<UnchangedSync, string> = {
	toLocal: 'to the folder',
	toRemote: 'to the chat, with deletions',
	both: 'both ways, with deletions',
};

/** A run of a schedule in which nothing has changed, as most runs are: what it costs to find that out. */
export const idle: Workload = {
	id: 'idle',
	title: 'Many files on both sides, and nothing has changed',
	contenders: CONTENDERS,
	diskMiB: (quick) => (quick ? 200 : 2500),
	async open(lab, quick) {
		const counts = quick ? [1000, 10_000] : [10_000, 100_000];
		return await stagesOf(counts, (count) => stageOf(lab, count, quick, counts));
	},
};

async function stageOf(lab: Lab, count: number, quick: boolean, counts: readonly number[]): Promise<Stage> {
	const service = await lab.service({ counting: true });
	await service.fill(CHAT, { count, size: SIZE });
	// A memory that is there is used, so the sync that needs none has a folder without one.
	const [plain, remembered] = [lab.path('plain'), lab.path('remembered')];
	for (const folder of [plain, remembered]) {
		await makeSmallFiles(folder, { count, size: SIZE, asUploaded: true });
	}
	await firstSync(lab, service, remembered);
	const listing = await requestsOfListing(lab, service);
	const row = (operation: UnchangedSync): Row => ({
		id: `idle-${operation}-${count}`,
		title: `Find ${count.toLocaleString('en')} unchanged files in a heap of ${HEAP_MIB} MiB: ${TITLES[operation]}`,
		contenders: CONTENDERS,
		rounds: quick ? 1 : 3,
		goals: goalsOf(operation, count, counts),
		files: count,
		turn: () => {
			const folder = operation === 'toLocal' ? plain : remembered;
			return turn({ service, count, folder, operation, listing });
		},
	});
	return { rows: [row('toLocal'), row('toRemote'), row('both')], close: service.stop };
}

/** Only the larger chat is judged: in the smaller one what Node itself takes is more than what the files take. */
function goalsOf(operation: UnchangedSync, count: number, counts: readonly number[]): Goal[] {
	if (count !== counts.at(-1)) return [];
	const smaller = `idle-${operation}-${counts.at(-2) ?? count}`;
	return [
		{ kind: 'memoryPerFileMore', who: 'client', comparedTo: smaller, atMost: 1 },
		{ kind: 'ownTimePerFile', who: 'client', than: 'floor', atMost: 25 },
		{ kind: 'output', who: 'client', atMost: OUTPUT_LIMIT },
	];
}

interface Data {
	service: Service;
	count: number;
	folder: string;
	operation: UnchangedSync;
	/** How many requests one listing takes. */
	listing: number;
}

/** Makes the memory. */
async function firstSync(lab: Lab, { url }: Service, folder: string): Promise<void> {
	const work = { verb: 'syncUnchanged', operation: 'both', chatId: CHAT, folder } as const;
	await lab.measure('client', { url, work });
}

async function requestsOfListing(lab: Lab, service: Service): Promise<number> {
	await service.requests();
	await lab.measure('client', { url: service.url, work: { verb: 'list', chatId: CHAT } });
	return (await service.requests())['/listChatFiles'] ?? 0;
}

async function turn({ service, count, folder, operation, listing }: Data): Promise<Turn> {
	await service.requests();
	return {
		task: {
			url: service.url,
			work: { verb: 'syncUnchanged', operation, chatId: CHAT, folder },
			warmUp: { verb: 'list', chatId: 'no such chat' },
		},
		nodeFlags: heapOf(HEAP_MIB),
		async finish(report) {
			assertFiles(report, count);
			await assertFolder(folder, count, count * SIZE);
			const requests = await service.requests();
			// The warm-up lists once too, in one request.
			const { '/listChatFiles': lists = 0, ...others } = requests;
			if (Object.keys(others).length > 0 || lists > listing + 1) {
				throw new Error(`It asked for more than one listing of ${listing}: ${JSON.stringify(requests)}`);
			}
		},
	};
}
