import type { EventsResult, MessagesResult } from './check-events';
import type { Leftovers, SyncResult } from './check-syncs';
import type { Kill } from './kills';
import type { SyncName } from './workflows';

/** Everything that a soak has measured and checked. */
export interface SoakResult {
	seed: number;
	/** Of abuse, without the start and the quiet end. */
	minutes: number;
	/** Seconds until n8n was quiet after the abuse; undefined when it was not in time. */
	quietAfter: number | undefined;
	/** By workflow and status. */
	executions: Record<string, number>;
	/** What executions say that failed without a kill. */
	errors: Record<string, number>;
	acts: number;
	files: number;
	bytes: number;
	faults: Record<string, number>;
	kills: Kill[];
	events: EventsResult;
	messages: MessagesResult;
	syncs: Record<SyncName, SyncResult>;
	leftovers: Leftovers;
	databaseGrowth: number;
	slopes: Record<'main' | 'workers', { mibPerHour: number; samples: number; minutes: number } | undefined>;
	/** Of n8n's processes and of their connections to the service: at the start and at the end. */
	sockets: { n8n: [number, number]; service: [number, number] };
}

export function doublesOf({ events, messages, syncs }: SoakResult): string[] {
	return [events, messages, ...Object.values(syncs)].flatMap(({ doubles }) => doubles);
}

export function lossesOf({ events, messages, syncs }: SoakResult): string[] {
	return [events, messages, ...Object.values(syncs)].flatMap(({ losses }) => losses);
}

/** As a table in Markdown, and below it what it counts, one by one. */
export function tableOf(result: SoakResult): string {
	const { events, messages, syncs, leftovers, kills, sockets } = result;
	const doubles = doublesOf(result);
	const losses = lossesOf(result);
	const kept = Object.values(syncs).flatMap((sync) => sync.kept);
	const killsOf = (main: boolean) => kills.filter(({ victim }) => (victim === 'main') === main).length;
	const rows: Array<[string, string]> = [
		['minutes of abuse, seed', `${result.minutes.toFixed(1)}, ${String(result.seed)}`],
		['quiet after', result.quietAfter === undefined ? 'NOT IN TIME' : `${result.quietAfter.toFixed(0)} s`],
		['executions', counts(result.executions)],
		['acts of people', String(result.acts)],
		['files, bytes that people and messages brought', `${String(result.files)}, ${String(result.bytes)}`],
		['files that the watched chat took', String(events.taken)],
		['events: a file in an execution', String(events.events)],
		['events whose workflow ran to its end', String(events.noted)],
		['events whose execution n8n ended after a kill, not run again', String(events.killed.length)],
		['messages', `${String(messages.sent)}: ${counts(messages.answers)}`],
		['files of messages that arrived', String(messages.arrived)],
		...Object.entries(syncs).map(([name, { files }]): [string, string] => [
			`${name}: files in chat, folder`,
			files.join(', '),
		]),
		['files deleted by somebody before a killed sync had remembered them: kept', String(kept.length)],
		['faults', counts(result.faults)],
		['kills', `${String(killsOf(true))} of the main process, ${String(killsOf(false))} of workers`],
		['errors of executions without a kill', String(sum(result.errors))],
		['leftovers', String(leftovers.found.length)],
		['leftovers of killed downloads and uploads', String(leftovers.ofKilled.length)],
		['growth of the database', `${String(result.databaseGrowth)} bytes`],
		['memory of the main process', slope(result.slopes.main)],
		['memory of the workers', slope(result.slopes.workers)],
		['sockets of n8n, start and end', sockets.n8n.join(', ')],
		['connections to the service, start and end', sockets.service.join(', ')],
		['**doubles**', String(doubles.length)],
		['**losses**', String(losses.length)],
	];
	const lists: Array<[string, string[]]> = [
		['Doubles', doubles],
		['Losses', losses],
		['Leftovers', leftovers.found],
		['Left by killed executions', leftovers.ofKilled],
		['Ended by n8n after a kill', events.killed],
		['Kept', kept],
		['Messages whose sender does not know', messages.unsure],
		[
			'Errors without a kill',
			Object.entries(result.errors).map(([words, count]) => `${String(count)} × ${words}`),
		],
	];
	return [
		'| what | how much |',
		'| --- | --- |',
		...rows.map(([what, much]) => `| ${what} | ${much} |`),
		...lists.flatMap(([title, lines]) =>
			lines.length === 0 ? [] : ['', `${title}:`, '', ...lines.map((line) => `- ${line.trim()}`)],
		),
	].join('\n');
}

const counts = (record: Record<string, number>): string =>
	Object.entries(record)
		.map(([name, count]) => `${name} ${String(count)}`)
		.join(', ');

const sum = (record: Record<string, number>): number =>
	Object.values(record).reduce((total, count) => total + count, 0);

function slope(of: SoakResult['slopes']['main']): string {
	if (of === undefined) return 'no process lived long enough';
	const { mibPerHour, samples, minutes } = of;
	return `${mibPerHour.toFixed(1)} MiB per hour (${String(samples)} samples over ${minutes.toFixed(1)} min of life after the first minute of each)`;
}
