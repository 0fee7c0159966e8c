import { SharedLanes } from '../../client/transfer/download/shared-lanes';

it('the downloads of a client have eight connections more together', () => {
	const lanes = new SharedLanes();
	const taken = Array.from({ length: 10 }, () => [lanes.areFree, lanes.take()]);
	expect(taken).toEqual(Array.from({ length: 10 }, (_, index) => [index < 8, index < 8]));
	lanes.giveBack();
	expect([lanes.areFree, lanes.take(), lanes.take()]).toEqual([true, true, false]);
});

it('a storage without ranges is asked for them again after five minutes', () => {
	let now = 1000;
	const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
	const lanes = new SharedLanes();
	const before = lanes.areWorthATry();
	lanes.rest();
	const after = [0, 5 * 60_000 - 1, 5 * 60_000].map((passed) => {
		now = 1000 + passed;
		return lanes.areWorthATry();
	});
	clock.mockRestore();
	expect([before, ...after]).toEqual([true, false, false, true]);
});
