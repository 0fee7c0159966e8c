import { request as httpRequest } from 'node:http';
import { call, dataOf, noise, refusal, start, upload, USER, type Target } from './helpers';

const linkTo = async (service: Target, id: string, expiresIn = 60): Promise<string> => {
	const query = { file_id: id, expires_in: expiresIn };
	return JSON.parse(dataOf(await call(service, 'GET /getFileDownloadUrl', { query }))) as string;
};

test('a link serves the file with no header', async () => {
	const service = await start({ basePath: '/api/file' });
	const id = await upload(service, '报告.pdf', 'hello');
	const link = await linkTo(service, id);
	expect(link.startsWith(`${service.url}/`)).toBe(true);
	const response = await fetch(link);
	expect(response.status).toBe(200);
	expect(await response.text()).toBe('hello');
	expect(response.headers.get('accept-ranges')).toBe('bytes');
	expect(response.headers.get('etag')).toMatch(/^"[^"]+"$/);
	expect(Date.parse(response.headers.get('last-modified') ?? '')).not.toBeNaN();
	expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf");

	const head = await fetch(link, { method: 'HEAD' });
	expect(head.status).toBe(200);
	expect(head.headers.get('content-length')).toBe('5');
	expect(head.headers.get('etag')).toBe(response.headers.get('etag'));
	expect(await head.text()).toBe('');
});

test('a link takes the way the request took: the Host header', async () => {
	const service = await start();
	const id = await upload(service, 'f', 'x');
	const answer = await new Promise<string>((resolve, reject) => {
		const headers = { 'x-user-id': USER, host: 'proxy.example:8080' };
		httpRequest(`${service.url}/getFileDownloadUrl?file_id=${id}&expires_in=5`, { headers }, (response) => {
			let text = '';
			response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
			response.on('end', () => resolve(text));
		})
			.on('error', reject)
			.end();
	});
	expect(answer).toContain('"data":"http://proxy.example:8080/signedFile/1?');
});

test('a link expires', async () => {
	const service = await start();
	const link = await linkTo(service, await upload(service, 'f', 'x'), 1);
	expect((await fetch(link)).status).toBe(200);
	const expires = Number(new URL(link).searchParams.get('expires'));
	await new Promise((resolve) => setTimeout(resolve, expires - Date.now() + 5));
	expect((await fetch(link)).status).toBe(403);
});

test('a link may be asked for any time', async () => {
	const service = await start();
	const link = await linkTo(service, await upload(service, 'f', 'x'), Number.MAX_SAFE_INTEGER);
	expect((await fetch(link)).status).toBe(200);
});

test('a link that was tampered with is refused', async () => {
	const service = await start();
	await upload(service, 'mine', 'x');
	await upload(service, 'other', 'secret');
	const link = new URL(await linkTo(service, '1'));
	const expires = link.searchParams.get('expires') ?? '';
	const changed = (change: (url: URL) => void): URL => {
		const url = new URL(link);
		change(url);
		return url;
	};
	const wrong = [
		changed((url) => (url.pathname = url.pathname.replace(/1$/, '2'))),
		changed((url) => url.searchParams.set('expires', `${expires}0`)),
		changed((url) => url.searchParams.set('expires', `0${expires}`)),
		changed((url) => url.searchParams.set('expires', 'never')),
		changed((url) => url.searchParams.set('signature', '0'.repeat(64))),
		changed((url) => url.searchParams.set('signature', 'short')),
		changed((url) => url.searchParams.delete('signature')),
		changed((url) => url.searchParams.append('expires', '9')),
	];
	for (const url of wrong.slice(0, 2).concat(wrong.slice(3))) expect((await fetch(url)).status).toBe(403);
	// A leading zero is the same moment: the signature covers the number.
	expect(wrong[2] && (await fetch(wrong[2])).status).toBe(200);
	expect((await fetch(link)).status).toBe(200);
});

test('the link of a deleted file is gone', async () => {
	const service = await start();
	const id = await upload(service, 'f', 'x');
	const link = await linkTo(service, id);
	await call(service, 'DELETE /deleteFile', { query: { file_id: id } });
	const response = await fetch(link);
	expect(response.status).toBe(404);
	expect(await response.json()).toEqual({ detail: 'file not found' });
});

test.each([
	['0', 'greater_than_equal'],
	['-5', 'greater_than_equal'],
	['1.5', 'int_parsing'],
	['soon', 'int_parsing'],
])('expires_in %s is rejected', async (expiresIn, type) => {
	const service = await start();
	const id = await upload(service, 'f', 'x');
	const query = { file_id: id, expires_in: expiresIn };
	const answer = await call(service, 'GET /getFileDownloadUrl', { query });
	expect(answer.status).toBe(422);
	expect(answer.body).toMatchObject({ detail: [{ type, loc: ['query', 'expires_in'], input: expiresIn }] });
});

test('there is no link to a file that is not complete', async () => {
	const service = await start();
	const id = await service.addFile({ filename: 'f', status: 'uploading' });
	const query = { file_id: id, expires_in: 5 };
	const answer = await call(service, 'GET /getFileDownloadUrl', { query });
	expect(answer).toMatchObject(refusal('file is not ok') as object);
});

test.each([
	['bytes=0-3', '0123', 'bytes 0-3/10'],
	['bytes=4-', '456789', 'bytes 4-9/10'],
	['bytes=-3', '789', 'bytes 7-9/10'],
	['bytes=-99', '0123456789', 'bytes 0-9/10'],
	['bytes=8-99', '89', 'bytes 8-9/10'],
	['bytes=9-9', '9', 'bytes 9-9/10'],
])('range %s', async (range, text, contentRange) => {
	const service = await start();
	const link = await linkTo(service, await upload(service, 'f', '0123456789'));
	const response = await fetch(link, { headers: { range } });
	expect(response.status).toBe(206);
	expect(response.headers.get('content-range')).toBe(contentRange);
	expect(response.headers.get('content-length')).toBe(String(text.length));
	expect(await response.text()).toBe(text);
});

test.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('range %s is not in the file', async (range) => {
	const service = await start();
	const link = await linkTo(service, await upload(service, 'f', '0123456789'));
	const response = await fetch(link, { headers: { range } });
	expect(response.status).toBe(416);
	expect(response.headers.get('content-range')).toBe('bytes */10');
	await response.text();
});

test.each(['bytes=5-2', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=-', 'nonsense'])(
	'range %s is none: the whole file comes',
	async (range) => {
		const service = await start();
		const link = await linkTo(service, await upload(service, 'f', '0123456789'));
		const response = await fetch(link, { headers: { range } });
		expect(response.status).toBe(200);
		expect(await response.text()).toBe('0123456789');
	},
);

test('every range of an empty file is unsatisfiable, the file itself is served', async () => {
	const service = await start();
	const link = await linkTo(service, await upload(service, 'f', ''));
	expect((await fetch(link, { headers: { range: 'bytes=0-' } })).status).toBe(416);
	expect((await fetch(link, { headers: { range: 'bytes=-1' } })).status).toBe(416);
	expect(await (await fetch(link)).text()).toBe('');
});

test('If-Range decides whether the range is served', async () => {
	const service = await start();
	const link = await linkTo(service, await upload(service, 'f', '0123456789'));
	const first = await fetch(link);
	await first.text();
	const etag = first.headers.get('etag') ?? '';
	const lastModified = first.headers.get('last-modified') ?? '';
	const statusWith = async (ifRange: string): Promise<number> => {
		const response = await fetch(link, { headers: { range: 'bytes=5-', 'if-range': ifRange } });
		await response.text();
		return response.status;
	};
	expect(await statusWith(etag)).toBe(206);
	expect(await statusWith(lastModified)).toBe(206);
	expect(await statusWith('"other"')).toBe(200);
	expect(await statusWith(`W/${etag}`)).toBe(200);
	expect(await statusWith(new Date(0).toUTCString())).toBe(200);
});

test('a broken download continues with the same ETag, also after a restart', async () => {
	const service = await start();
	const content = noise(1024 * 1024);
	const id = await service.addFile({ filename: 'f', content });
	const link = await linkTo(service, id, 600);
	const etag = (await fetch(link, { method: 'HEAD' })).headers.get('etag') ?? '';
	const { dataDir, port } = service;
	await service.close();
	await start({ dataDir, port });
	const headers = { range: 'bytes=700000-', 'if-range': etag };
	const rest = await fetch(link, { headers });
	expect(rest.status).toBe(206);
	expect(Buffer.from(await rest.arrayBuffer()).equals(content.subarray(700_000))).toBe(true);
});
