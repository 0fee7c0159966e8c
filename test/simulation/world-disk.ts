import fs from 'node:fs';

import type { VirtualClock } from '../../harness/simulation/clock';
import type { DiskCall } from '../../harness/simulation/disk';
import type { Machine } from '../../harness/simulation/machine';
import type { Locks } from './locks';
import type { People } from './people';

/** The disk of a world: it may be full, and it sees what processes do on it. */
export class WorldDisk {
	private fullUntil = 0;
	/** What each process saw at a place when it last looked there, and when. */
	private readonly looks = new Map<string, { seen: string; at: number }>();

	constructor(
		private readonly clock: VirtualClock,
		private readonly locks: Locks,
		private readonly people: People,
	) {}

	/** @param ms from now on; 0 when it has room again */
	isFull(ms: number): void {
		this.fullUntil = this.clock.now + ms;
	}

	/** @throws as a full disk does */
	before(machine: Machine, call: DiskCall): void {
		if (call.grows && this.clock.now < this.fullUntil)
			throw Object.assign(new Error(`ENOSPC: no space left on device, ${call.name}`), {
				code: 'ENOSPC',
				syscall: call.name,
			});
		this.locks.judge(machine, call);
		if (call.name === 'rename' && call.to !== undefined) this.replacing(machine, call.to);
	}

	after(machine: Machine, call: DiskCall): void {
		this.locks.note(machine, call);
		if (call.name === 'lstat' && call.path !== undefined)
			this.looks.set(`${machine.name} ${call.path}`, { seen: lookAt(call.path), at: this.clock.now });
	}

	/**
	 * No disk replaces a file on the condition that it is a certain one: what a person writes between the last look at it,
	 * right before, and the replacement itself is not to be had.
	 */
	private replacing(machine: Machine, place: string): void {
		const look = this.looks.get(`${machine.name} ${place}`);
		if (look === undefined || look.at < this.clock.now - INSTANT_MS || look.seen === lookAt(place)) return;
		if (fs.existsSync(place)) this.people.forget(fs.readFileSync(place));
	}
}

/** Between two calls of the disk of a process that is awake lies less. */
const INSTANT_MS = 5;

/** What tells a file from another, and from itself before it was changed. */
function lookAt(place: string): string {
	const stats = fs.lstatSync(place, { throwIfNoEntry: false });
	return stats === undefined ? '' : [stats.ino, stats.size, stats.mtimeMs].join();
}
