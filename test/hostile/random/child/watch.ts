/**
 * Watches the whole process while scenarios run: memory, the event loop, and what nobody caught. Several scenarios run at
 * once, so that it names suspects; the parent then plays each of them alone.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Growth of the process during any call that is too much. */
const MOST_GROWTH_MIB = 100;
/** An event loop that stands still this long, busy all the while. */
const LONGEST_STANDSTILL_MS = 1_000;
const TICK_MS = 40;

export interface Incident {
	rule: string;
	detail: string;
	/** Of the process as a whole, so that it may be nobody's alone; otherwise an error that somebody did not catch. */
	matterOfProcess: boolean;
	/** The scenarios that were under way. */
	suspects: number[];
}

interface Running {
	startMib: number;
	peakMib: number;
}

export class Watch {
	private readonly running = new Map<number, Running>();
	private readonly recent: { scenario: number; endedAt: number }[] = [];
	private lastTick = performance.now();
	private lastCpu = process.cpuUsage();

	constructor(private readonly report: (incident: Incident) => void) {
		const uncaught = (rule: string) => (error: unknown) => {
			const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
			this.tell(rule, text.slice(0, 700), false);
		};
		process.on('unhandledRejection', uncaught('an unhandled rejection'));
		process.on('uncaughtException', uncaught('an uncaught exception'));
		process.on('warning', uncaught('a warning of the engine'));
		setInterval(() => this.tick(), TICK_MS);
	}

	began(scenario: number): void {
		this.measure();
		const mib = residentMib();
		this.running.set(scenario, { startMib: mib, peakMib: mib });
	}

	ended(scenario: number): void {
		this.measure();
		const { startMib, peakMib } = this.running.get(scenario) ?? { startMib: 0, peakMib: 0 };
		if (peakMib - startMib > MOST_GROWTH_MIB) {
			const detail = `+${Math.round(peakMib - startMib)} MiB, to ${Math.round(peakMib)}`;
			this.tell('memory', detail, true);
		}
		this.running.delete(scenario);
		this.recent.push({ scenario, endedAt: performance.now() });
	}

	private tell(rule: string, detail: string, matterOfProcess: boolean): void {
		this.report({ rule, detail, matterOfProcess, suspects: this.suspects() });
	}

	/** What ran now or a moment ago: an error that nobody caught may come late. */
	private suspects(): number[] {
		const since = performance.now() - 2_000;
		while ((this.recent[0]?.endedAt ?? since) < since) this.recent.shift();
		return [...this.running.keys(), ...this.recent.map(({ scenario }) => scenario)];
	}

	private tick(): void {
		const now = performance.now();
		const { user, system } = process.cpuUsage(this.lastCpu);
		const gap = now - this.lastTick;
		const busy = (user + system) / 1000;
		if (gap > LONGEST_STANDSTILL_MS + TICK_MS && busy > gap * 0.7) {
			const detail = `${Math.round(gap)} ms, ${Math.round(busy)} ms of them busy`;
			this.tell('the event loop stands still', detail, true);
		}
		this.lastTick = now;
		this.lastCpu = process.cpuUsage();
		this.measure();
	}

	/** The peak since the last time belongs to everything that runs. */
	private measure(): void {
		const peak = takePeakMib();
		for (const running of this.running.values()) running.peakMib = Math.max(running.peakMib, peak);
	}
}

const residentMib = (): number => process.memoryUsage.rss() / 1024 / 1024;

/** The highest resident memory since the last time it was taken; on other systems than Linux, the present one. */
function takePeakMib(): number {
	try {
		const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
		writeFileSync('/proc/self/clear_refs', '5');
		return Number(kib) / 1024;
	} catch {
		return residentMib();
	}
}
