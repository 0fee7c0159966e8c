import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';

import { assertSize, makeLargeFile, makeSmallFiles, MIB, sizeInWords } from '../lab/files';
import type { ContenderName, Lab, Service } from '../lab/lab';
import { fileName } from '../lab/messages';
import type { Goal } from './goals';
import { assertFiles, type Row, type Turn, type Workload } from './workload';

export const ALL = ['node', 'client', 'floor', 'python', 'httpRequest', 'curl'] as const;
/** Those that can check what they carry against a hash do: the others have no means for it. */
export const UNVERIFIED = ['floor', 'python', 'httpRequest', 'curl'] as const;
const MULTIPART = ['node', 'client', 'python'] as const;

/** n8n's other workflows must not notice. */
const LOOP_GOALS: Goal[] = [
	{ kind: 'loop', who: 'node', atMost: 0.5 },
	{ kind: 'loopDelay', who: 'node', atMost: 10 },
];

/** One large file, both ways, by everything that can carry one. */
export const largeFile: Workload = {
	id: 'large',
	title: 'One large file up and down, loopback',
	contenders: ALL,
	// The file, the same at the service to be downloaded, one on its way, and n8n's own copy.
	diskMiB: (quick) => 4 * sizeOf(quick) + 100,
	async open(lab, quick) {
		const size = sizeOf(quick);
		const data = await prepare(lab, size);
		const { service, source, warmUpSource } = data;
		const what = sizeInWords(size);
		const common = {
			contenders: ALL,
			rounds: quick ? 1 : 3,
			files: 1,
			mebibytes: size,
			unverified: UNVERIFIED,
		};
		const rows: Row[] = [
			{
				...common,
				id: 'large-up',
				title: `One file of ${what} up, on loopback`,
				goals: [
					...(['client', 'node'] as const).flatMap((who): Goal[] => [
						{ kind: 'speed', who, than: 'python', atLeast: 1.2 },
						{ kind: 'speed', who, than: 'httpRequest', atLeast: 1 },
					]),
					...LOOP_GOALS,
				],
				turn: () =>
					Promise.resolve(
						turnUp({ lab, service, url: service.url, source, warmUpSource, size, mode: 'auto' }),
					),
			},
			{
				...common,
				id: 'large-down',
				title: `One file of ${what} down, on loopback`,
				goals: [
					{ kind: 'speed', who: 'client', than: 'curl', atLeast: 0.75 },
					// It lets n8n store what it gets, as the node does.
					{ kind: 'speed', who: 'node', than: 'httpRequest', atLeast: 0.9 },
					...LOOP_GOALS,
				],
				turn: (contender) => Promise.resolve(turnDown({ lab, url: service.url, size, ...data }, contender)),
			},
		];
		return { rows, close: () => closing(service, source) };
	},
};

/** A large file in parts over a line on which every round trip takes its time. */
export const multipartFarAway: Workload = {
	id: 'multipart-20ms',
	title: 'Multipart upload, 20 ms per round trip',
	contenders: MULTIPART,
	diskMiB: (quick) => 4 * (quick ? 128 : 512) + 100,
	async open(lab, quick) {
		const size = quick ? 128 : 512;
		const { service, source, warmUpSource } = await prepare(lab, size);
		const proxy = await lab.proxy(service, 20);
		const row: Row = {
			id: 'multipart-up-20ms',
			title: `Multipart upload of ${size} MiB, at 20 ms`,
			contenders: MULTIPART,
			rounds: quick ? 1 : 3,
			goals: [
				{ kind: 'speed', who: 'client', than: 'python', atLeast: 3.5 },
				{ kind: 'speed', who: 'node', than: 'python', atLeast: 3.5 },
			],
			files: 1,
			mebibytes: size,
			turn: () =>
				Promise.resolve(
					turnUp({ lab, service, url: proxy.url, source, warmUpSource, size, mode: 'multipart' }),
				),
		};
		return {
			rows: [row],
			async close() {
				await lab.stop(proxy);
				await closing(service, source);
			},
		};
	},
};

const sizeOf = (quick: boolean): number => (quick ? 128 : 1024);

/** A large file on disk, a small one to warm up with, and both at the service. */
export async function prepare(lab: Lab, size: number) {
	const service = await lab.service();
	const source = lab.path('large.bin');
	const warmUpFolder = lab.path('warm-up');
	await makeLargeFile(source, size);
	await makeSmallFiles(warmUpFolder, { count: 1, size: 4096 });
	const warmUpSource = `${warmUpFolder}/${fileName(0)}`;
	await lab.measure('floor', {
		url: service.url,
		work: { verb: 'upload', chatId: 'down', path: source, mode: 'simple' },
	});
	await service.fill('down-warm-up', { count: 1, size: 4096 });
	const downId = (await service.assertChat('down', 1, size * MIB)).lastId;
	const warmUpId = (await service.chat('down-warm-up')).lastId;
	const hash = createHash('md5');
	for await (const chunk of createReadStream(source)) hash.update(chunk as Buffer);
	const expected = { size: size * MIB, hashcode: hash.digest('hex') };
	return { service, source, warmUpSource, downId, warmUpId, expected };
}

export async function closing(service: Service, source: string): Promise<void> {
	await service.stop();
	await rm(source);
}

interface UpData {
	lab: Lab;
	service: Service;
	url: string;
	source: string;
	warmUpSource: string;
	/** MiB */
	size: number;
	mode: 'auto' | 'multipart';
}

export function turnUp({ lab, service, url, source, warmUpSource, size, mode }: UpData): Turn {
	const chatId = basename(lab.path('up'));
	const work = { verb: 'upload', mode } as const;
	return {
		task: {
			url,
			work: { ...work, chatId, path: source },
			warmUp: { ...work, chatId: `${chatId}-warm-up`, path: warmUpSource },
		},
		async finish(report) {
			assertFiles(report, 1);
			await service.delete((await service.assertChat(chatId, 1, size * MIB)).lastId);
		},
	};
}

interface DownData {
	lab: Lab;
	url: string;
	downId: string;
	warmUpId: string;
	/** MiB */
	size: number;
	expected: { size: number; hashcode: string };
}

export function turnDown(
	{ lab, url, downId, warmUpId, size, expected }: DownData,
	contender: ContenderName,
): Turn {
	const path = lab.path('down.bin');
	const warmUpPath = lab.path('down.bin');
	return {
		task: {
			url,
			work: { verb: 'download', fileId: downId, path, expected },
			warmUp: { verb: 'download', fileId: warmUpId, path: warmUpPath },
		},
		async finish(report) {
			assertFiles(report, 1);
			// n8n's binary storage went with the process, which failed if anything was missing.
			if (!['node', 'nodeBefore', 'httpRequest'].includes(contender)) await assertSize(path, size * MIB);
			await rm(path, { force: true });
			await rm(warmUpPath, { force: true });
		},
	};
}
