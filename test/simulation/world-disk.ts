import fs from 'node:fs';

import type { Chance } from '../../harness/simulation/chance';
import type { VirtualClock } from '../../harness/simulation/clock';
import type { DiskCall } from '../../harness/simulation/disk';
import type { Machine } from '../../harness/simulation/machine';
import type { Event } from './history';
import type { Locks } from './locks';
import type { People } from './people';

type Refuse = Extract<Event, { do: 'refuse' }>;

/** The disk of a world: it may be full, and it sees what processes do on it. */
export class WorldDisk {
	private fullUntil = 0;
	private refusals: Array<{ folder: string; until: number; event: Refuse }> = [];
	/** What each process saw at a place when it last looked there, and when. */
	private readonly looks = new Map<string, { seen: string; at: number }>();

	constructor(
		private readonly clock: VirtualClock,
		private readonly chance: Chance,
		private readonly locks: Locks,
		private readonly people: People,
	) {}

	/** @param ms from now on */
	isFull(ms: number): void {
		this.fullUntil = this.clock.now + ms;
	}

	/** Part of it may not be used for a while. */
	refuses(folder: string, event: Refuse): void {
		this.refusals.push({ folder, until: this.clock.now + event.for, event });
	}

	/** Everything may be used again. */
	heal(): void {
		this.fullUntil = 0;
		this.refusals = [];
	}

	/** @throws as a full disk does, or one that refuses */
	before(machine: Machine, call: DiskCall): void {
		if (call.grows && this.clock.now < this.fullUntil)
			throw Object.assign(new Error(`ENOSPC: no space left on device, ${call.name}`), {
				code: 'ENOSPC',
				syscall: call.name,
			});
		this.refuse(call);
		this.locks.judge(machine, call);
		if (call.name === 'rename' && call.to !== undefined) this.replacing(machine, call.to);
	}

	after(machine: Machine, call: DiskCall): void {
		this.locks.note(machine, call);
		if (call.name === 'lstat' && call.path !== undefined)
			this.looks.set(`${machine.name} ${call.path}`, { seen: lookAt(call.path), at: this.clock.now });
	}

	private refuse({ name, path = '', to = '', changes }: DiskCall): void {
		for (const { folder, until, event } of this.refusals) {
			const isIn = [path, to].some((place) => place === folder || place.startsWith(`${folder}/`));
			if (!isIn || this.clock.now >= until || !(changes || event.reads)) continue;
			if (!this.chance.percent(event.percent)) continue;
			const { code } = event;
			throw Object.assign(new Error(`${code}: refused, ${name} '${path}'`), { code, syscall: name, path });
		}
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
