import { readdir, readFile, readlink } from 'node:fs/promises';

import type { RunningQueue } from '../../harness/n8n-host';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** What a process takes at first, while it loads what it needs and warms up, says nothing of a leak. */
const WARM_UP_MS = 60_000;

interface Sample {
	pid: number;
	at: number;
	rss: number;
}

/** The memory of n8n's processes over time. */
export class Measure {
	readonly #samples: Record<'main' | 'workers', Sample[]> = { main: [], workers: [] };
	readonly #born = new Map<number, number>();

	constructor(private readonly n8n: RunningQueue) {}

	/** Looks once. A process that has just ended is left out. */
	async sample(): Promise<void> {
		const at = Date.now();
		const look = async (role: 'main' | 'workers', pid: number) => {
			const rss = await residentBytes(pid);
			if (rss === undefined) return;
			if (!this.#born.has(pid)) this.#born.set(pid, at);
			if (at - (this.#born.get(pid) ?? at) >= WARM_UP_MS) this.#samples[role].push({ pid, at, rss });
		};
		await look('main', this.n8n.process.pid);
		for (const { pid } of this.n8n.workers) await look('workers', pid);
	}

	/**
	 * MiB per hour by least squares: one slope for all lives of the role, each with a level of its own, without its first
	 * minute. Undefined when there is nothing to measure.
	 */
	slope(role: 'main' | 'workers'): { mibPerHour: number; samples: number; minutes: number } | undefined {
		const samples = this.#samples[role];
		let products = 0;
		let squares = 0;
		let ms = 0;
		for (const born of new Set(samples.map(({ pid }) => pid))) {
			const life = samples.filter(({ pid }) => pid === born);
			const meanAt = mean(life.map(({ at }) => at));
			const meanRss = mean(life.map(({ rss }) => rss));
			for (const { at, rss } of life) {
				products += (at - meanAt) * (rss - meanRss);
				squares += (at - meanAt) ** 2;
			}
			ms += (life.at(-1)?.at ?? 0) - (life[0]?.at ?? 0);
		}
		if (squares === 0) return undefined;
		return {
			mibPerHour: ((products / squares) * HOUR_MS) / MIB,
			samples: samples.length,
			minutes: ms / 60_000,
		};
	}
}

/** Open sockets of n8n's processes, in all. */
export async function openSockets(n8n: RunningQueue): Promise<number> {
	let count = 0;
	for (const { pid } of [n8n.process, ...n8n.workers]) {
		const folder = `/proc/${String(pid)}/fd`;
		for (const fd of await readdir(folder)) {
			const target = await readlink(`${folder}/${fd}`).catch(() => '');
			if (target.startsWith('socket:')) count += 1;
		}
	}
	return count;
}

async function residentBytes(pid: number): Promise<number | undefined> {
	const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
	const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
	return kib === undefined ? undefined : Number(kib) * 1024;
}

const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / values.length;
