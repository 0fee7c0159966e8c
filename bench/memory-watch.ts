import { readFileSync, writeFileSync } from 'node:fs';

import type { Memory } from './tasks';

const MIB = 1024 * 1024;
const SAMPLE_MS = 100;
/** When there are more, every second one is dropped and sampling goes on half as often. */
const MAX_SAMPLES = 120;

/** Watches the resident memory of this process from now on. */
export class MemoryWatch {
	private readonly before = residentNow();
	private readonly countsFromNow = forgetPeak();
	private readonly timer: NodeJS.Timeout;
	private samples = [this.before];
	private highest = this.before;
	private every = 1;
	private ticks = 0;

	constructor() {
		this.timer = setInterval(() => this.sample(), SAMPLE_MS).unref();
	}

	stop(): Memory {
		clearInterval(this.timer);
		this.take(residentNow());
		const peak = this.countsFromNow ? Math.max(peakSoFar(), this.highest) : this.highest;
		return { before: this.before, peak, samples: this.samples };
	}

	private sample(): void {
		const resident = residentNow();
		this.highest = Math.max(this.highest, resident);
		this.ticks += 1;
		if (this.ticks % this.every === 0) this.take(resident);
	}

	private take(resident: number): void {
		this.highest = Math.max(this.highest, resident);
		this.samples.push(resident);
		if (this.samples.length <= MAX_SAMPLES) return;
		this.samples = this.samples.filter((_, index) => index % 2 === 0);
		this.every *= 2;
	}
}

const residentNow = (): number => process.memoryUsage.rss() / MIB;

/**
 * Makes Linux forget the peak that this process has had, so that the exact peak of the work can be read. Without this
 * (on other systems) only the samples tell: the peak of `resourceUsage` is of the whole life, and in part of the parent's.
 */
function forgetPeak(): boolean {
	try {
		writeFileSync('/proc/self/clear_refs', '5');
		return true;
	} catch {
		return false;
	}
}

/** MiB. Linux only. */
function peakSoFar(): number {
	const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
	return Number(kibibytes ?? 0) / 1024;
}
