import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import type { VirtualClock } from '../../harness/simulation/clock';
import type { DiskCall } from '../../harness/simulation/disk';
import type { Machine } from '../../harness/simulation/machine';

const LOCK = '/.bdd-file-lock';
const TRASH = '/.bdd-file-trash/';
/** A proof is followed at once by what it is for. Milliseconds during which the process was awake. */
const AT_ONCE_MS = 500;

function isReleased(place: string, number: number): boolean {
	try {
		return fs.readFileSync(path.join(place, String(number)), 'utf8').includes('"released":true');
	} catch {
		return false;
	}
}

/** Sees who has which folder, from outside, by the files on the disk, and who changes it all the same. */
export class Locks {
	/** Who has created the highest number in a place of lock files. */
	private readonly owners = new Map<string, { number: number; machine: Machine; at: number }>();
	/** When each process last looked at the numbers. */
	private readonly looks = new WeakMap<Machine, { at: number }>();
	/** What each process has asked to delete: asking again needs no proof. */
	private readonly asked = new WeakMap<Machine, Set<string>>();

	constructor(
		private readonly clock: VirtualClock,
		/** The machine's folder for temporary files. */
		private readonly temporary: string,
		private readonly violate: (what: string) => void,
	) {}

	/** After a system call. */
	note(machine: Machine, { name, path: file = '', creates }: DiskCall): void {
		if (!file.includes(LOCK)) return;
		if (name !== 'readdir' && !creates) return;
		this.looks.set(machine, { at: this.clock.now });
		const [place, number] = [path.dirname(file), Number(path.basename(file))];
		if (!creates || Number.isNaN(number)) return;
		const before = this.owners.get(place);
		if (before === undefined || number > before.number)
			this.owners.set(place, { number, machine, at: this.clock.now });
	}

	/** Before a system call. */
	judge(machine: Machine, { name, path: file = '', to }: DiskCall): void {
		const target = to ?? (name === 'unlink' || name === 'rm' ? file : undefined);
		if (target === undefined || file.includes(LOCK) || target.includes(LOCK)) return;
		const isTemporary = path.basename(target).endsWith('.part');
		if (isTemporary) return;
		if (to?.includes(TRASH) === true && !file.includes(TRASH))
			this.mustBeProven(machine, `removal of ${file}`);
		const folder = target.split(/\/\.bdd-file-/)[0] ?? '';
		this.mayChange(
			machine,
			folder === target ? path.dirname(target) : folder,
			`${name} ${path.basename(target)}`,
		);
	}

	/** A deletion in the chat: the folder must be had, and that must just have been proven. */
	judgeDeletion(machine: Machine, folder: string, id: string, mayBeLate: (since: number) => boolean): void {
		const asked = this.asked.get(machine) ?? new Set();
		this.asked.set(machine, asked);
		const look = this.looks.get(machine);
		if (!asked.has(id) && !(look !== undefined && mayBeLate(look.at)))
			this.mustBeProven(machine, `deletion of ${id} in the chat`);
		asked.add(id);
		this.mayChange(machine, folder, 'a deletion in the chat');
	}

	/** Heartbeats are proofs too, so this does not see every one that is missing. */
	private mustBeProven(machine: Machine, what: string): void {
		const look = this.looks.get(machine);
		const { now } = this.clock;
		const asleep =
			look !== undefined && machine.frozenUntil > look.at ? machine.frozenUntil - machine.frozenFrom : 0;
		if (look === undefined || now - look.at - asleep > AT_ONCE_MS)
			this.violate(`${machine.name}: ${what} without a proof that the folder is still its own`);
	}

	/** Whoever changes a folder or its chat for it, must have it, or must just have seen that it has it. */
	mayChange(machine: Machine, folder: string, what: string): void {
		const owners = this.placesOf(folder).flatMap((place) => {
			const owner = this.owners.get(place);
			return owner === undefined ? [] : [{ ...owner, isReleased: isReleased(place, owner.number) }];
		});
		const own = owners.filter((owner) => owner.machine === machine);
		if (own.length > 0) {
			if (own.every((owner) => owner.isReleased))
				this.violate(`${machine.name}: ${what} in a folder that it has given back`);
			return;
		}
		const [owner] = owners;
		const look = this.looks.get(machine);
		const wasFrozen = look !== undefined && machine.frozenUntil > look.at;
		const awake =
			look === undefined ? Infinity : this.clock.now - (wasFrozen ? machine.frozenUntil : look.at);
		if (wasFrozen && awake < AT_ONCE_MS && machine.frozenFrom - look.at < AT_ONCE_MS) return;
		this.violate(
			`${machine.name}: ${what} in a folder that ${owner ? `${owner.machine.name} has` : 'nobody has locked'}`,
		);
	}

	/** In the folder, and for who cannot write there beside it. */
	private placesOf(folder: string): string[] {
		const hash = createHash('sha256').update(folder).digest('hex');
		return [`${folder}${LOCK}`, `${this.temporary}${LOCK}-${hash}`];
	}
}
