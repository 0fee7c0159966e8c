/** Whole scenarios: a service, the answers that matter for the call, the call, a client. */
import fc from 'fast-check';

import type { Behaviour, ClientSettings, Endpoint, InitialFile, Method, Rival, Scenario } from '../scenario';
import { SAME_SIZE } from '../content';
import { callOf } from './calls';
import { noise } from './lies';
import { loss } from './losses';
import { serviceOf } from './services';

const LOOKING: readonly Endpoint[] = ['listChatFiles', 'listDirectories', 'listFilesInDirectory'];
const UPLOADING: readonly Endpoint[] = [
	'uploadSimpleFile',
	'initMultipartUploadFile',
	'uploadFilePart',
	'completeMultipartUpload',
	'abortMultipartUpload',
	'getMultipartUploadFileStatus',
	'downloadFile',
	...LOOKING,
];
const DOWNLOADING: readonly Endpoint[] = ['downloadFile', 'getFileDownloadUrl', 'storage'];

/** What each method may ask. Others need no answers, and a scenario that has none is shorter. */
const ASKED: Record<Method, readonly Endpoint[]> = {
	upload: UPLOADING,
	download: DOWNLOADING,
	downloadToFile: DOWNLOADING,
	getDownloadUrl: ['getFileDownloadUrl', 'storage'],
	delete: ['deleteFile', ...LOOKING],
	testConnection: ['listChatFiles'],
	listChatFiles: ['listChatFiles', 'storage'],
	listDirectories: ['listDirectories', 'storage'],
	listFilesInDirectory: ['listFilesInDirectory', 'storage'],
	syncToLocal: ['listChatFiles', ...DOWNLOADING],
	syncToRemote: [...UPLOADING, 'deleteFile'],
};

/** How often each method is called: the more it promises, the more. */
const WEIGHTS: Record<Method, number> = {
	upload: 30,
	download: 10,
	downloadToFile: 10,
	getDownloadUrl: 3,
	delete: 8,
	testConnection: 2,
	listChatFiles: 7,
	listDirectories: 3,
	listFilesInDirectory: 4,
	syncToLocal: 12,
	syncToRemote: 20,
};

const client: fc.Arbitrary<ClientSettings> = fc.record({
	maxTries: fc.constantFrom(2, 1, 3),
	timeout: fc.constant(0.2),
	settle: fc.constant(0.4),
	userInfo: fc.nat(24).map((number) => number === 24),
	basePath: fc.boolean(),
});

/** A file like the one that the call is about: there already in some way, or uploaded by somebody else meanwhile. */
type Twin = Pick<InitialFile, 'hash' | 'status' | 'begun' | 'ageSeconds'> & { atRequest: number | null };

const twin: fc.Arbitrary<Twin | null> = fc.option(
	fc.record({
		hash: fc.constantFrom('md5', 'md5', 'md5', 'none', 'sha256'),
		status: fc.constantFrom('uploading', 'uploading', 'ok', 'error'),
		begun: fc.boolean(),
		ageSeconds: fc.constantFrom(100, 10, 7_000),
		atRequest: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, fc.integer({ min: 1, max: 5 })),
	}),
	{ freq: 3 },
);

function withTwin({ twin, ...scenario }: Scenario & { twin: Twin | null }): Scenario {
	const { call, service } = scenario;
	const about = call.method === 'upload' ? call : call.method === 'syncToRemote' ? call.local[0] : undefined;
	if (twin === null || about === undefined) return scenario;
	const { atRequest, ...rest } = twin;
	const biz = call.method === 'upload' ? call.biz : 'chat';
	const file: InitialFile = { name: about.name, content: about.content, biz, chat: 0, ...rest };
	if (atRequest === null) return { ...scenario, service: { ...service, files: [file, ...service.files] } };
	// The same content at the same time could be told from ours by nobody.
	const content = SAME_SIZE.get(about.content);
	if (content === undefined) return scenario;
	const rival: Rival = { atRequest, file: { ...file, content, status: 'ok', ageSeconds: 0 } };
	return { ...scenario, service: { ...service, rival } };
}

/** Noise about each of a hundred downloads takes long and shows no more than noise about some. */
function withSmallCrowd(scenario: Scenario): Scenario {
	const { world, call, service } = scenario;
	if (world === 'honest' || call.method !== 'syncToLocal') return scenario;
	return { ...scenario, service: { ...service, crowd: Math.min(service.crowd, 12) } };
}

function scenarioOf(world: Scenario['world'], method: Method): fc.Arbitrary<Scenario> {
	const behaviours = (endpoint: Endpoint) =>
		fc.array(world === 'noise' ? noise(endpoint) : loss(endpoint), { minLength: 1, maxLength: 4 });
	// Half of the endpoints are truthful, or hardly any call would get beyond its first steps.
	const some = (endpoint: Endpoint) =>
		fc.oneof(fc.constant<Behaviour[]>([]), behaviours(endpoint)).map((list) => [endpoint, list] as const);
	const answers = fc
		.tuple(...ASKED[method].map(some))
		.map((lists): Scenario['answers'] => Object.fromEntries(lists.filter(([, list]) => list.length > 0)));
	return fc
		.record({
			world: fc.constant(world),
			answers,
			call: callOf(method),
			twin,
			service: serviceOf(world),
			client,
			cancelAfterMs: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, fc.nat(300)),
		})
		.map(withTwin)
		.map(withSmallCrowd);
}

export const scenarios = (world: Scenario['world']): fc.Arbitrary<Scenario> =>
	fc.oneof(
		...(Object.keys(WEIGHTS) as Method[]).map((method) => ({
			weight: WEIGHTS[method],
			arbitrary: scenarioOf(world, method),
		})),
	);
