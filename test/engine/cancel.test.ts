import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';

import { faults } from '../../harness/fault-proxy';
import { CHAT, download, namesIn, PROXIED, startWorld, step, sync, upload, type World } from './world';

const CONTENT = randomBytes(300_000);

describe('row "execution cancelled in a transfer": sockets closed, no further requests, no temporary file', () => {
	let world: World;
	beforeAll(async () => {
		world = await startWorld();
		await world.service.addFile({ filename: 'a.bin', content: CONTENT, chatId: CHAT });
	});
	beforeEach(() => world.proxy.clearScript());
	afterAll(() => world.close());

	it.each([
		['a download', '/downloadFile', faults.stallResponse(1000), download({ fileId: 1 })],
		['an upload', '/uploadSimpleFile', faults.stallRequest(1000), upload()],
	])('in %s', async (_, on, fault, parameters) => {
		world.proxy.script({ on, times: Infinity, fault });
		const stop = new AbortController();
		const already = world.proxy.matching(on).length;
		const running = world.run(
			[step('BDD File', parameters, { ...PROXIED, onError: 'continueRegularOutput' })],
			{
				input: [{ files: { data: { fileName: 'up.bin', content: CONTENT } } }],
				signal: stop.signal,
			},
		);
		await world.proxy.waitFor(on, already + 1, (request) => request.fault === fault.kind);
		const sent = world.proxy.requests.length;
		stop.abort();

		const run = await running;
		expect(run.status).toBe('canceled');
		// "Continue" is for files that fail, not for an execution that is stopped.
		expect(run.items('BDD File').map(({ json }) => json.status)).not.toContain('failed');
		await world.proxy.waitForNoSockets();
		expect(world.proxy.requests).toHaveLength(sent);
	});

	it('in a sync', async () => {
		const folder = world.folder('cancelled');
		await mkdir(folder);
		world.proxy.script({ on: '/downloadFile', times: Infinity, fault: faults.stallResponse(1000) });
		const stop = new AbortController();
		const already = world.proxy.matching('/downloadFile').length;
		const running = world.run([step('Sync', sync('syncToLocal', folder), PROXIED)], { signal: stop.signal });
		await world.proxy.waitFor('/downloadFile', already + 1, (request) => request.fault === 'stallResponse');
		const sent = world.proxy.requests.length;
		stop.abort();

		expect((await running).status).toBe('canceled');
		await world.proxy.waitForNoSockets();
		expect(world.proxy.requests).toHaveLength(sent);
		expect(await namesIn(folder)).toEqual([]);
	});
});
