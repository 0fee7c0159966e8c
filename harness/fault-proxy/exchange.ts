import { once } from 'node:events';
import {
	request as httpRequest,
	type Agent,
	type ClientRequest,
	type IncomingMessage,
	type ServerResponse,
} from 'node:http';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { endToEnd } from './headers';
import { contentOf, earlyHead } from './own-answer';
import type { ProxiedRequest, RequestLog } from './request-log';
import { RequestBody } from './request-body';
import type {
	Answer,
	CloseReused,
	CutRequest,
	CutResponse,
	DropAnswer,
	Fault,
	Script,
	StallAnswer,
	StallRequest,
	StallResponse,
} from './script';

/** Time for a client on loopback to read what was sent before a reset, which discards what is still on its way. */
const SETTLE_MS = 25;

/** Writing it sends the head. */
const NOTHING = Buffer.alloc(0);

/** What an exchange needs from the proxy around it. */
export interface ExchangeContext {
	readonly log: RequestLog;
	readonly script: Script;
	/** Keeps the connections to the service alive. */
	readonly agent: Agent;
	/** Origin of the service. */
	readonly target: URL;
}

/** One request and its answer on their way through the proxy. */
export class Exchange {
	private readonly body: RequestBody;
	private readonly left = new AbortController();
	private upstream: ClientRequest | undefined;

	constructor(
		private readonly context: ExchangeContext,
		private readonly request: IncomingMessage,
		private readonly response: ServerResponse,
		private readonly record: ProxiedRequest,
	) {
		this.body = new RequestBody(request, record, context.log);
		response.sendDate = false;
		response.once('close', () => {
			this.end(response.writableFinished ? 'complete' : 'clientLeft');
			if (!response.writableFinished) this.upstream?.destroy();
			this.left.abort();
		});
		// An error of the client's connection is followed by `close`, which says all there is to say.
		request.on('error', () => undefined);
		response.on('error', () => undefined);
	}

	/** @param latencyMs what the way there and back costs on top */
	async run(latencyMs: number): Promise<void> {
		const { script } = this.context;
		if (script.needsParams(this.record)) await this.body.readParams();
		const rule = script.take(this.record);
		await this.wait(latencyMs);
		await this.wait(rule?.wait ?? 0);
		if (this.left.signal.aborted) return;
		await (rule?.fault ? this.fail(rule.fault) : this.pass());
	}

	private async fail(fault: Fault): Promise<void> {
		switch (fault.kind) {
			case 'closeReused':
				this.hangUp(fault);
				break;
			case 'silence':
				await this.body.pump(undefined);
				this.tookEffect(fault);
				break;
			case 'answer':
				await this.answerAlone(fault);
				break;
			case 'cutRequest':
			case 'stallRequest':
				await this.breakRequest(fault);
				break;
			case 'dropAnswer':
			case 'stallAnswer':
				await this.withholdAnswer(fault);
				break;
			case 'cutResponse':
			case 'stallResponse':
				await this.breakResponse(fault);
				break;
		}
	}

	private async pass(): Promise<void> {
		const upstream = this.open();
		const answer = this.answerOf(upstream);
		void this.send(upstream);
		const message = await answer;
		if (message) await this.relay(message, Infinity);
	}

	private async breakRequest(fault: CutRequest | StallRequest): Promise<void> {
		const upstream = this.open();
		const answer = this.answerOf(upstream);
		upstream.write(NOTHING);
		const end = await this.body.pump(upstream, fault.afterBytes);
		if (end === 'limit') {
			if (fault.kind === 'stallRequest') {
				this.tookEffect(fault);
			} else {
				this.hangUp(fault);
				upstream.destroy();
			}
			return;
		}
		upstream.end();
		const message = await answer;
		if (message) await this.relay(message, Infinity);
	}

	private async withholdAnswer(fault: DropAnswer | StallAnswer): Promise<void> {
		const upstream = this.open();
		const answer = this.answerOf(upstream);
		void this.send(upstream);
		const message = await answer;
		if (!message) return;
		message.resume();
		await finished(message).catch(() => undefined);
		if (fault.kind === 'dropAnswer') this.hangUp(fault);
		else this.tookEffect(fault);
	}

	private async breakResponse(fault: CutResponse | StallResponse): Promise<void> {
		const upstream = this.open();
		const answer = this.answerOf(upstream);
		void this.send(upstream);
		const message = await answer;
		if (!message || !(await this.relay(message, fault.afterBytes))) return;
		if (fault.kind === 'stallResponse') {
			this.tookEffect(fault);
			return;
		}
		await this.wait(SETTLE_MS);
		this.hangUp(fault);
		upstream.destroy();
	}

	private async answerAlone(fault: Answer): Promise<void> {
		const { status, readBody = true } = fault.answer;
		const { headers, bytes } = contentOf(fault.answer);
		if (readBody && (await this.body.pump(undefined)) === 'gone') return;
		this.tookEffect(fault);
		this.record.status = status;
		this.record.responseBytes = bytes.length;
		if (readBody) {
			this.response.writeHead(status, headers).end(bytes);
			return;
		}
		// Past the response object, which would read the rest of the body. The client closes; close() does at the latest.
		this.request.socket.write(earlyHead(status, headers), 'latin1');
		this.request.socket.end(bytes);
		this.end('complete');
	}

	/** Opens the request to the service: the same method, target and headers, `Host` included. */
	private open(): ClientRequest {
		const { agent, target } = this.context;
		this.upstream = httpRequest({
			agent,
			host: target.hostname,
			port: target.port || 80,
			method: this.request.method,
			path: this.request.url,
			headers: endToEnd(this.request.rawHeaders),
		});
		return this.upstream;
	}

	/** Passes the whole request body on. */
	private async send(upstream: ClientRequest): Promise<void> {
		if ((await this.body.pump(upstream)) === 'complete') upstream.end();
	}

	/** The head of the service's answer, or `undefined` when there is none; then the client's connection is broken too. */
	private async answerOf(upstream: ClientRequest): Promise<IncomingMessage | undefined> {
		return await new Promise((resolve) => {
			upstream.once('response', (message) => {
				this.record.serviceStatus = message.statusCode ?? 0;
				this.context.log.changed();
				resolve(message);
			});
			upstream.on('error', () => {
				if (this.record.serviceStatus === undefined) this.loseService();
				resolve(undefined);
			});
		});
	}

	/** Sends the service's answer on, at most `limit` bytes of its body. True when the limit stopped it. */
	private async relay(message: IncomingMessage, limit: number): Promise<boolean> {
		const { response, record, context } = this;
		const headers = endToEnd(message.rawHeaders);
		if (message.headers.connection === 'close') headers.push('Connection', 'close');
		record.status = message.statusCode ?? 0;
		response.writeHead(record.status, message.statusMessage, headers);
		// Not flushHeaders(), which would send the head as UTF-8 and spoil names in raw bytes.
		response.write(NOTHING);
		if (limit <= 0) return true;
		return await new Promise<boolean>((resolve) => {
			const resume = () => message.resume();
			response.on('drain', resume).once('close', () => resolve(false));
			message.on('error', () => {
				this.loseService();
				resolve(false);
			});
			message.once('end', () => {
				response.end();
				resolve(false);
			});
			message.on('data', (chunk: Buffer) => {
				const slice = chunk.subarray(0, limit - record.responseBytes);
				record.responseBytes += slice.length;
				if (record.responseBytes === limit) {
					message.pause().removeAllListeners('data').removeAllListeners('end');
					response.off('drain', resume).write(slice, () => resolve(true));
				} else if (!response.write(slice)) {
					message.pause();
				}
				context.log.changed();
			});
		});
	}

	private loseService(): void {
		if (this.record.outcome !== 'open') return;
		this.end('serviceLost');
		this.request.socket.resetAndDestroy();
	}

	private hangUp(fault: CutRequest | CutResponse | DropAnswer | CloseReused): void {
		const { socket } = this.request;
		this.end('cut');
		this.tookEffect(fault);
		if (fault.ending === 'reset') {
			socket.resetAndDestroy();
			return;
		}
		// What the client still sends is read and forgotten: closing with unread data would turn the FIN into a reset.
		socket.end();
		this.request.resume();
	}

	private tookEffect(fault: Fault): void {
		if (this.left.signal.aborted) return;
		this.record.fault = fault.kind;
		this.context.log.changed();
	}

	private end(outcome: ProxiedRequest['outcome']): void {
		if (this.record.outcome === 'open') this.record.outcome = outcome;
		this.context.log.changed();
	}

	/** Waits for the time or the promise, or until the client leaves. */
	private async wait(what: number | Promise<unknown>): Promise<void> {
		const { signal } = this.left;
		if (what === 0 || signal.aborted) return;
		const until = typeof what === 'number' ? sleep(what, undefined, { signal }) : what;
		await Promise.race([once(signal, 'abort'), until]).catch(() => undefined);
	}
}
