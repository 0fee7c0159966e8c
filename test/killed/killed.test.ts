/**
 * A sync in a process of its own is killed with SIGKILL at each of its steps, one after the other: at each request
 * before the service sees it, in the middle of it, and when its answer is on the way; and before each change that it
 * makes to the disk. Another process then takes the folder over and syncs twice: the first ends where a run that nobody
 * kills ends, and the second does nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Fault, faults, type ProxiedRequest } from '../../harness/fault-proxy';
import { type RunningService, startService } from '../../local-service';
import { bundleChild, type Report, Syncing, type Task } from './process';
import { type Ending, Scene, SCRIPTS, type Script } from './scene';

/** How many are killed at the same time, each with a folder and a chat of its own. */
const AT_ONCE = 8;

/** Until a test hangs. */
const HANGS_MS = 600_000;

let base: string;
let program: string;
let service: RunningService;
let scenes = 0;

beforeAll(async () => {
	base = await mkdtemp(join(tmpdir(), 'killed-'));
	program = await bundleChild(base);
	service = await startService({ dataDir: join(base, 'service') });
});

afterAll(async () => {
	await service.close();
	await rm(base, { recursive: true });
});

/** Where a run is killed. */
type Point = { what: string } & ({ step: number } | { on: string; nth: number; fault: Fault });

async function withScene<T>(script: Script, work: (scene: Scene) => Promise<T>): Promise<T> {
	const scene = await Scene.open(service, join(base, `scene-${++scenes}`), script);
	try {
		return await work(scene);
	} finally {
		await scene.close();
	}
}

/** Runs to the end, which it must reach. */
async function run(task: Task): Promise<Report> {
	const { report, words } = await new Syncing(program, task).ended;
	if (report === undefined) throw new Error(`The process ended without a report: ${words}`);
	return report;
}

/** What becomes of a run that nobody kills, and how many steps it has. */
async function undisturbed(script: Script): Promise<{ ending: Ending; points: Point[] }> {
	return await withScene(script, async (scene) => {
		const before = scene.proxy.requests.length;
		const { steps } = await run(scene.task);
		const requests = scene.proxy.requests.slice(before);
		const names = requests.map(({ method, path }) => `${method} ${path}`);
		const points: Point[] = requests.flatMap((request, index) => {
			const on = names[index] ?? '';
			const nth = names.slice(0, index + 1).filter((name) => name === on).length;
			const what = `${on} number ${nth}`;
			return waysToBreak(request, requests).map((fault) => ({
				what: `${what}, ${fault.kind}`,
				on,
				nth,
				fault,
			}));
		});
		for (let step = 1; step <= steps; step++) points.push({ what: `step ${step} on the disk`, step });
		return { ending: await scene.ending(), points };
	});
}

/**
 * Before the service sees it, and after it has answered; of content also in the middle. What is under way at the same
 * time comes in any order, so the middle is one that each of its kind has.
 */
function waysToBreak({ path }: ProxiedRequest, all: readonly ProxiedRequest[]): Fault[] {
	const alike = all.filter((request) => request.path === path);
	const half = (what: 'requestBytes' | 'responseBytes') =>
		Math.floor(Math.min(...alike.map((request) => request[what])) / 2);
	return [
		faults.silence(),
		...(/upload(SimpleFile|FilePart)$/.test(path) ? [faults.stallRequest(half('requestBytes'))] : []),
		faults.stallAnswer(),
		...(path.endsWith('downloadFile') ? [faults.stallResponse(half('responseBytes'))] : []),
	];
}

/** @throws when the run ends before it is killed, but for one that has no such step or request */
async function killAt(point: Point, { task, proxy }: Scene): Promise<void> {
	if ('step' in point) {
		const { signal, report, words } = await new Syncing(program, { ...task, diesAt: point.step }).ended;
		// On a busy machine the lock shows life more often in one run than in another, and each time is a few steps.
		const hasFewerSteps = report !== undefined && report.steps < point.step;
		if (signal !== 'SIGKILL' && !hasFewerSteps) throw new Error(`It was not killed. ${words}`);
		return;
	}
	const { on, nth, fault } = point;
	proxy.script({ on, nth, fault });
	const syncing = new Syncing(program, task);
	try {
		const isReached = proxy.waitUntil(
			() => proxy.requests.some((request) => request.fault === fault.kind),
			point.what,
			HANGS_MS,
		);
		const hasEnded = syncing.ended.then(({ report, words }) => {
			// A service that is slow on a busy machine is asked for a link in one run and not in another.
			const hasFewer = report !== undefined && proxy.unusedRules().length > 0;
			if (!hasFewer) throw new Error(`It ended too early. ${words}`);
		});
		await Promise.race([isReached, hasEnded]);
	} finally {
		await syncing.kill();
	}
	await proxy.waitForNoSockets();
	proxy.clearScript();
}

async function killAndGoOn(point: Point, script: Script, expected: Ending, isHurried = true): Promise<void> {
	await withScene(script, async (scene) => {
		await killAt(point, scene);
		await run({ ...scene.task, isHurried });
		expect(await scene.ending()).toEqual(expected);

		const requests = scene.proxy.requests.length;
		const actions = new Set((await scene.sync()).map(({ action }) => action));
		expect([...actions].filter((action) => action !== 'unchanged' && action !== 'none')).toEqual([]);
		expect(scene.proxy.requests.slice(requests).map(({ path }) => path)).toEqual(['/listChatFiles']);
		expect(await scene.ending()).toEqual(expected);
	});
}

/** Several at a time; all are tried, and what went wrong at which point is the result. */
async function each(points: readonly Point[], work: (point: Point) => Promise<void>): Promise<string[]> {
	const wrong: string[] = [];
	const left = [...points].reverse();
	const worker = async () => {
		for (let point = left.pop(); point !== undefined; point = left.pop()) {
			const { what } = point;
			await work(point).catch((error: unknown) => wrong.push(`${what}: ${String(error)}`));
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
	return wrong;
}

it.each(Object.entries(SCRIPTS))(
	'%s: killed at every step and run again, it ends as if nobody had killed it, and a third run does nothing',
	async (_, script) => {
		const { ending, points } = await undisturbed(script);
		expect(points.length).toBeGreaterThan(30);
		expect(await each(points, (point) => killAndGoOn(point, script, ending))).toEqual([]);
	},
	HANGS_MS,
);

it(
	'in everyday use the next sync takes the folder of the killed one over by itself, within 30 s',
	async () => {
		const script = SCRIPTS['both ways'];
		const { ending, points } = await undisturbed(script);
		const steps = points.filter((point) => 'step' in point);
		const inTheMiddle = steps.slice(steps.length / 2, steps.length / 2 + 1);
		expect(await each(inTheMiddle, (point) => killAndGoOn(point, script, ending, false))).toEqual([]);
	},
	HANGS_MS,
);
