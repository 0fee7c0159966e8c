/** The errors that this client throws, as whoever catches them sees them. */
import * as client from '../../client';
import { errorSentence, isBddFileError, messageOf } from '../../client/api/errors';

const cause = new Error('EIO');
const details = { description: 'Try again.', cause };

it.each([
	['InvalidInputError', new client.InvalidInputError('x', details), {}],
	[
		'ServiceError',
		new client.ServiceError('x', { ...details, status: 503, serviceMessage: 'no', code: 7, retryAfterMs: 5 }),
		{ status: 503, serviceMessage: 'no', code: 7, retryAfterMs: 5 },
	],
	[
		'ConnectionError',
		new client.ConnectionError('x', { ...details, mayHaveArrived: true }),
		{ mayHaveArrived: true },
	],
	['StalledError', new client.StalledError('x', details), {}],
	['CancelledError', new client.CancelledError('x', details), {}],
	['IntegrityError', new client.IntegrityError('x', details), {}],
	['UnknownOutcomeError', new client.UnknownOutcomeError('x', details), {}],
	['LocalFileError', new client.LocalFileError('x', details), {}],
	['FilesFailedError', new client.FilesFailedError('x', details), {}],
	[
		'TooManyDeletionsError',
		new client.TooManyDeletionsError('x', { ...details, deletions: 3, remembered: 4 }),
		{ deletions: 3, remembered: 4 },
	],
	['NotReplacedError', new client.NotReplacedError('x', { ...details, fileId: 7 }), { fileId: 7 }],
])('%s says its name, what happened, why and what to do', (name, error, more) => {
	expect(isBddFileError(error)).toBe(true);
	expect(error).toMatchObject({ name, message: 'x', description: 'Try again.', ...more });
	expect(error.cause).toBe(cause);
	expect(String(error)).toBe(`${name}: x`);
});

it('one without a cause has none', () => {
	expect(new client.StalledError('x', { description: '' })).not.toHaveProperty('cause');
});

it.each([
	['It failed', 'Try again.', 'It failed. Try again.'],
	[' It failed \n', 'Try again.', 'It failed. Try again.'],
	['Is it there?', 'Try again.', 'Is it there? Try again.'],
	['失败了。', 'Try again.', '失败了。 Try again.'],
	['Reading "a.txt" failed', 'Try again.', 'Reading "a.txt" failed. Try again.'],
	['It failed', '', 'It failed'],
])('%j, with what to do about it, is one text', (message, description, sentence) => {
	expect(errorSentence(new client.StalledError(message, { description }))).toBe(sentence);
});

it("somebody else's error is its message, and what is no error is itself", () => {
	const all: unknown[] = [new Error('EIO'), 'no', 7, null, undefined];
	expect(all.map(errorSentence)).toEqual(['EIO', 'no', '7', 'null', 'undefined']);
	expect(all.map(messageOf)).toEqual(['EIO', 'no', '7', 'null', 'undefined']);
	expect(all.some(isBddFileError)).toBe(false);
});
