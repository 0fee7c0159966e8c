import { startFaultProxy, type FaultProxy } from '../../harness/fault-proxy';
import { CASES } from './support/cases';
import { INSTALL_TIMEOUT_MS } from './support/environment';
import { usePublished, USER_ID } from './support/fixtures';
import { ours, theirs } from './support/peers';
import { openPlace } from './support/place';
import { PublishedClient } from './support/published-client';

/** What the published client promises, done by it and by ours. */
describe('what bdd-file-client 0.7.5 promises', () => {
	const bench = usePublished('0.7.5');
	let proxy: FaultProxy;
	let published: PublishedClient;

	beforeAll(async () => {
		proxy = await startFaultProxy({ target: bench().service.url });
		published = await PublishedClient.start('0.7.5', proxy.url, USER_ID);
	}, INSTALL_TIMEOUT_MS);
	afterEach(() => proxy.clearScript());
	// Each in a hook of its own: when the one was never started, the other still ends.
	afterAll(() => published.stop());
	afterAll(() => proxy.close());

	test.each(CASES)('$from: $says', async (row) => {
		const theirsDid = await row.run(theirs(published), openPlace(bench(), proxy));
		proxy.clearScript();
		const oursDid = await row.run(ours(proxy.url), openPlace(bench(), proxy));
		const expected = 'both' in row ? { theirs: row.both, ours: row.both } : row;
		expect({ theirs: theirsDid, ours: oursDid }).toEqual({ theirs: expected.theirs, ours: expected.ours });
		if ('because' in row) expect(oursDid).not.toEqual(theirsDid);
	});
});
