import Busboy from '@fastify/busboy';
import { createHash, randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import type { FormBody } from '../../client/api/api';
import { CancelledError, IntegrityError, StalledError } from '../../client/api/errors';
import { bufferSource, type UploadSource } from '../../client/transfer/source';
import { partForm, simpleForm } from '../../client/transfer/upload/form';

const KIB = 1024;
const file = {
	fileName: 'Bericht "neu" 报告.pdf',
	biz: 'chat',
	bizParams: { chat_id: '42' },
	size: 0,
} as const;

const WAITING = { action: 'Uploading', signal: undefined, timeoutMs: 10_000 };

/** All bytes of a form, as they go over the line, which are as many as it announces. */
async function bytesOf({ data, buffered }: FormBody): Promise<Buffer> {
	const announced = data.getLengthSync();
	const bytes = buffered ? data.getBuffer() : await buffer(data.pipe(new PassThrough()));
	expect(bytes.length).toBe(announced);
	return bytes;
}

/** What a parser by RFC 7578 finds. */
async function parsed({ data }: FormBody, bytes: Buffer) {
	const fields: Record<string, string> = {};
	const files: Record<string, { name: string; type: string; content: Buffer }> = {};
	const reading: Promise<void>[] = [];
	const parser = new Busboy({ headers: data.getHeaders() as { 'content-type': string } });
	parser.on('field', (name, value) => (fields[name] = value));
	parser.on('file', (field, stream, name, _, type) => {
		reading.push(buffer(stream).then((content) => void (files[field] = { name, type, content })));
	});
	await new Promise((resolve, reject) => {
		parser.once('finish', resolve).once('error', reject);
		parser.end(bytes);
	});
	await Promise.all(reading);
	return { fields, files };
}

/** The lines above the content of the field `params`. */
function paramsHead(bytes: Buffer): string[] {
	const text = bytes.toString('latin1');
	const from = text.lastIndexOf('--------', text.indexOf('name="params"'));
	return text.slice(text.indexOf('\r\n', from) + 2, text.indexOf('\r\n\r\n', from)).split('\r\n');
}
/** A plain field: no file name, and no type that would make it a file. */
const PLAIN = ['Content-Disposition: form-data; name="params"'];

/** The same bytes, from a stream. */
const streamed = (source: UploadSource): UploadSource => ({
	fileName: source.fileName,
	size: source.size,
	open: (start) => source.open(start),
});

describe.each([
	['empty', 0],
	['small', 1000],
	['just still small', 512 * KIB],
	['just no longer small', 512 * KIB + 1],
	['large', 3 * KIB * KIB],
])('a form with %s content', (_, size) => {
	const content = randomBytes(size);
	const md5 = createHash('md5').update(content).digest('hex');
	/** How it goes over the line: what is small is one buffer. */
	const sent = { type: 'form', buffered: size <= 512 * KIB };

	it.each([
		['from memory', bufferSource(file.fileName, content)],
		['from a stream', streamed(bufferSource(file.fileName, content))],
	])('of a simple upload, %s', async (__, source) => {
		let counted = 0;
		const form = await simpleForm(source, { ...file, size }, (count) => (counted += count), WAITING);
		const bytes = await bytesOf(form.body);
		expect([counted, form.md5()]).toEqual([size, md5]);
		expect(paramsHead(bytes)).toEqual(PLAIN);
		const { fields, files } = await parsed(form.body, bytes);
		expect(Object.keys(fields)).toEqual(['params']);
		expect(JSON.parse(fields['params'] ?? '')).toEqual({
			filename: file.fileName,
			biz: 'chat',
			biz_params: { chat_id: '42' },
			size,
			hashcode: md5,
		});
		expect(Object.keys(files)).toEqual(['file']);
		expect(files['file']?.type).toBe('application/octet-stream');
		expect(files['file']?.content.equals(content)).toBe(true);
		expect(form.body).toMatchObject(sent);
		form.close();
	});

	it('of a part', async () => {
		const form = partForm('1955228426376908801', 7, content);
		expect(form).toMatchObject(sent);
		const bytes = await bytesOf(form);
		expect(paramsHead(bytes)).toEqual(PLAIN);
		const { fields, files } = await parsed(form, bytes);
		expect(fields).toEqual({ params: '{"file_id":1955228426376908801,"part_number":7}' });
		expect(Object.keys(files)).toEqual(['part']);
		expect(files['part']).toMatchObject({ name: 'part_7', type: 'application/octet-stream' });
		expect(files['part']?.content.equals(content)).toBe(true);
	});
});

describe.each([
	['small', 1000],
	['large', 3 * KIB * KIB],
])('a %s source', (_, size) => {
	const source = streamed(bufferSource('a.bin', Buffer.alloc(size)));

	/** Fails as the form does, which then has no MD5: without its last byte it is no upload. */
	async function send(given: UploadSource): Promise<void> {
		const form = await simpleForm(given, { ...file, size: given.size }, () => undefined, WAITING);
		const failed = new Promise<never>((__, reject) => form.body.data.once('error', reject));
		try {
			await Promise.race([bytesOf(form.body), failed]);
		} finally {
			expect(form.md5()).toBeUndefined();
			form.close();
		}
	}

	it('that has changed by its last byte leaves its form unfinished', async () => {
		const changed = new IntegrityError('changed', { description: '' });
		await expect(send({ ...source, assertUnchanged: () => Promise.reject(changed) })).rejects.toBe(changed);
	});

	it.each([-1, 1])('with another size than it says (%d) leaves its form unfinished', async (more) => {
		await expect(send({ ...source, size: size + more })).rejects.toBeInstanceOf(IntegrityError);
	});

	it('that its storage never opens is given up, and can be cancelled', async () => {
		const stuck = { ...source, open: () => new Promise<Readable>(() => undefined) };
		const form = (context: object) =>
			simpleForm(stuck, { ...file, size }, () => undefined, { ...WAITING, ...context });
		await expect(form({ timeoutMs: 50 })).rejects.toBeInstanceOf(StalledError);
		const stop = new AbortController();
		const waiting = form({ signal: stop.signal });
		stop.abort();
		await expect(waiting).rejects.toBeInstanceOf(CancelledError);
	});

	it('that is far longer than it says is not read on', async () => {
		let given = 0;
		const longer = new Readable({
			read() {
				this.push((given += 1) < 10_000 ? Buffer.alloc(KIB) : null);
			},
		});
		const open = () => Promise.resolve(longer);
		await expect(send({ fileName: 'a.bin', size, open })).rejects.toBeInstanceOf(IntegrityError);
		expect(given).toBeLessThan(5_000);
	});

	it('that goes on after the bytes that it says is refused, and closed', async () => {
		const longer = Readable.from([Buffer.alloc(size), Buffer.alloc(1)], { objectMode: false });
		const open = () => Promise.resolve(longer);
		await expect(send({ fileName: 'a.bin', size, open })).rejects.toThrow(
			`"a.bin" was changed (it has more than ${size} bytes) while it was read`,
		);
		expect(longer.destroyed).toBe(true);
	});

	it('is closed with its form', async () => {
		const streams: Readable[] = [];
		const open = async () => {
			const stream = await source.open();
			streams.push(stream);
			return stream;
		};
		const form = await simpleForm({ ...source, open }, { ...file, size }, () => undefined, WAITING);
		form.close();
		expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]);
	});
});
