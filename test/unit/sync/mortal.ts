import disk from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';

/** What changes a disk. */
const CHANGES = [
	'open',
	'rename',
	'link',
	'unlink',
	'rm',
	'mkdir',
	'lutimes',
	'utimes',
	'writeFile',
	'chmod',
] as const;

/**
 * A process that may be killed at any step: before or after each change of the disk, and wherever else `step` is asked. From
 * then on nothing of it happens any more: whatever it waits for never comes, and so no `catch` and no `finally` runs.
 */
export class Mortal {
	private steps = 0;
	private isDead = false;
	private died: () => void = () => undefined;
	private readonly death = new Promise<void>((resolve) => (this.died = resolve));

	/** @param diesAt the number of the step; Infinity for a process that lives */
	constructor(private readonly diesAt: number) {}

	/** How many steps were taken. */
	get taken(): number {
		return this.steps;
	}

	async step(): Promise<void> {
		this.steps += 1;
		if (this.steps >= this.diesAt) {
			this.isDead = true;
			this.died();
		}
		if (this.isDead) await new Promise(() => undefined);
	}

	/** Runs `work`, to its end or its death. */
	async run(work: () => Promise<void>): Promise<'lived' | 'died'> {
		const spies = CHANGES.map((name) => this.watch(name));
		try {
			return await Promise.race([
				work().then(() => 'lived' as const),
				this.death.then(() => 'died' as const),
			]);
		} finally {
			// What was handed to the operating system before the death is still done.
			for (let turns = 0; this.isDead && turns < 5; turns++) await turn();
			for (const spy of spies) spy.mockRestore();
		}
	}

	private watch(name: (typeof CHANGES)[number]): jest.SpyInstance {
		const original = disk[name] as (...args: unknown[]) => Promise<unknown>;
		const watched = async (...args: unknown[]) => {
			await this.step();
			const result = await original(...args);
			// The operating system closes what a dead process had open.
			if (this.steps + 1 >= this.diesAt && name === 'open') await (result as disk.FileHandle).close();
			await this.step();
			return result;
		};
		return jest.spyOn(disk, name).mockImplementation(watched as never);
	}
}
