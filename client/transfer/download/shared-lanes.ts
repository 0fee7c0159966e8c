/** So many connections, of all downloads of a client together, read ahead. Each holds one range in memory at most. */
const EXTRA_CONNECTIONS = 8;
/** A storage that served no ranges, or could not be reached, is not asked for them again for so long. */
const REST_MS = 5 * 60_000;

/** What the downloads of one client share, so that many at once stay within bounds. */
export class SharedLanes {
	private free = EXTRA_CONNECTIONS;
	private restsUntil = 0;

	/** Takes one connection more than the one that each download has; false when none is left. */
	take(): boolean {
		if (this.free === 0) return false;
		this.free -= 1;
		return true;
	}

	get areFree(): boolean {
		return this.free > 0;
	}

	giveBack(): void {
		this.free += 1;
	}

	/** Whether ranges may be had. */
	areWorthATry(): boolean {
		return performance.now() >= this.restsUntil;
	}

	/** There were none. */
	rest(): void {
		this.restsUntil = performance.now() + REST_MS;
	}
}
