/** A deletion is done, or it is an error; "not found" is no proof unless an earlier try may have done it. */
import { http, refused, type Answer } from './support/answers';
import { failureOf, scenario } from './support/scenario';

const NOT_FOUND: [what: string, answer: Answer][] = [
	['HTTP 200 and a code', refused('file not found')],
	['HTTP 400', refused('file not found', 400)],
	['HTTP 404', refused('file not found', 404)],
	['HTTP 500', refused('file not found', 500)],
];

it.each(NOT_FOUND)('an answer is lost, then "file not found" as %s: it is deleted', (_, notFound) =>
	scenario(async ({ service, client }) => {
		const { id } = service.store.add({ filename: 'a.txt' });
		service.on('deleteFile', (work) => {
			if (!service.store.files.has(id)) return notFound;
			work();
			return 'reset';
		});
		await client.delete(id);
		expect(service.store.files.size).toBe(0);
	}),
);

it.each(NOT_FOUND)('"file not found" as %s on the first answer is an error', (_, notFound) =>
	scenario(async ({ service, client }) => {
		service.on('deleteFile', () => notFound);
		expect((await failureOf(client.delete(5))).message).toMatch(/^Deleting file 5 failed.*not found/);
	}),
);

it.each(NOT_FOUND)('503, then "file not found" as %s: an error, for nothing was deleted', (_, notFound) =>
	scenario(async ({ service, client }) => {
		service.on('deleteFile', () => (service.count('deleteFile') === 1 ? http(503) : notFound));
		expect((await failureOf(client.delete(5))).message).toMatch(/^Deleting file 5 failed.*not found/);
	}),
);

it('the connection breaks before the work is done: it is tried again', () =>
	scenario(async ({ service, client }) => {
		const { id } = service.store.add({ filename: 'a.txt' });
		service.on('deleteFile', () => 'reset', 1);
		await client.delete(id);
		expect(service.store.files.size).toBe(0);
	}));
