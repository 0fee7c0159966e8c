import { formatBytes, Progress } from '../../client/transfer/progress';

const MIB = 1024 * 1024;

describe('progress', () => {
	const lines: string[] = [];
	const note = (line: string) => void lines.push(line);
	const logger = { debug: note, info: note, warn: note };
	let now = 0;
	const clock = () => now;

	beforeEach(() => {
		lines.length = 0;
		now = 1_000_000;
	});

	it('a transfer of less than five seconds says nothing', () => {
		const progress = new Progress(logger, 'Uploading "a"', { bytes: 10 * MIB }, clock);
		now += 4_999;
		progress.add(10 * MIB);
		expect(lines).toEqual([]);
	});

	it('a long one tells how far, how much and how fast, every five seconds', () => {
		const progress = new Progress(logger, 'Uploading "a"', { bytes: 40 * MIB }, clock);
		for (let second = 1; second <= 12; second += 1) {
			now += 1_000;
			progress.add(2 * MIB);
		}
		expect(lines).toEqual([
			'Uploading "a": 10.0 MiB of 40.0 MiB, 2.0 MiB/s',
			'Uploading "a": 20.0 MiB of 40.0 MiB, 2.0 MiB/s',
		]);
	});

	it('without a log it goes on as well', () => {
		const progress = new Progress(undefined, 'Uploading "a"', {}, clock);
		now += 5_000;
		expect(() => progress.add(MIB)).not.toThrow();
	});

	it('what an earlier run has brought there is far, and no speed', () => {
		const progress = new Progress(logger, 'Uploading "a"', { bytes: 40 * MIB }, clock);
		progress.setTo(30 * MIB);
		now += 5_000;
		progress.add(10 * MIB);
		expect(lines).toEqual(['Uploading "a": 40.0 MiB of 40.0 MiB, 2.0 MiB/s']);
	});

	it('a sync counts its files too; an unknown total is left out', () => {
		const sync = new Progress(logger, 'Syncing to "/data"', { bytes: 3 * MIB, files: 3 }, clock);
		const download = new Progress(logger, 'Downloading file 1', {}, clock);
		now += 6_000;
		sync.add(MIB, 1);
		download.add(1536);
		expect(lines).toEqual([
			'Syncing to "/data": 1 of 3 files, 1.0 MiB of 3.0 MiB, 170.7 KiB/s',
			'Downloading file 1: 1.5 KiB, 256 bytes/s',
		]);
	});

	it.each([
		[0, '0 bytes'],
		[1, '1 byte'],
		[1023, '1023 bytes'],
		[1024, '1.0 KiB'],
		[1024 ** 3 - 1, '1024.0 MiB'],
		[1024 ** 3, '1.0 GiB'],
		[5 * 1024 ** 4, '5.0 TiB'],
		[5000 * 1024 ** 4, '5000.0 TiB'],
	])('%d is %s', (bytes, text) => {
		expect(formatBytes(bytes)).toBe(text);
	});
});
