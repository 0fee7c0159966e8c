import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startService, type RunningService } from '../../local-service';
import {
	begin,
	call,
	dataOf,
	download,
	onDisk,
	post,
	sendPart,
	start,
	temporaryFolder,
	upload,
} from './helpers';

const restart = async (service: RunningService): Promise<RunningService> => {
	await service.close();
	return start({ dataDir: service.dataDir, minPartSize: 1 });
};
const journalOf = ({ dataDir }: RunningService): string => join(dataDir, 'journal.jsonl');

test('everything that is known survives a restart', async () => {
	const service = await start({ minPartSize: 1 });
	await upload(service, '报告', 'one');
	const unfinished = await begin(service, 10, 5);
	dataOf(await sendPart(service, unfinished, 2, 'fghij'));
	const finished = await begin(service, 3, 2);
	dataOf(await sendPart(service, finished, 1, 'ab'));
	dataOf(await sendPart(service, finished, 2, 'c'));
	dataOf(await post(service, '/completeMultipartUpload', finished));
	const aborted = await begin(service, 3, 2);
	dataOf(await post(service, '/abortMultipartUpload', aborted));
	const deleted = await upload(service, 'gone', 'x');
	dataOf(await call(service, 'DELETE /deleteFile', { query: { file_id: deleted } }));
	service.addDirectory('mine');
	const files = service.files();
	const directories = await call(service, 'GET /listDirectories');

	let again = await restart(service);
	again = await restart(again);
	expect(again.files()).toEqual(files);
	expect((await call(again, 'GET /listDirectories')).text).toBe(directories.text);
	expect((await download(again, '1')).toString()).toBe('one');
	expect((await download(again, finished)).toString()).toBe('abc');
	dataOf(await sendPart(again, unfinished, 1, 'abcde'));
	dataOf(await post(again, '/completeMultipartUpload', unfinished));
	expect((await download(again, unfinished)).toString()).toBe('abcdefghij');
	expect(await upload(again, 'next', 'x')).toBe(String(Number(deleted) + 1));
});

test('the first id only raises the count', async () => {
	const service = await start({ firstId: '100' });
	expect(await upload(service, 'f', 'x')).toBe('100');
	await service.close();
	const lower = await start({ dataDir: service.dataDir });
	expect(await upload(lower, 'f', 'x')).toBe('101');
	await lower.close();
	const higher = await start({ dataDir: service.dataDir, firstId: '9007199254740993' });
	expect(await upload(higher, 'f', 'x')).toBe('9007199254740993');
	expect(higher.files().map((file) => file.id)).toEqual(['100', '101', '9007199254740993']);
});

test('a journal whose last line was cut short loses only that line', async () => {
	const service = await start();
	await upload(service, 'one', '1');
	await upload(service, 'two', '2');
	await service.close();
	truncateSync(journalOf(service), readFileSync(journalOf(service)).length - 10);
	const again = await restart(service);
	expect(again.files().map((file) => file.filename)).toEqual(['one']);
	expect(onDisk(again.dataDir).files).toEqual(['1']);
	expect(await upload(again, 'three', '3')).toBe('2');
	expect((await restart(again)).files().map((file) => file.filename)).toEqual(['one', 'three']);
});

test('a journal that was damaged otherwise is not silently shortened', async () => {
	const service = await start();
	await upload(service, 'one', '1');
	await service.close();
	appendFileSync(journalOf(service), 'not json\n');
	const before = readFileSync(journalOf(service), 'utf8');
	await expect(startService({ dataDir: service.dataDir })).rejects.toThrow(/damaged in line \d+/);
	expect(readFileSync(journalOf(service), 'utf8')).toBe(before);
});

test('the journal is compacted at start', async () => {
	const service = await start();
	for (let n = 0; n < 20; n++) {
		const id = await service.addFile({ filename: `f${n}`, content: 'x' });
		await call(service, 'DELETE /deleteFile', { query: { file_id: id } });
	}
	const again = await restart(service);
	expect(readFileSync(journalOf(again), 'utf8').trim().split('\n')).toHaveLength(2);
});

test('what a killed process left behind is removed', async () => {
	const service = await start();
	await upload(service, 'one', '1');
	await service.close();
	writeFileSync(join(service.dataDir, 'staged', '5'), 'half an upload');
	writeFileSync(join(service.dataDir, 'files', '77'), 'bytes without a record');
	mkdirSync(join(service.dataDir, 'files', '78'));
	writeFileSync(join(service.dataDir, 'files', '78', '1'), 'a part without a record');
	const again = await restart(service);
	expect(onDisk(again.dataDir)).toEqual({ staged: [], files: ['1'] });
});

test('two services cannot share a folder', async () => {
	const service = await start();
	await expect(startService({ dataDir: service.dataDir })).rejects.toThrow(/is in use by process/);
	await service.close();
	await service.close();
	const again = await start({ dataDir: service.dataDir });
	writeFileSync(join(again.dataDir, 'lock'), '');
	await expect(startService({ dataDir: again.dataDir })).rejects.toThrow(/is in use by process/);
});

test('the lock of another living process counts, that of a dead one does not', async () => {
	const dataDir = temporaryFolder();
	writeFileSync(join(dataDir, 'lock'), `${process.ppid}\n`);
	await expect(startService({ dataDir })).rejects.toThrow(`is in use by process ${process.ppid}`);
	const { pid } = spawnSync(process.execPath, ['--version']);
	writeFileSync(join(dataDir, 'lock'), `${pid}\n`);
	await start({ dataDir });
});

test('a port that is taken gives the folder free again', async () => {
	const service = await start();
	const dataDir = temporaryFolder();
	await expect(startService({ dataDir, port: service.port })).rejects.toThrow(/EADDRINUSE/);
	await start({ dataDir });
});

test('a closed service accepts no connection', async () => {
	const service = await start();
	await upload(service, 'f', 'x');
	await service.close();
	await expect(call(service, 'GET /listDirectories')).rejects.toThrow();
	await expect(service.addFile({ filename: 'f' })).rejects.toThrow('The service is closed');
});
