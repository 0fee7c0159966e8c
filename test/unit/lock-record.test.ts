import {
	describeOwner,
	parseRecord,
	recordText,
	thisProcess,
	UNKNOWN_OWNER,
} from '../../client/sync/lock-record';

const OWNER = {
	host: 'worker-1',
	process: 17,
	since: '2025-01-02T03:04:05.678Z',
	what: 'Sync Both Ways of chat 42',
};

describe('the record of a lock', () => {
	it.each([
		[false, undefined],
		[true, { ids: [1] }],
	])('is read as it was written (released: %p)', (released, left) =>
		expect(parseRecord(recordText(OWNER, released, left))).toEqual({ owner: OWNER, released, left }),
	);

	it.each<[is: string, record: unknown]>([
		['a host that is none', { owner: { ...OWNER, host: 1 }, released: true }],
		['a process that is none', { owner: { ...OWNER, process: '17' }, released: true }],
		['a time that is none', { owner: { ...OWNER, since: 1 }, released: true }],
		['nothing that is done', { owner: { ...OWNER, what: undefined }, released: true }],
		['no owner', { released: true }],
		['nobody as owner', { owner: null, released: true }],
		['neither yes nor no', { owner: OWNER, released: 'yes' }],
		['a list', []],
		['null', null],
	])('is none of ours with %s', (_is, record) => expect(parseRecord(JSON.stringify(record))).toBeUndefined());

	it.each(['', recordText(OWNER, true).slice(0, -1), '\0\0\0'])('is none when it holds %j', (text) =>
		expect(parseRecord(text)).toBeUndefined(),
	);

	it('is short, whatever is done', () => {
		const { what, host, process: id } = thisProcess('x'.repeat(1000));
		expect([what, id]).toEqual(['x'.repeat(300), process.pid]);
		expect(host).not.toBe('');
	});
});

it('an owner in words, an unknown one too', () => {
	expect(describeOwner(OWNER)).toBe(
		'Sync Both Ways of chat 42, since 2025-01-02T03:04:05.678Z, in process 17 on "worker-1"',
	);
	expect(describeOwner(UNKNOWN_OWNER)).toBe('A sync, since unknown, in process 0 on "unknown"');
});
