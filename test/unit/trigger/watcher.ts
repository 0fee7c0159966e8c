import { advance, type Delivered, type Due } from '../../../nodes/BddFileTrigger/changes';
import { readKept, writeKept } from '../../../nodes/BddFileTrigger/kept';
import { lookAt, type FileList } from '../../../nodes/BddFileTrigger/look';
import { emptyState, SIZES, type Sizes, type State } from '../../../nodes/BddFileTrigger/state';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const SCOPE = 'the list';

/** What a poll does with the files that are due. Default: all of them come out. */
export type Delivery = (due: Due[]) => { out: Due[]; owed?: Due[] };

/** A trigger without n8n: it polls a list, and its state is JSON that can be kept and put back. */
export class Watcher {
	/** As n8n keeps it. */
	kept: string | undefined;
	now = Date.parse('2026-01-01T00:00:00Z');

	constructor(private readonly sizes: Sizes = SIZES) {}

	get state(): State | undefined {
		return this.kept === undefined ? undefined : readKept(this.kept, SCOPE, this.sizes).state;
	}

	/** The first poll: what is there is known, nothing comes out. */
	async activate(list: FileList): Promise<void> {
		await this.poll(list, (due) => ({ out: due }));
	}

	/** Another one that knows the same. */
	copy(): Watcher {
		return Object.assign(new Watcher(this.sizes), { kept: this.kept, now: this.now });
	}

	/** The ids that come out, in their order. */
	async poll(list: FileList, deliver: Delivery = (due) => ({ out: due })): Promise<string[]> {
		const { now, sizes } = this;
		const state = this.state;
		const before = state ?? emptyState(SCOPE, sizes);
		const { look, findings } = await lookAt(list, before, state === undefined, now);
		const { out, owed = [] } = deliver(findings.due);
		const delivered: Delivered = {
			done: new Set(out.map(({ key }) => key)),
			owed: new Map(owed.map(({ key, tries }) => [key, tries + 1])),
		};
		this.kept = writeKept(advance(before, look, findings, delivered, now, sizes));
		return out.map(({ id }) => id);
	}
}
