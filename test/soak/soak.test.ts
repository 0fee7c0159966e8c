/** Three minutes of what `npm run soak` does for as long as one likes, with a seed that is always the same. */
import { reportToStderr as report } from '../../harness/n8n-host/report';
import { WORLD_MS } from '../e2e/support/world';
import { doublesOf, lossesOf, tableOf, type SoakResult } from './result';
import { soak } from './soak';

const SEED = 7;
const MINUTES = 3;
const KILL_EVERY_S = 30;

describe('three minutes with people, faults and kills', () => {
	let result: SoakResult;

	beforeAll(async () => {
		const stopped = new AbortController().signal;
		result = await soak({
			minutes: MINUTES,
			seed: SEED,
			killEvery: KILL_EVERY_S,
			faulty: true,
			report,
			stopped,
		});
		report(tableOf(result));
	}, WORLD_MS);

	test('were abuse: files, events, messages, faults and kills', () => {
		expect(result.kills.length).toBeGreaterThan(1);
		expect(Object.values(result.faults).reduce((sum, count) => sum + count)).toBeGreaterThan(20);
		expect(result.acts).toBeGreaterThan(50);
		expect(result.events.noted).toBeGreaterThan(20);
		expect(result.messages.answers).toMatchObject({ answered: expect.any(Number) as number });
		for (const { files } of Object.values(result.syncs)) expect(Math.min(...files)).toBeGreaterThan(2);
	});

	test('n8n became quiet after them', () => {
		expect(result.quietAfter).toBeDefined();
	});

	test('doubled nothing', () => {
		expect(doublesOf(result)).toEqual([]);
	});

	test('lost nothing', () => {
		expect(lossesOf(result)).toEqual([]);
	});

	test('left nothing behind', () => {
		expect(result.leftovers.found).toEqual([]);
	});

	test('ended no execution by n8n but those that a kill ended', () => {
		expect(result.errors).toEqual({});
	});
});
