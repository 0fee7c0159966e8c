import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startFaultProxy, type FaultProxy } from '../../harness/fault-proxy';
import { N8nRest, startN8n, type RunningN8n, type StartedN8n } from '../../harness/n8n-host';
import { startService, type RunningService } from '../../local-service';
import { activate, executionsOf, until, watching, witness } from './support/watching';
import { CREDENTIAL } from './support/workflow';
import { outputOf, USER_ID, WORLD_MS } from './support/world';

const LIST = 'GET /listChatFiles';

/** The cursor goes into the same transaction as the execution; for that n8n's scheduler makes the polls. */
const DURABLE = {
	N8N_SCHEDULER_ENABLED: 'true',
	N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true',
	N8N_USE_WORKFLOW_PUBLICATION_SERVICE: 'true',
	N8N_SCHEDULER_MATERIALIZATION_INTERVAL: '2',
	N8N_SCHEDULER_EXECUTOR_INTERVAL: '1',
	N8N_SCHEDULER_REAPER_INTERVAL: '2',
	N8N_SCHEDULER_POLL_TIMEOUT: '8',
	N8N_SCHEDULER_LEASE_DURATION: '10',
	N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true',
};

describe.each([
	['off', {}],
	['on', DURABLE],
] as const)('the trigger in n8n, durable cursors %s', (_, extra) => {
	let service: RunningService;
	let proxy: FaultProxy;
	let n8n: RunningN8n;
	let running: StartedN8n & { rest: N8nRest };
	let dataDir = '';
	/** The ids of files that came out, as often as they did. */
	const out: string[] = [];

	beforeAll(async () => {
		dataDir = await mkdtemp(join(tmpdir(), 'e2e-service-'));
		service = await startService({
			dataDir,
			onRequest: ({ path, query }) => {
				if (path === '/getFileDownloadUrl') out.push(query.file_id ?? '');
			},
		});
		proxy = await startFaultProxy({ target: service.url });
		const data = { profile: 'custom', baseUrl: proxy.url, userId: USER_ID };
		n8n = await startN8n({ credentials: [{ ...CREDENTIAL, type: 'bddFileApi', data }], extra });
		running = n8n;
	}, WORLD_MS);

	afterAll(async () => {
		// Each of them may be missing when the start failed.
		await (n8n as RunningN8n | undefined)?.stop();
		await (proxy as FaultProxy | undefined)?.close();
		await (service as RunningService | undefined)?.close();
		await rm(dataDir, { recursive: true, force: true });
	}, 60_000);

	const killAndRestart = async () => {
		await running.process.kill();
		const started = await n8n.home.start();
		running = { ...started, rest: await N8nRest.login(started.url) };
	};
	const polled = async (times = 1) => {
		const before = proxy.matching(LIST).length;
		await until(
			() =>
				proxy
					.matching(LIST)
					.slice(before)
					.filter(({ outcome }) => outcome !== 'open').length >= times,
		);
	};
	const times = (id: string) => out.filter((each) => each === id).length;

	test('starts one execution for each file, whatever happens to n8n', async () => {
		const chatId = 'c-watched';
		const add = (filename: string) => service.addFile({ filename, chatId, content: filename });
		const ids = [await add('before')];
		const workflowId = await activate(running.rest, watching('Watch', { chatId }, [witness()]));
		// n8n makes the first poll after it has answered.
		await polled();
		const addNew = async (filename: string) => {
			const id = await add(filename);
			ids.push(id);
			return id;
		};

		// One execution for a file, with its record.
		const first = await addNew('first');
		await until(() => times(first) > 0);
		const [execution] = await executionsOf(running.rest, workflowId);
		const run = await running.rest.finished(execution?.id ?? '', 60_000);
		expect(outputOf(run, 'New File').map(({ json }) => json.filename)).toEqual(['first']);

		// Killed as soon as an execution has begun.
		const second = await addNew('second');
		await until(() => times(second) > 0);
		await killAndRestart();
		await polled(2);

		// Killed in the middle of a quiet poll, and while it was away there is a new file.
		const before = proxy.matching(LIST).length;
		const release = new Promise((resolve) => void setTimeout(resolve, 20_000).unref());
		proxy.script({ on: LIST, wait: release });
		await until(() => proxy.matching(LIST).length > before);
		await running.process.kill();
		proxy.clearScript();
		const third = await addNew('third');
		await killAndRestart();
		await until(() => times(third) > 0);

		// Killed between polls, with a file that is on its way.
		const late = await service.addFile({ filename: 'late', chatId, status: 'uploading' });
		ids.push(late);
		await polled(2);
		await killAndRestart();
		await polled(2);
		service.setStatus(late, 'ok');
		await until(() => times(late) > 0);
		await polled(2);

		expect(ids.map((id) => [id, times(id)])).toEqual([[ids[0], 0], ...ids.slice(1).map((id) => [id, 1])]);
		await running.rest.request('POST', `/rest/workflows/${workflowId}/deactivate`);
	}, 300_000);
});
