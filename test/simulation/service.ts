import http, { type IncomingMessage, type ServerResponse } from 'node:http';

import type { Chance } from '../../harness/simulation/chance';
import type { VirtualClock } from '../../harness/simulation/clock';
import { connection } from '../../harness/simulation/sockets';
import type { Machine } from '../../harness/simulation/machine';
import type { Chat } from './chat';
import { type Answer, BASE_URL, Endpoints } from './endpoints';
import type { Endpoint, FaultKind, Setup } from './history';

interface ArmedFault {
	on: Endpoint | '*';
	what: FaultKind;
	skip: number;
	times: number;
}

/** What a service needs from a world. */
interface World {
	clock: VirtualClock;
	chance: Chance;
	chat: Chat;
	/** `verifies`: whoever downloads compares hashes. */
	setup: Setup['service'] & { verifies: boolean };
	note(what: string): void;
	/** Told of who asks for a deletion of what, as soon as the question is there. */
	onDelete(by: Machine, id: string): void;
}

/** A service of one chat in memory, behind Node's own HTTP server, that does and says what a history wants. */
export class Service {
	readonly faults: ArmedFault[] = [];
	private downUntil = 0;
	private readonly server = http.createServer((request, response) => void this.answer(request, response));
	private readonly endpoints: Endpoints;
	private readonly machines = new WeakMap<object, Machine>();
	/** Who has uploaded each file, and when it began. */
	private readonly uploads = new Map<string, { by: Machine | undefined; at: number }>();
	/** Paths of requests so far. */
	readonly requests: string[] = [];

	constructor(private readonly world: World) {
		this.endpoints = new Endpoints(world.chat, world.setup);
		// Its own clocks run in real time.
		this.server.timeout = this.server.requestTimeout = this.server.headersTimeout = 0;
		this.server.keepAliveTimeout = 0;
		this.server.on('clientError', (_, socket) => socket.destroy());
	}

	/** Whether the file came from this process, a short while ago. */
	isFresh(id: string, by: Machine): boolean {
		const upload = this.uploads.get(id);
		return upload?.by === by && this.world.clock.now - upload.at < FRESH_MS;
	}

	/** Whether somebody may have been turned away since. */
	wasDownAfter(at: number): boolean {
		return this.downUntil > at;
	}

	isDown(ms: number): void {
		this.downUntil = this.world.clock.now + ms;
	}

	/** Everything works again. */
	recover(): void {
		this.faults.length = 0;
		this.downUntil = 0;
	}

	connect(machine: Machine) {
		const { clock, chance } = this.world;
		const { near, far } = connection(clock, machine, () => 0.2 + chance.next() * 5);
		machine.sockets.add(near);
		near.on('close', () => machine.sockets.delete(near));
		if (!machine.step()) return near;
		if (clock.now < this.downUntil) {
			near.other = undefined;
			clock.in(1, machine, () =>
				near.destroy(
					Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
				),
			);
			return near;
		}
		this.machines.set(far, machine);
		this.server.emit('connection', far);
		return near;
	}

	private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { clock, chance } = this.world;
		const url = new URL(request.url ?? '', BASE_URL);
		const [, endpoint = '', id = ''] = url.pathname.split('/');
		const chunks: Buffer[] = [];
		try {
			for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
		} catch {
			return;
		}
		if (!request.complete) return;
		this.requests.push(endpoint);
		const machine = this.machines.get(request.socket);
		if (endpoint === 'deleteFile' && machine)
			this.world.onDelete(machine, url.searchParams.get('file_id') ?? '');
		await clock.wait(chance.percent(90) ? 5 + chance.below(100) : 200 + chance.below(3000));
		const fault = this.take(endpoint);
		if (fault !== undefined) this.world.note(`  (${endpoint}: ${fault})`);
		const askedAt = clock.now;
		const work = async () => {
			const answer = await this.endpoints.work(
				endpoint,
				id,
				request,
				url.searchParams,
				Buffer.concat(chunks),
			);
			if (BEGINS.has(endpoint) && 'data' in answer)
				this.uploads.set(answer.data, { by: machine, at: askedAt });
			return answer;
		};
		switch (fault) {
			case undefined:
			case 'doubled':
			case 'cut':
			case 'wrong':
				break;
			case 'lost':
				request.socket.destroy();
				return;
			case 'hangs':
				return;
			case 'busy':
				this.page(response, 503, 'busy');
				return;
			case 'refused':
				this.say(response, { refuses: 'not now' });
				return;
			case 'late':
				await clock.wait(chance.below(60_000));
				this.page(response, 504, 'gateway timeout');
				await clock.wait(chance.below(5_000));
				await work();
				return;
			case 'lostAnswer':
				await work();
				request.socket.destroy();
				return;
			case 'stalled':
				await work();
				return;
			case 'badGateway':
				await work();
				this.page(response, 502, 'bad gateway');
				return;
			case 'garbage':
				await work();
				this.page(response, 200, 'welcome');
				return;
		}
		let answer = await work();
		if (fault === 'doubled' && REPEATABLE.has(endpoint)) answer = await work();
		if (chance.percent(10)) await clock.wait(chance.below(2000));
		// Without a look at a hash nobody can see a wrong byte.
		const isWrong = fault === 'wrong' && (this.world.setup.verifies || !('file' in answer));
		this.say(
			response,
			isWrong ? falsified(answer, chance) : answer,
			fault === 'cut' || (fault === 'wrong' && !isWrong),
		);
		if (fault === 'doubled') request.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
	}

	private take(endpoint: string): FaultKind | undefined {
		const { faults } = this;
		const index = faults.findIndex(({ on }) => on === '*' || on === endpoint);
		const fault = faults[index];
		if (fault === undefined) return undefined;
		if (fault.skip-- > 0) return undefined;
		if (--fault.times <= 0) faults.splice(index, 1);
		return fault.what;
	}

	private say(response: ServerResponse, answer: Answer, cut = false): void {
		const bytes =
			'file' in answer
				? answer.file.content.subarray(answer.from)
				: Buffer.from(
						'data' in answer
							? `{"code":0,"data":${answer.data},"message":null}`
							: `{"code":4004,"data":null,"message":"${answer.refuses}"}`,
					);
		const isPart = 'file' in answer && answer.from > 0;
		const { size } = 'file' in answer ? answer.file : { size: 0 };
		response.writeHead('refuses' in answer && answer.refuses === 'no such path' ? 404 : isPart ? 206 : 200, {
			...this.date(),
			'Content-Length': bytes.length,
			...('file' in answer
				? {
						'Content-Type': 'application/octet-stream',
						'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(answer.file.name)}`,
						ETag: `"${answer.file.id}"`,
					}
				: { 'Content-Type': 'application/json' }),
			...(isPart && { 'Content-Range': `bytes ${answer.from}-${size - 1}/${size}` }),
		});
		if (!cut) return void response.end(bytes);
		response.write(bytes.subarray(0, bytes.length / 2));
		this.world.clock.in(20, undefined, () => response.socket?.destroy());
	}

	private page(response: ServerResponse, status: number, text: string): void {
		response.writeHead(status, { ...this.date(), 'Content-Type': 'text/html' });
		response.end(`<html>${text}</html>`);
	}

	/** Node's own tells the real time. */
	private date() {
		return { Date: new Date(this.world.clock.timeOfDay).toUTCString() };
	}
}

/** A sync deletes what a torn read has made, in the same run. */
const FRESH_MS = 600_000;

const BEGINS: ReadonlySet<string> = new Set(['uploadSimpleFile', 'initMultipartUploadFile']);

/** What a gateway may do twice without harm. */
const REPEATABLE: ReadonlySet<string> = new Set([
	'deleteFile',
	'listChatFiles',
	'listFilesInDirectory',
	'getFileDownloadUrl',
	'uploadFilePart',
	'completeMultipartUpload',
]);

function falsified(answer: Answer, chance: Chance): Answer {
	if ('refuses' in answer) return answer;
	if ('file' in answer) {
		const content = Buffer.from(answer.file.content);
		const at = chance.below(content.length);
		content.fill((content[at] ?? 0) ^ 1, at, at + 1);
		return { ...answer, file: { ...answer.file, content } };
	}
	if (answer.data.startsWith('{"total":')) {
		const off = chance.of([-1, 1, 3]);
		return {
			data: answer.data.replace(
				/^\{"total":(\d+)/,
				(_, total: string) => `{"total":${Math.max(0, Number(total) + off)}`,
			),
		};
	}
	return answer.data.startsWith('{') ? answer : { data: 'null' };
}
