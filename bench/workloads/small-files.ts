import { mkdir, rm } from 'node:fs/promises';
import { basename } from 'node:path';

import { assertFolder, makeSmallFiles } from '../lab/files';
import type { ContenderName, Lab, Service } from '../lab/lab';
import type { Goal } from './goals';
import { assertFiles, type Row, type Stage, type Turn, type Workload } from './workload';

const SIZE = 4096;
const WARM_UP_FILES = 20;
const CONTENDERS = ['node', 'client', 'floor', 'python'] as const satisfies readonly ContenderName[];

const LOOPBACK_GOALS: Goal[] = [
	{ kind: 'speed', who: 'client', than: 'python', atLeast: 2.5 },
	{ kind: 'speed', who: 'node', than: 'python', atLeast: 2.5 },
	{ kind: 'time', who: 'client', than: 'floor', atMost: 1.4 },
	{ kind: 'time', who: 'node', than: 'floor', atMost: 1.4 },
];
const LATENCY_GOALS: Goal[] = [
	{ kind: 'speed', who: 'client', than: 'python', atLeast: 5 },
	{ kind: 'speed', who: 'node', than: 'python', atLeast: 5 },
];

/** Many small files, both ways, directly. */
export const smallFiles: Workload = {
	id: 'small',
	title: 'Sync of small files, loopback',
	contenders: CONTENDERS,
	diskMiB: () => 500,
	open: (lab, quick) => stageOf(lab, { count: quick ? 500 : 2000, rounds: quick ? 2 : 5, latency: 0 }),
};

/** The same over a line on which every round trip takes its time. */
export const smallFilesFarAway: Workload = {
	id: 'small-20ms',
	title: 'Sync of small files, 20 ms per round trip',
	contenders: CONTENDERS,
	diskMiB: () => 500,
	open: (lab, quick) => stageOf(lab, { count: quick ? 200 : 2000, rounds: quick ? 1 : 3, latency: 20 }),
};

interface Scale {
	count: number;
	rounds: number;
	/** Milliseconds per round trip. */
	latency: number;
}

async function stageOf(lab: Lab, scale: Scale): Promise<Stage> {
	const { count, rounds, latency } = scale;
	const service = await lab.service();
	const proxy = latency > 0 ? await lab.proxy(service, latency) : undefined;
	const { url } = proxy ?? service;
	await service.fill('down', { count, size: SIZE });
	await service.fill('down-warm-up', { count: WARM_UP_FILES, size: SIZE });

	const suffix = latency > 0 ? `-${latency}ms` : '';
	const where = latency > 0 ? `at ${latency} ms` : 'on loopback';
	const common = {
		contenders: CONTENDERS,
		rounds,
		files: count,
		goals: latency > 0 ? LATENCY_GOALS : LOOPBACK_GOALS,
	};
	const what = `${count.toLocaleString('en')} files of 4 KiB`;
	const rows: Row[] = [
		{
			...common,
			id: `small-to-local${suffix}`,
			title: `${what} to local, ${where}`,
			turn: () => turnToLocal(lab, url, count),
		},
		{
			...common,
			id: `small-to-remote${suffix}`,
			title: `${what} to remote, ${where}`,
			turn: () => turnToRemote({ lab, service, url, count }),
		},
	];
	return {
		rows,
		async close() {
			if (proxy) await lab.stop(proxy);
			await service.stop();
		},
	};
}

async function turnToLocal(lab: Lab, url: string, count: number): Promise<Turn> {
	const folder = lab.path('target');
	const warmUpFolder = lab.path('target');
	await mkdir(folder);
	await mkdir(warmUpFolder);
	return {
		task: {
			url,
			work: { verb: 'syncToLocal', chatId: 'down', folder },
			warmUp: { verb: 'syncToLocal', chatId: 'down-warm-up', folder: warmUpFolder },
		},
		async finish(report) {
			assertFiles(report, count);
			await assertFolder(folder, count, count * SIZE);
			await rm(folder, { recursive: true });
			await rm(warmUpFolder, { recursive: true });
		},
	};
}

interface UpData {
	lab: Lab;
	service: Service;
	url: string;
	count: number;
}

/** Every turn has a chat and a folder of its own: what a sync keeps hidden in a folder, another contender would upload. */
async function turnToRemote({ lab, service, url, count }: UpData): Promise<Turn> {
	const source = lab.path('source');
	const warmUpSource = lab.path('source');
	await makeSmallFiles(source, { count, size: SIZE });
	await makeSmallFiles(warmUpSource, { count: WARM_UP_FILES, size: SIZE });
	const chatId = basename(lab.path('up'));
	return {
		task: {
			url,
			work: { verb: 'syncToRemote', chatId, folder: source },
			warmUp: { verb: 'syncToRemote', chatId: `${chatId}-warm-up`, folder: warmUpSource },
		},
		async finish(report) {
			assertFiles(report, count);
			await service.assertChat(chatId, count, count * SIZE);
			await rm(source, { recursive: true });
			await rm(warmUpSource, { recursive: true });
		},
	};
}
