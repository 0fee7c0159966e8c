import { cp } from 'node:fs/promises';

import { assertFolder, makeSmallFiles } from '../lab/files';
import type { ContenderName, Lab, Service } from '../lab/lab';
import { assertFiles, type Row, type Turn, type Workload } from './workload';

const SIZE = 4096;
const CONTENDERS = ['node', 'client', 'python'] as const;

/** A second sync when nothing has changed. The published client downloads everything again: it has no other way. */
export const unchanged: Workload = {
	id: 'unchanged',
	title: 'Second sync of unchanged files',
	contenders: CONTENDERS,
	diskMiB: () => 1000,
	async open(lab, quick) {
		const count = quick ? 1000 : 10_000;
		const service = await lab.service({ counting: true });
		await service.fill('down', { count, size: SIZE });
		const synced = lab.path('synced');
		await makeSmallFiles(synced, { count, size: SIZE, asUploaded: true });
		// The published client gives its files the time of now, after which no sync would take them as unchanged by time.
		const overwritten = lab.path('overwritten');
		await cp(synced, overwritten, { recursive: true });
		const row: Row = {
			id: 'unchanged',
			title: `Second sync of ${count.toLocaleString('en')} unchanged files`,
			contenders: CONTENDERS,
			rounds: quick ? 1 : 3,
			goals: [
				{ kind: 'speed', who: 'client', than: 'python', atLeast: 50 },
				{ kind: 'speed', who: 'node', than: 'python', atLeast: 50 },
			],
			files: count,
			turn: (contender) => turn({ lab, service, count, synced, overwritten }, contender),
		};
		return { rows: [row], close: service.stop };
	},
};

interface Data {
	lab: Lab;
	service: Service;
	count: number;
	synced: string;
	overwritten: string;
}

async function turn(data: Data, contender: ContenderName): Promise<Turn> {
	const { service, count } = data;
	const isOurs = contender !== 'python';
	const folder = isOurs ? data.synced : data.overwritten;
	await service.requests();
	return {
		task: { url: service.url, work: { verb: 'syncToLocal', chatId: 'down', folder, skipUnchanged: isOurs } },
		async finish(report) {
			assertFiles(report, count);
			await assertFolder(folder, count, count * SIZE);
			const requests = Object.keys(await service.requests());
			if (isOurs && requests.join() !== '/listChatFiles') {
				throw new Error(`A sync of unchanged files asked for more than a listing: ${requests.join(', ')}`);
			}
		},
	};
}
