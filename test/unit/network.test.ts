/** What a policy of somebody else's may say no with, and what becomes of it. */
import type { LookupFunction } from 'node:net';

import { IntegrityError, InvalidInputError } from '../../client';
import { LookupRefusal, notAllowed, safeLookup } from '../../client/api/network';

const refuse = (cause: unknown) => notAllowed('Asking', 'http://files.example.com:8080/a?b=c', cause);
const REFUSED = 'Asking failed: the address http://files.example.com:8080 is not allowed here';

describe('an address that a policy refuses', () => {
	it.each<[cause: unknown, reason: string]>([
		[new Error('10.0.0.1 is restricted'), ': 10.0.0.1 is restricted'],
		[{ message: 'restricted' }, ': restricted'],
		['restricted', ': restricted'],
		[new Error('GET http://h/k?Signature=abc is restricted'), ': GET http://h/k… is restricted'],
		[undefined, ''],
		[null, ''],
		[7, ''],
		[{ message: 7 }, ''],
		[{}, ''],
	])('%#: is an error with the reason, if there is one', (cause, reason) => {
		const error = refuse(cause);
		expect(error).toBeInstanceOf(InvalidInputError);
		expect(error).toMatchObject({
			message: REFUSED + reason,
			description:
				'Whoever administers this computer decides which addresses may be reached. Have it allowed, or use another.',
		});
	});

	it('is the error that the policy made of it, where it is one of ours', () => {
		const ours = new IntegrityError('no', { description: '' });
		expect(refuse(ours)).toBe(ours);
	});
});

describe("a policy's look-up that fails", () => {
	/** What it fails with, undefined where Node is told nothing. */
	const failureOf = async (lookup: LookupFunction) =>
		await new Promise<unknown>((resolve) => {
			safeLookup(lookup)('files.invalid', {}, resolve);
			setImmediate(resolve);
		});

	const unknownName = Object.assign(new Error('what the system says'), { code: 'ENOTFOUND' });
	it.each<[what: string, reason: unknown, expected: { message: string; code?: string }]>([
		['a name that is unknown', unknownName, { message: 'what the system says', code: 'ENOTFOUND' }],
		['a code that is none', Object.assign(new Error('no'), { code: 7 }), { message: 'no' }],
		['its own words', new Error('10.0.0.1 is restricted'), { message: '10.0.0.1 is restricted' }],
		['a text', 'no', { message: 'no' }],
		['no words', {}, { message: '' }],
	])('with %s fails so, whether it throws or calls back', async (_, reason, expected) => {
		for (const lookup of [
			() => {
				throw reason;
			},
			(__, ___, callback) => callback(reason as Error, '', 0),
		] as LookupFunction[]) {
			const failure = await failureOf(lookup);
			expect(failure).toMatchObject(expected);
			// Only what has the code of a system is no refusal.
			expect(failure instanceof LookupRefusal).toBe(!('code' in expected));
		}
	});
});
