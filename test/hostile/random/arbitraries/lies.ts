/**
 * Answers of pure noise: anything that a socket can carry, much of it near to the truth, so that calls get beyond the
 * first step.
 */
import fc from 'fast-check';

import type { Answer, Behaviour, Body, Endpoint, Flow, Header, Length } from '../scenario';
import { header, location } from './odd-headers';
import { body, editOf } from './odd-json';

const code = fc.oneof(
	{ weight: 6, arbitrary: fc.constant(200) },
	{ weight: 4, arbitrary: fc.constantFrom(500, 502, 503, 504, 400, 401, 403, 404, 408, 413, 422, 429) },
	{ weight: 3, arbitrary: fc.constantFrom(301, 302, 303, 307, 308) },
	{ weight: 1, arbitrary: fc.constantFrom(100, 101, 103, 201, 204, 205, 206, 304, 416, 418, 599, 999) },
);

const length: fc.Arbitrary<Length> = fc.oneof(
	{ weight: 8, arbitrary: fc.constant<Length>('exact') },
	{ weight: 1, arbitrary: fc.constant<Length>('chunked') },
	{ weight: 1, arbitrary: fc.constant<Length>('untilClose') },
	{
		weight: 2,
		arbitrary: fc
			.constantFrom('0', '1', '10', '99999999', '1000000000000', '-1', '1e3', 'x', '', '5, 5')
			.map((wrong) => ({ wrong })),
	},
);

/** In whole hundredths, so that they shrink and read well. */
export const fraction = fc.nat(99).map((hundredths) => hundredths / 100);

export const drip: fc.Arbitrary<Flow> = fc.record({
	kind: fc.constant('drip'),
	pieces: fc.integer({ min: 1, max: 8 }),
	everyMs: fc.integer({ min: 1, max: 60 }),
});

export const cut: fc.Arbitrary<Flow> = fc.record({
	kind: fc.constant('cut'),
	at: fraction,
	how: fc.constantFrom('fin', 'rst'),
});

export const stall: fc.Arbitrary<Flow> = fc.record({ kind: fc.constant('stall'), at: fraction });

const flow: fc.Arbitrary<Flow> = fc.oneof(
	{ weight: 12, arbitrary: fc.constant<Flow>({ kind: 'whole' }) },
	{ weight: 1, arbitrary: drip },
	{ weight: 2, arbitrary: cut },
	{ weight: 1, arbitrary: stall },
);

const headers = fc.array(header, { maxLength: 2 });

/** Looks like the answer that is waited for, and does not end. */
const endless: fc.Arbitrary<Answer> = fc.record({
	kind: fc.constant('lie'),
	status: fc.constantFrom(200, 200, 500),
	headers: fc.constant<Header[]>([]),
	body: fc.record({
		kind: fc.constant('endless'),
		unit: fc.constantFrom(' ', '[', '"x', '<h1', '{"a":'),
	}),
	length: fc.constantFrom<Length[]>('chunked', 'untilClose', 'exact', { wrong: '99999999' }),
	flow: fc.constant<Flow>({ kind: 'whole' }),
});

const redirect: fc.Arbitrary<Answer> = fc.record({
	kind: fc.constant('lie'),
	status: fc.constantFrom(302, 301, 303, 307, 308),
	headers: location.map((header): Header[] => [header]),
	body: fc.constant<Body>({ kind: 'text', text: '', times: 1 }),
	length: fc.constant<Length>('exact'),
	flow: fc.constant<Flow>({ kind: 'whole' }),
});

const answerOf = (endpoint: Endpoint): fc.Arbitrary<Answer> =>
	fc.oneof(
		{ weight: 14, arbitrary: fc.record({ kind: fc.constant('truth'), flow }) },
		{
			weight: 8,
			arbitrary: fc.record({
				kind: fc.constant('near'),
				edits: fc.array(editOf(endpoint), { minLength: 1, maxLength: 3 }),
				status: fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, code),
				headers: fc.oneof({ weight: 3, arbitrary: fc.constant<Header[]>([]) }, headers),
				length: fc.oneof({ weight: 6, arbitrary: fc.constant<Length>('exact') }, length),
				flow,
			}),
		},
		{
			weight: 8,
			arbitrary: fc.record({ kind: fc.constant('lie'), status: code, headers, body, length, flow }),
		},
		{ weight: 1, arbitrary: endless },
		{ weight: 2, arbitrary: redirect },
		{
			weight: 1,
			arbitrary: fc.record({
				kind: fc.constant('garbage'),
				text: fc.constantFrom(
					'\r\n',
					'HTTP/1.1\r\n\r\n',
					'HTTP/9.9 200 OK\r\n\r\n',
					'SSH-2.0-x\r\n',
					'HTTP/1.1 200 OK\r\nA',
					'\u0000\u0000',
					'HTTP/1.1 200 OK\r\n: x\r\n\r\n',
				),
			}),
		},
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant('reset'), how: fc.constantFrom('fin', 'rst') }) },
		{ weight: 1, arbitrary: fc.constant<Answer>({ kind: 'silence' }) },
	);

/** One answer of noise to a request for that endpoint. The work may be done all the same. */
export const noise = (endpoint: Endpoint): fc.Arbitrary<Behaviour> =>
	fc.record({
		read: fc.constantFrom('all', 'all', 'all', 'all', 'all', 'all', 'some', 'none'),
		work: fc.oneof(
			{ weight: 4, arbitrary: fc.constant('now' as const) },
			{ weight: 3, arbitrary: fc.constant('never' as const) },
			fc.nat(150),
		),
		waitMs: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.nat(150)),
		answer: answerOf(endpoint),
	});
