import { monitorEventLoopDelay, performance, type EventLoopUtilization } from 'node:perf_hooks';

import type { EventLoop } from './tasks';

const RESOLUTION_MS = 1;

/** Watches the event loop of this process from now on: what other workflows of the same n8n would feel. */
export class LoopWatch {
	private readonly before: EventLoopUtilization = performance.eventLoopUtilization();
	private readonly delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

	constructor() {
		this.delays.enable();
	}

	stop(): EventLoop {
		this.delays.disable();
		const { utilization } = performance.eventLoopUtilization(this.before);
		// What it records is the time between two ticks of its own timer, so an idle loop shows the resolution.
		const delayMs = Math.max(0, this.delays.percentile(99) / 1e6 - RESOLUTION_MS);
		return { utilization, delayMs };
	}
}
