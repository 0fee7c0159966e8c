import fc from 'fast-check';

import { Chat, type ListOptions, type Order } from './chat';
import { DAY, HOUR, MINUTE, Watcher, type Delivery } from './watcher';

/**
 * So small that most files are known by their fingerprint only, and most looks are short ones. It tells some 140
 * differences, so that the crowds of the histories are to it what thousands of files are to the trigger.
 */
const SIZES = { near: 9, edge: 7, missing: 40, cells: 60 };
const PAGE_SIZE = 3;

/** Ids in the order of their appearance would be boring: these come in any order, and go beyond 2^53. */
const id = fc.oneof(
	fc.integer({ min: 1, max: 60 }).map(String),
	fc.bigInt({ min: 9007199254740990n, max: 9007199254741010n }).map(String),
	fc.bigInt({ min: 10n ** 25n, max: 10n ** 25n + 9n }).map(String),
);

type Step =
	| { do: 'appear'; id: string; status: 'ok' | 'uploading' | 'merging' }
	| { do: 'change'; which: number; status: 'ok' | 'merging' | 'error' }
	| { do: 'vanish'; which: number }
	| {
			do: 'poll';
			service: 'fine' | 'broken' | 'old' | 'lies' | 'down';
			which: number;
			most: number;
			owed: boolean;
			minutes: number;
			times: number;
	  }
	| { do: 'crowd'; count: number; from: number; stride: number; status: 'ok' | 'uploading' }
	| { do: 'changeMany'; of: number; which: number; status: 'ok' | 'merging' | 'error' | 'back' }
	| { do: 'vanishMany'; of: number; which: number }
	| { do: 'restart' }
	| { do: 'rollBack'; which: number };

const which = fc.nat(1000);
const poll = fc.record({
	do: fc.constant('poll' as const),
	service: fc.oneof(
		{ weight: 5, arbitrary: fc.constant('fine' as const) },
		{ weight: 4, arbitrary: fc.constantFrom('broken', 'old', 'lies', 'down' as const) },
	),
	which,
	most: fc.oneof(fc.constant(1000), fc.nat(3)),
	owed: fc.boolean(),
	minutes: fc.constantFrom(1, 1, 61),
	times: fc.constantFrom(1, 1, 2, 3),
});
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			do: fc.constant('appear' as const),
			id,
			status: fc.constantFrom('ok', 'ok', 'uploading', 'merging'),
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('change' as const),
			which,
			status: fc.constantFrom('ok', 'ok', 'merging', 'error'),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('vanish' as const), which }) },
	{ weight: 6, arbitrary: poll },
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant('crowd' as const),
			count: fc.integer({ min: 100, max: 400 }),
			from: fc.constantFrom(70, 300, 600, 5000, 20_000),
			stride: fc.constantFrom(1, 7),
			status: fc.constantFrom('ok', 'uploading', 'uploading'),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant('changeMany' as const),
			of: fc.constantFrom(1, 2),
			which,
			status: fc.constantFrom('ok', 'ok', 'merging', 'error', 'back'),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({ do: fc.constant('vanishMany' as const), of: fc.constantFrom(1, 2, 3), which }),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('rollBack' as const), which }) },
);

const history = fc.record({
	order: fc.constantFrom<Order>('ascending', 'descending', 'arrival'),
	before: fc.uniqueArray(id, { maxLength: 30 }),
	steps: fc.array(step, { minLength: 5, maxLength: 60 }),
});

/** What happened so far, told from outside: it knows what the trigger must do, and nothing of how. */
class World {
	readonly chat: Chat;
	readonly watcher = new Watcher(SIZES);
	private readonly begun = this.watcher.now;
	/** How often each id came out. */
	readonly times = new Map<string, number>();
	/** How often each may have come out: once, and once more for each time that a state came back that is older. */
	readonly allowed = new Map<string, number>();
	/** There and `ok` when the trigger began. */
	private known = new Set<string>();
	/** What n8n has in its database, with what had come out until then. */
	private saved: Array<{ state: string | undefined; times: Map<string, number> }> = [];
	private readonly used = new Set<string>();
	private old: Chat;

	constructor(order: Order) {
		this.chat = new Chat(order);
		this.old = new Chat(order);
	}

	async begin(ids: readonly string[]): Promise<void> {
		for (const each of ids) this.appear(each, 'ok');
		await this.watcher.activate(this.list());
		this.known = new Set(ids);
		this.watcher.now += MINUTE;
		this.save();
	}

	async run(step: Step): Promise<void> {
		const pick = (number: number) => this.chat.all[number % Math.max(1, this.chat.all.length)];
		if (step.do === 'appear') this.appear(step.id, step.status);
		if (step.do === 'change') {
			const file = pick(step.which);
			// A file that is complete stays so.
			if (file && file.status !== 'ok') this.chat.change(String(file.id), step.status);
		}
		if (step.do === 'crowd') {
			for (let index = 0; index < step.count; index++)
				this.appear(String(step.from + index * step.stride), step.status);
		}
		if (step.do === 'changeMany') this.changeMany(this.some(step), step.status);
		if (step.do === 'vanishMany') this.chat.remove(...this.some(step).map(({ id }) => String(id)));
		if (step.do === 'vanish') this.chat.remove(String(pick(step.which)?.id));
		if (step.do === 'restart') this.rollBack(this.saved.length - 1);
		if (step.do === 'rollBack') this.rollBack(step.which % this.saved.length);
		for (let left = step.do === 'poll' ? step.times : 0; step.do === 'poll' && left > 0; left--) {
			// An old list is not to be believed, which it would be after three days.
			this.watcher.now += (this.watcher.now < this.begun + 2.5 * DAY ? step.minutes : 1) * MINUTE;
			const owed = (index: number) => step.owed && (index + step.which) % 3 === 0;
			const deliver: Delivery = (due) => {
				const some = due.slice(0, step.most);
				return { out: some.filter((_, index) => !owed(index)), owed: some.filter((_, index) => owed(index)) };
			};
			if (step.service === 'down') continue;
			const broken = [String(pick(step.which)?.id)];
			const options = { broken: { broken }, lies: { extra: 1 + (step.which % 5) }, fine: {}, old: {} }[
				step.service
			];
			await this.poll(options, deliver, step.service === 'old');
			if (step.which % 4 === 0) this.remember();
		}
	}

	/** When everything works again and some days have gone by, whatever is `ok` has come out. */
	async end(): Promise<void> {
		for (const pause of [HOUR, HOUR, HOUR, 3 * DAY, MINUTE, HOUR]) {
			this.watcher.now += pause + MINUTE;
			await this.poll();
		}
	}

	get missing(): string[] {
		return this.chat.all
			.filter((file) => file.status === 'ok')
			.map((file) => String(file.id))
			.filter((each) => !this.known.has(each) && !this.times.has(each));
	}

	get doubled(): string[] {
		return [...this.times]
			.filter(([each, times]) => times > (this.allowed.get(each) ?? 1))
			.map(([each]) => each);
	}

	get unexpected(): string[] {
		return [...this.times.keys()].filter((each) => this.known.has(each));
	}

	/** Every so manieth file of the chat. */
	private some({ of, which }: { of: number; which: number }) {
		return this.chat.all.filter((_, index) => (index + which) % of === 0);
	}

	/** Files that are complete go `back`, and come again; others become what is said. */
	private changeMany(files: World['chat']['all'], status: 'ok' | 'merging' | 'error' | 'back'): void {
		const changed = files.filter((file) => (file.status === 'ok') === (status === 'back'));
		this.chat.changeAll(
			changed.map(({ id: each }) => String(each)),
			status === 'back' ? 'merging' : status,
		);
	}

	private appear(each: string, status: 'ok' | 'uploading' | 'merging'): void {
		// The service gives no id twice.
		if (this.used.has(each)) return;
		this.used.add(each);
		const now = new Date(this.watcher.now + 1000).toISOString();
		this.chat.add(each, status, now.replace('.000', ''));
	}

	private async poll(options: ListOptions = {}, deliver?: Delivery, isOld = false): Promise<void> {
		const before = this.watcher.kept;
		try {
			const out = await this.watcher.poll(
				isOld ? this.old.list({ pageSize: PAGE_SIZE }) : this.list(options),
				deliver,
			);
			for (const each of out) this.times.set(each, (this.times.get(each) ?? 0) + 1);
			// n8n saves the state only when something comes out.
			if (out.length > 0) this.save();
		} catch {
			// A poll that fails moves nothing.
			expect(this.watcher.kept).toBe(before);
		}
	}

	private list(options: ListOptions = {}) {
		return this.chat.list({ pageSize: PAGE_SIZE, ...options });
	}

	/** What a service may show that lags. */
	private remember(): void {
		this.old = this.chat.copy();
	}

	private save(): void {
		this.saved.push({ state: this.watcher.kept, times: new Map(this.times) });
	}

	private rollBack(index: number): void {
		const back = this.saved[index];
		if (!back) return;
		this.watcher.kept = back.state;
		// What came out since then cannot be known to have: this is the case that the documents name.
		for (const [each, times] of this.times) {
			if (times > (back.times.get(each) ?? 0)) this.allowed.set(each, (this.allowed.get(each) ?? 1) + 1);
		}
		this.saved = this.saved.slice(0, index + 1);
	}
}

describe('any history of a chat', () => {
	it('gives out every file that becomes ok, and none twice', async () => {
		await fc.assert(
			fc.asyncProperty(history, async ({ order, before, steps }) => {
				const world = new World(order);
				await world.begin(before);
				for (const each of steps) await world.run(each);
				await world.end();
				expect({ missing: world.missing, doubled: world.doubled, unexpected: world.unexpected }).toEqual({
					missing: [],
					doubled: [],
					unexpected: [],
				});
			}),
			{
				endOnFailure: true,
				numRuns: Number(process.env.TRIGGER_SEEDS ?? 1000),
				seed: Number(process.env.TRIGGER_SEED ?? 1),
			},
		);
	});
});
