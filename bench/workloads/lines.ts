import { mkdir, rm } from 'node:fs/promises';

import { assertFolder, MIB } from '../lab/files';
import type { Line } from '../lab/messages';
import { ALL, closing, prepare, turnDown, turnUp, UNVERIFIED } from './large-file';
import { assertFiles, type Row, type Stage, type Workload } from './workload';

const SYNC = ['node', 'client', 'python'] as const;
const DOWN = ['node', 'client', 'python', 'httpRequest', 'curl'] as const;

/** A large file from a storage that gives each connection so much and no more, as object storages do. */
export const slowConnections: Workload = {
	id: 'connections',
	title: 'One large file down, 20 MB/s per connection',
	contenders: DOWN,
	diskMiB: (quick) => 4 * (quick ? 64 : 256) + 100,
	async open(lab, quick) {
		const size = quick ? 64 : 256;
		const data = await prepare(lab, size);
		const line = await lab.line(data.service, { perConnection: 20e6, roundTripMs: 0 });
		const { url } = line;
		const common = { rounds: quick ? 1 : 2, files: 1, mebibytes: size, unverified: UNVERIFIED };
		const rows: Row[] = [
			{
				...common,
				id: 'connections-down',
				title: `One file of ${size} MiB down, 20 MB/s per connection`,
				contenders: DOWN,
				goals: [
					{ kind: 'speed', who: 'client', than: 'curl', atLeast: 3.5 },
					{ kind: 'speed', who: 'node', than: 'curl', atLeast: 3.5 },
				],
				turn: (contender) => Promise.resolve(turnDown({ lab, url, size, ...data }, contender)),
			},
			{
				...common,
				id: 'connections-sync',
				title: `Sync of one file of ${size} MiB to local, 20 MB/s per connection`,
				contenders: SYNC,
				// The service knows no hash of what was uploaded as plainly as this file was.
				unverified: SYNC,
				goals: [
					{ kind: 'speed', who: 'client', than: 'python', atLeast: 3.5 },
					{ kind: 'speed', who: 'node', than: 'python', atLeast: 3.5 },
				],
				turn: async () => {
					const folder = lab.path('connections');
					await mkdir(folder);
					return {
						task: { url, work: { verb: 'syncToLocal', chatId: 'down', folder } },
						async finish(report) {
							assertFiles(report, 1);
							await assertFolder(folder, 1, size * MIB);
							await rm(folder, { recursive: true });
						},
					};
				},
			},
		];
		return {
			rows,
			async close() {
				await lab.stop(line);
				await closing(data.service, data.source);
			},
		};
	},
};

const LINES: { id: string; what: string; line: Line & { bytesPerSecond: number }; mebibytes: number }[] = [
	{
		id: '1g-20ms',
		what: '1 Gbit/s and 20 ms',
		line: { bytesPerSecond: 125e6, roundTripMs: 20 },
		mebibytes: 1024,
	},
	{
		id: '200m-100ms',
		what: '200 Mbit/s and 100 ms',
		line: { bytesPerSecond: 25e6, roundTripMs: 100 },
		mebibytes: 256,
	},
];

/** A large file over the lines that people have: how much of the line is used. */
export const lines: Workload = {
	id: 'lines',
	title: 'One large file up and down, 1 Gbit/s at 20 ms and 200 Mbit/s at 100 ms',
	contenders: ALL,
	diskMiB: (quick) => 4 * (quick ? 128 : 1024) + 100,
	async open(lab, quick): Promise<Stage> {
		const rows: Row[] = [];
		const closes: (() => Promise<void>)[] = [];
		for (const { id, what, line, mebibytes } of LINES) {
			const size = quick ? mebibytes / 8 : mebibytes;
			const data = await prepare(lab, size);
			const way = await lab.line(data.service, line);
			const { url } = way;
			closes.push(async () => {
				await lab.stop(way);
				await closing(data.service, data.source);
			});
			const common = {
				contenders: ALL,
				rounds: quick ? 1 : 2,
				goals: (['client', 'node'] as const).map((who) => ({ kind: 'line' as const, who, atLeast: 0.85 })),
				files: 1,
				mebibytes: size,
				lineSpeed: line.bytesPerSecond,
				unverified: UNVERIFIED,
			};
			rows.push(
				{
					...common,
					id: `line-up-${id}`,
					title: `One file of ${size} MiB up, ${what}`,
					turn: () => Promise.resolve(turnUp({ lab, url, size, mode: 'auto', ...data })),
				},
				{
					...common,
					id: `line-down-${id}`,
					title: `One file of ${size} MiB down, ${what}`,
					turn: (contender) => Promise.resolve(turnDown({ lab, url, size, ...data }, contender)),
				},
			);
		}
		return {
			rows,
			close: async () => {
				for (const close of closes) await close();
			},
		};
	},
};
