import type { Memory } from './tasks';

const MIB = 1024 * 1024;
const SAMPLE_MS = 100;
/** When there are more, every second one is dropped and sampling goes on half as often. */
const MAX_SAMPLES = 120;

/** Watches the resident memory of this process from now on. */
export class MemoryWatch {
	private readonly before = residentNow();
	private readonly peakBefore = peakSoFar();
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
		// The system knows the exact peak, but of the whole life: it counts when it was reached while we watched.
		const peak = peakSoFar() > this.peakBefore ? peakSoFar() : this.highest;
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

/** `maxRSS` is in KiB on every system. */
const peakSoFar = (): number => process.resourceUsage().maxRSS / 1024;
