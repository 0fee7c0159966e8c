/**
 * Answers of an honest service behind a lossy transport: what it says is so, but answers are lost, late, cut off, or
 * replaced by what a gateway says, after the work was done or not done. No bound here reaches the settling time.
 */
import fc from 'fast-check';

import type { Answer, Behaviour, Body, Endpoint, Flow, Header } from '../scenario';
import { cut, drip, fraction } from './lies';

/** Late work, lag of the lists and merging together stay below the settling time of the scenarios. */
export const LATEST_MS = 80;

const whole: fc.Arbitrary<Flow> = fc.constant({ kind: 'whole' });
const truth = (flow: fc.Arbitrary<Flow>): fc.Arbitrary<Answer> =>
	fc.record({ kind: fc.constant('truth'), flow });
const behaviour = (
	read: Behaviour['read'],
	work: fc.Arbitrary<Behaviour['work']>,
	answer: fc.Arbitrary<Answer>,
): fc.Arbitrary<Behaviour> =>
	fc.record({
		read: fc.constant(read),
		work,
		waitMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(LATEST_MS)),
		answer,
	});

const done = fc.oneof(
	{ weight: 3, arbitrary: fc.constant('now' as const) },
	{ weight: 2, arbitrary: fc.constant('never' as const) },
	{ weight: 2, arbitrary: fc.integer({ min: 1, max: LATEST_MS }) },
);
const never = fc.constant('never' as const);

/** Nothing of it says whether the work was done. */
const GATEWAY: readonly Body[] = [
	{ kind: 'text', text: '<html><head><title>Bad Gateway</title></head></html>', times: 1 },
	{ kind: 'text', text: '', times: 1 },
	{ kind: 'json', value: { code: 500, data: null, message: 'internal error' } },
	{ kind: 'json', value: { detail: 'upstream timed out' } },
];

/** 200, and yet no answer. */
const NO_ANSWER: readonly Body[] = [
	{ kind: 'json', value: { code: 0, data: null, message: null } },
	{ kind: 'text', text: '<html><head><title>Welcome</title></head></html>', times: 1 },
	{ kind: 'text', text: '{"code": 0, "da', times: 1 },
	{ kind: 'text', text: '', times: 1 },
];

const said = (status: number | fc.Arbitrary<number>, bodies: readonly Body[]): fc.Arbitrary<Answer> =>
	fc.record({
		kind: fc.constant('lie'),
		status: typeof status === 'number' ? fc.constant(status) : status,
		headers: fc.constantFrom<Header[][]>([], [], [], [['Retry-After', '0']], [['Connection', 'close']]),
		body: fc.constantFrom(...bodies),
		length: fc.constant('exact'),
		flow: whole,
	});

const lostAnswer: fc.Arbitrary<Answer> = fc.oneof(
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant('reset'), how: fc.constantFrom('fin', 'rst') }) },
	{ weight: 4, arbitrary: said(fc.constantFrom(500, 502, 503, 504, 408), GATEWAY) },
	{ weight: 1, arbitrary: fc.constant<Answer>({ kind: 'silence' }) },
);

/** The service or its gateway says no before it has done anything. */
const refusal = said(fc.constantFrom(400, 401, 403, 413, 425, 429), GATEWAY);

const plain = behaviour('all', fc.constant('now'), truth(fc.oneof({ weight: 6, arbitrary: whole }, drip)));

/** Requests that change something. */
const changing: fc.Arbitrary<Behaviour> = fc.oneof(
	{ weight: 5, arbitrary: plain },
	{ weight: 6, arbitrary: behaviour('all', done, lostAnswer) },
	{ weight: 3, arbitrary: behaviour('all', done, said(200, NO_ANSWER)) },
	{ weight: 2, arbitrary: behaviour('all', fc.constant('now'), truth(cut)) },
	{ weight: 2, arbitrary: behaviour('all', never, refusal) },
	{
		weight: 1,
		arbitrary: behaviour(
			'none',
			never,
			fc.oneof(said(fc.constantFrom(503, 413), GATEWAY), fc.constant<Answer>({ kind: 'reset', how: 'rst' })),
		),
	},
	{ weight: 1, arbitrary: behaviour('some', never, fc.constant<Answer>({ kind: 'reset', how: 'rst' })) },
);

/** Requests that only ask. */
const asking: fc.Arbitrary<Behaviour> = fc.oneof(
	{ weight: 8, arbitrary: plain },
	{ weight: 2, arbitrary: behaviour('all', never, lostAnswer) },
	{ weight: 1, arbitrary: behaviour('all', never, said(200, NO_ANSWER)) },
	{ weight: 1, arbitrary: behaviour('all', never, refusal) },
	{ weight: 1, arbitrary: behaviour('all', never, truth(cut)) },
);

/** Bytes of files: never other bytes than the file's, but often not all of them. */
const carrying: fc.Arbitrary<Behaviour> = fc.oneof(
	{ weight: 6, arbitrary: plain },
	{ weight: 3, arbitrary: behaviour('all', never, truth(cut)) },
	{
		weight: 1,
		arbitrary: behaviour('all', never, truth(fc.record({ kind: fc.constant('stall'), at: fraction }))),
	},
	{ weight: 2, arbitrary: behaviour('all', never, lostAnswer) },
	{ weight: 1, arbitrary: behaviour('all', never, refusal) },
	{
		weight: 1,
		arbitrary: behaviour(
			'all',
			never,
			fc.constant<Answer>({
				kind: 'lie',
				status: 200,
				headers: [['Content-Type', 'application/json']],
				body: { kind: 'json', value: { code: 500, data: null, message: 'the storage is away for a moment' } },
				length: 'exact',
				flow: { kind: 'whole' },
			}),
		),
	},
);

const BY_ENDPOINT: Record<Endpoint, fc.Arbitrary<Behaviour>> = {
	uploadSimpleFile: changing,
	initMultipartUploadFile: changing,
	uploadFilePart: changing,
	completeMultipartUpload: changing,
	abortMultipartUpload: changing,
	deleteFile: changing,
	getMultipartUploadFileStatus: asking,
	getFileDownloadUrl: asking,
	listChatFiles: asking,
	listDirectories: asking,
	listFilesInDirectory: asking,
	downloadFile: carrying,
	storage: carrying,
};

/** One answer of an honest service to a request for that endpoint. */
export const loss = (endpoint: Endpoint): fc.Arbitrary<Behaviour> => BY_ENDPOINT[endpoint];
