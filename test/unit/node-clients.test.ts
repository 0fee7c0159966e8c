import { ClientPool, type Host } from '../../nodes/shared/clients';
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
