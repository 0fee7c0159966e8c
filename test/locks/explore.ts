import { Chance } from '../../harness/simulation/chance';
import { type Choice, type Scenario, Simulation, Violation } from './simulation';

export interface Exploration {
	/** How many different situations there were. */
	situations: number;
	/** How often the lock was won, and lost, at most in one run: so that a test can tell whether it saw what it is about. */
	wins: number;
	losses: number;
}

/**
 * Tries every order of everything that can happen.
 *
 * @throws Violation that names the choices which lead to it
 */
export async function explore(scenario: Scenario): Promise<Exploration> {
	const visited = new Set<string>();
	const exploration: Exploration = { situations: 0, wins: 0, losses: 0 };
	/** Beginnings of runs that are still to be tried. */
	const beginnings: string[][] = [[]];
	for (let path = beginnings.pop(); path !== undefined; path = beginnings.pop()) {
		const simulation = await replay(scenario, path);
		for (;;) {
			const key = simulation.key();
			if (visited.has(key)) break;
			visited.add(key);
			exploration.wins = Math.max(exploration.wins, simulation.wins);
			exploration.losses = Math.max(exploration.losses, simulation.losses);
			const [first, ...others] = simulation.choices();
			if (first === undefined) break;
			for (const { name } of others) beginnings.push([...path, name]);
			path = [...path, first.name];
			await step(simulation, first, path);
		}
	}
	return { ...exploration, situations: visited.size };
}

async function replay(scenario: Scenario, path: readonly string[]): Promise<Simulation> {
	const simulation = new Simulation(scenario);
	await simulation.settle();
	for (const [index, name] of path.entries()) {
		const choice = simulation.choices().find((one) => one.name === name);
		if (choice === undefined)
			throw new Error(`${name} cannot happen after ${path.slice(0, index).join(', ')}`);
		await step(simulation, choice, path.slice(0, index + 1));
	}
	return simulation;
}

async function step(simulation: Simulation, choice: Choice, path: readonly string[]): Promise<void> {
	choice.happen();
	try {
		await simulation.settle();
	} catch (error) {
		if (!(error instanceof Violation)) throw error;
		throw new Violation(`${error.message}, after: ${path.join(', ')}`, { cause: error });
	}
}

export interface Wandering {
	wins: number;
	losses: number;
	/** How many ticks passed until one that was left alone had the lock. */
	waited: number;
}

/**
 * One run by chance, the same for the same seed: processes sleep and wake, and at last all crash but one that competes,
 * which has to win.
 *
 * @throws Violation
 */
export async function wander(scenario: Scenario, seed: number): Promise<Wandering> {
	const chance = new Chance(seed);
	const path: string[] = [];
	const simulation = new Simulation(scenario);
	await simulation.settle();
	const asleep = new Set<string>();
	const length = 20 + chance.next() * 400;
	for (let count = 0; count < length; count++) {
		if (chance.percent(5)) asleep.add(`P${chance.below(scenario.processes.length)}`);
		if (chance.percent(5)) asleep.clear();
		const choices = simulation
			.choices()
			.filter(({ process }) => process === undefined || !asleep.has(process));
		const choice = choices[chance.below(choices.length)];
		if (choice === undefined) continue;
		path.push(choice.name);
		await step(simulation, choice, path);
	}
	// Whose clock stands still for ever cannot tell that an owner is dead.
	const survivor = simulation
		.all('competing')
		.find((name) => scenario.processes[Number(name.slice(1))]?.clockStands !== true);
	const { now } = simulation;
	while (survivor !== undefined && simulation.all('competing').includes(survivor)) {
		if (simulation.now - now > 10 * scenario.timing.deadMs)
			throw new Violation(`${survivor} waits for ever, after: ${path.join(', ')}`);
		const choices = simulation.choices();
		// Of the ways in which a listing can end, the first is the oldest.
		const choice = choices.find(({ process }) => process === survivor) ?? choices.at(-1);
		if (choice === undefined) throw new Error('Time always goes on');
		path.push(choice.name);
		await step(simulation, choice, path);
	}
	return { wins: simulation.wins, losses: simulation.losses, waited: simulation.now - now };
}
