import { ClientPool, clientOptions, type Host } from '../../nodes/shared/clients';
import { readCredential } from '../../nodes/shared/credential';

const silent = () => undefined;
const HOST: Host = {
	helpers: {},
	logger: { debug: silent, info: silent, warn: silent },
};
const CUSTOM = { profile: 'custom', baseUrl: 'http://127.0.0.1:9', userId: '7' };

describe('one client per credential', () => {
	const pool = new ClientPool(HOST);
	const clientOf = (change: object = {}) => pool.get(readCredential({ ...CUSTOM, ...change }));
	afterAll(() => pool.close());

	it('is the same for the same credential, however often it is read', () => {
		expect(clientOf()).toBe(clientOf());
		expect(clientOf({ userId: ' 7 ' })).toBe(clientOf());
	});

	it.each([
		['user', { userId: '8' }],
		['address', { baseUrl: 'http://127.0.0.1:10' }],
		['business', { biz: 'zero2x' }],
		['mode', { mode: 'simple' }],
		['trust in certificates', { allowUnauthorizedCerts: true }],
	])('is another one for another %s', (_, change) => {
		expect(clientOf(change)).not.toBe(clientOf());
		expect(clientOf(change)).toBe(clientOf(change));
	});
});

it("a client asks n8n's egress filter, and logs into n8n's log", async () => {
	const lines: string[] = [];
	const note = (level: string) => (line: string) => void lines.push(`${level} ${line}`);
	const host = {
		helpers: {
			getSecureEgressFilter: () => ({
				validateUrl: () => Promise.resolve({ ok: false, error: new Error('blocked') }),
				createSecureLookup: silent,
			}),
		},
		logger: { debug: note('debug'), info: note('info'), warn: note('warn') },
	};
	const pool = new ClientPool(host);
	const listing = pool.get(readCredential(CUSTOM)).listChatFiles('1', { maxTries: 1 });
	await expect(listing).rejects.toThrow('This n8n does not let workflows reach 127.0.0.1:9: blocked');
	pool.close();

	const { logger } = clientOptions(readCredential(CUSTOM), host);
	logger?.debug('a');
	logger?.info('b');
	logger?.warn('c');
	expect(lines).toEqual(['debug a', 'info b', 'warn c']);
});
