import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { CancelledError, Siblings } from '../../client';
import { ServiceError, UnknownOutcomeError } from '../../client/api/errors';
import { toWireId } from '../../client/api/ids';

const HERE = 'http://127.0.0.1/here';
const THERE = 'http://127.0.0.1/there';

/** Runs both at once, and tells which of them had begun before the first one ended. */
async function begunTogether(
	run: (name: string, work: () => Promise<void>) => Promise<void>,
	names: string[],
) {
	const begun: string[] = [];
	let end: () => void = () => undefined;
	const ended = new Promise<void>((resolve) => (end = resolve));
	const all = names.map((name) =>
		run(name, () => {
			begun.push(name);
			return ended;
		}),
	);
	await turn();
	const together = [...begun];
	end();
	await Promise.all(all);
	expect(begun).toEqual(names);
	return together.length === names.length;
}

describe('transfers that belong together', () => {
	let siblings: Siblings;
	beforeEach(() => {
		siblings = new Siblings();
	});

	it.each([
		['uploads of one name', 'up', ['a.txt', 'a.txt'], false],
		['uploads of two names', 'up', ['a.txt', 'A.txt'], true],
		['downloads to one path', 'down', ['/x/a.txt', '/x/a.txt'], false],
		['downloads to two paths', 'down', ['/x/a.txt', '/x/b.txt'], true],
		['downloads to what may be one path', 'down', ['/x/\u00c4.txt', '/x/a\u0308.TXT'], false],
	])('%s run at once or take turns', async (_, way, names, areTogether) => {
		const run = (name: string, work: () => Promise<void>) =>
			way === 'up' ? siblings.uploading(name, work) : siblings.downloading(name, work);
		expect(await begunTogether(run, names)).toBe(areTogether);
	});

	it('an upload and a download of one name run at once', async () => {
		const work = () => siblings.downloading('a.txt', () => Promise.resolve('down'));
		expect(await siblings.uploading('a.txt', work)).toBe('down');
	});

	it.each(['uploading', 'downloading'] as const)('%s can be cancelled while it waits', async (way) => {
		const caller = { action: 'Working', signal: AbortSignal.abort() };
		let end: () => void = () => undefined;
		const first = siblings[way]('a.txt', () => new Promise<void>((resolve) => (end = resolve)));
		const waiting = siblings[way]('a.txt', () => Promise.resolve(), caller);
		await expect(waiting).rejects.toBeInstanceOf(CancelledError);
		end();
		await first;
	});

	it('know the files that one of them has uploaded, of each service', () => {
		siblings.keepFile(HERE, toWireId('7'));
		const keeps = [HERE, THERE].map((service) =>
			['7', '8'].map((id) => siblings.keepsFile(service, toWireId(id))),
		);
		expect(keeps).toEqual([
			[true, false],
			[false, false],
		]);
	});

	it.each([
		['may have arrived', new UnknownOutcomeError('It is not known', { description: 'Look.' }), true],
		['has not arrived', new ServiceError('No', { status: 400, serviceMessage: '', description: '' }), false],
	])('know the name of an upload that %s', async (_, error, isDoubtful) => {
		await expect(siblings.uploading('a.txt', () => Promise.reject(error))).rejects.toBe(error);
		expect([siblings.isDoubtful('a.txt'), siblings.isDoubtful('b.txt')]).toEqual([isDoubtful, false]);
	});

	it('know what a path has got, of each service, and forget what was replaced', async () => {
		expect(await siblings.otherAt('/x/a.txt', { service: HERE, id: '1' })).toBeUndefined();
		siblings.keepPath('/x/a.txt', { service: HERE, id: '1' });
		const others = () =>
			Promise.all(
				[HERE, THERE].flatMap((service) =>
					['1', '2'].map((id) => siblings.otherAt('/x/a.txt', { service, id })),
				),
			);
		expect(await others()).toEqual([undefined, '1', '1', '1']);
		siblings.keepPath('/x/a.txt', { service: THERE, id: '2' });
		expect(await others()).toEqual(['2', '2', '2', undefined]);
		expect(await siblings.otherAt('/x/b.txt', { service: HERE, id: '3' })).toBeUndefined();
	});

	it.each([
		['a.txt', 'A.txt'],
		['x/a.txt', 'X/a.txt'],
		['x/A.txt', 'X/a.txt'],
	])('tell %s from %s where the disk does, and where one is not there', async (first, second) => {
		const folder = await mkdtemp(path.join(tmpdir(), 'bdd-siblings-'));
		try {
			const [one, other] = [path.join(folder, first), path.join(folder, second)];
			for (const file of [one, other]) await mkdir(path.dirname(file), { recursive: true });
			siblings.keepPath(one, { service: HERE, id: '1' });
			const atOther = () => siblings.otherAt(other, { service: HERE, id: '2' });
			expect(await atOther()).toBeUndefined();
			await writeFile(one, '');
			expect(await atOther()).toBeUndefined();
			await writeFile(other, '');
			expect(await atOther()).toBeUndefined();
			siblings.keepPath(other, { service: HERE, id: '2' });
			expect(await siblings.otherAt(one, { service: HERE, id: '2' })).toBe('1');
			expect(await siblings.otherAt(other, { service: HERE, id: '1' })).toBe('2');
		} finally {
			await rm(folder, { recursive: true });
		}
	});
});
