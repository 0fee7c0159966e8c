import { pathFilter, type FileInfo } from '../../../client';
import type { Due } from '../../../nodes/BddFileTrigger/changes';
import { BATCH, deliver, MOST_TRIES, type Contents } from '../../../nodes/BddFileTrigger/deliver';

const EVERYTHING = pathFilter();

const due = (id: number, tries = 0): Due => {
	const file = { id, filename: `f${id}`, size: 1, hashcode: '', status: 'ok' } as FileInfo;
	return { id: String(id), key: id, file, tries };
};

/** Contents that fail for some, and of which `fitting` can be had before the time is up. */
class ScriptedContents implements Contents {
	readonly asked: number[] = [];

	constructor(
		private readonly broken: readonly number[] = [],
		private readonly fitting = Infinity,
	) {}

	isLate(): boolean {
		return this.asked.length >= this.fitting;
	}

	of({ id }: FileInfo) {
		this.asked.push(Number(id));
		if (this.broken.includes(Number(id))) return Promise.reject(new Error(`no ${id}`));
		return Promise.resolve({ data: { data: '', mimeType: 'text/plain', fileName: String(id) } });
	}
}

const idsOf = ({ items }: Awaited<ReturnType<typeof deliver>>) => items.map(({ json }) => json.id);

it('without contents as many come out as fit, the rest is neither done nor owed', async () => {
	const all = Array.from({ length: BATCH + 5 }, (_, index) => due(index + 1));
	const delivery = await deliver(all, EVERYTHING);
	expect(idsOf(delivery)).toEqual(all.slice(0, BATCH).map(({ key }) => key));
	expect([delivery.delivered.done.size, delivery.delivered.owed.size]).toEqual([BATCH, 0]);
});

it('what the filter leaves out is done and does not come out', async () => {
	const { items, delivered } = await deliver([due(1), due(2)], pathFilter(['f2']));
	expect(items.map(({ json }) => json.id)).toEqual([2]);
	expect([...delivered.done]).toEqual([1, 2]);
});

it('what was asked for in vain waits behind what is new, and comes out in the order of the ids', async () => {
	const contents = new ScriptedContents([3]);
	const delivery = await deliver([due(1, 2), due(2, 1), due(3), due(4)], EVERYTHING, contents);
	expect(contents.asked).toEqual([3, 4, 2, 1]);
	expect(idsOf(delivery)).toEqual([1, 2, 4]);
	expect([...delivery.delivered.owed]).toEqual([[3, 1]]);
});

it('after five polls it comes out without content, with the reason', async () => {
	const contents = new ScriptedContents([1]);
	const { items, delivered } = await deliver([due(1, MOST_TRIES - 1)], EVERYTHING, contents);
	expect(items).toEqual([{ json: expect.objectContaining({ id: 1, error: 'no 1' }) as object }]);
	expect([...delivered.done]).toEqual([1]);
});

it('when the time is up no other content is begun, and what is left is due again', async () => {
	const contents = new ScriptedContents([], 2);
	const { items, delivered } = await deliver([due(1), due(2), due(3)], EVERYTHING, contents);
	expect(items).toHaveLength(2);
	expect([...delivered.done, ...delivered.owed.keys()]).toEqual([1, 2]);
});

it('a content that the end of the time has cut off is no failure, unless it had all of the time', async () => {
	const second = await deliver([due(1), due(2)], EVERYTHING, new ScriptedContents([2], 2));
	expect([[...second.delivered.done], [...second.delivered.owed]]).toEqual([[1], []]);
	const first = await deliver([due(1), due(2)], EVERYTHING, new ScriptedContents([1], 1));
	expect([[...first.delivered.done], [...first.delivered.owed]]).toEqual([[], [[1, 1]]]);
});
