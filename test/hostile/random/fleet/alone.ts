/** Plays one scenario in a process of its own, so that memory, standstills and deaths are its own, too. */
import type { Incident } from '../child/watch';
import type { Scenario, Verdict, Violation } from '../scenario';
import { Company, Died } from './company';

/** For what nobody caught, and comes a moment later. */
const AFTERMATH_MS = 60;

export class Alone {
	private company: Company | undefined;
	private incidents: Incident[] = [];

	constructor(
		private readonly program: string,
		private readonly folder: string,
	) {}

	async play(scenario: Scenario): Promise<Verdict> {
		this.incidents = [];
		this.company ??= new Company(this.program, this.folder, (incident) => this.incidents.push(incident));
		let verdict: Verdict;
		try {
			verdict = await this.company.play('', scenario);
			await new Promise((resolve) => setTimeout(resolve, AFTERMATH_MS));
		} catch (error) {
			if (!(error instanceof Died)) throw error;
			const violations = [{ rule: error.rule, detail: error.message }];
			verdict = { violations, trace: [], ms: 0, requests: 0 };
		}
		const own = this.incidents.map(({ rule, detail }): Violation => ({ rule, detail }));
		// A process that something has happened to is no measure for the next scenario.
		if (own.length > 0 || this.company.dead) await this.stop();
		return { ...verdict, violations: [...verdict.violations, ...own] };
	}

	async stop(): Promise<void> {
		await this.company?.stop();
		this.company = undefined;
	}
}
