import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import { watchParams, type BodyParams } from './body-params';
import type { ProxiedRequest, RequestLog } from './request-log';

const READ_AHEAD_BYTES = 1024 * 1024;

/** Why a body stopped flowing: all of it is through, the asked number of bytes is, or the client left. */
export type BodyEnd = 'complete' | 'limit' | 'gone';

/** The body of one request on its way from the client: counted, watched for its parameters, passed on. */
export class RequestBody {
	private readonly head: Buffer[] = [];
	private readonly params: BodyParams | undefined;

	constructor(
		private readonly request: IncomingMessage,
		private readonly record: ProxiedRequest,
		private readonly log: RequestLog,
	) {
		this.params = watchParams(request.headers);
		void this.params?.found.then((params) => {
			if (params) record.params = params;
			log.changed();
		});
	}

	/** Reads on until the parameters are known (then in the record) or 1 MiB is read. What was read is not lost. */
	async readParams(): Promise<void> {
		const { params, request } = this;
		if (!params) return;
		let size = 0;
		let stop: () => void = () => undefined;
		const exhausted = new Promise<void>((resolve) => (stop = resolve));
		const take = (chunk: Buffer) => {
			this.head.push(chunk);
			params.write(chunk);
			size += chunk.length;
			if (size >= READ_AHEAD_BYTES) stop();
		};
		const end = () => params.end();
		request.on('data', take).once('end', end).once('close', stop);
		await Promise.race([params.found, exhausted]);
		request.pause();
		request.off('data', take).off('end', end).off('close', stop);
	}

	/**
	 * Passes the body to `sink` (or swallows it), at most `limit` bytes of it, and leaves the rest unread. `sink` is not
	 * ended. When `sink` breaks, the rest is swallowed: the service may answer without reading everything.
	 */
	async pump(sink: Writable | undefined, limit = Infinity): Promise<BodyEnd> {
		const { request, record, log } = this;
		if (limit <= 0) return 'limit';
		return await new Promise<BodyEnd>((resolve) => {
			let target = sink;
			const reached = () => record.requestBytes === limit;
			const settle = (end: BodyEnd) => {
				request.off('data', arrived).off('end', ended).off('close', gone);
				sink?.off('drain', resume).off('close', sinkGone);
				resolve(end);
			};
			const gone = () => settle('gone');
			const resume = () => request.resume();
			const sinkGone = () => {
				target = undefined;
				if (reached()) settle('limit');
				else resume();
			};
			const ended = () => {
				record.requestComplete = true;
				this.params?.end();
				log.changed();
				settle('complete');
			};
			const pass = (chunk: Buffer) => {
				const slice = chunk.subarray(0, limit - record.requestBytes);
				record.requestBytes += slice.length;
				if (reached()) {
					request.pause().off('data', arrived).off('end', ended);
					// A drain would make it flow again, unread.
					sink?.off('drain', resume);
					if (target) target.write(slice, () => settle('limit'));
					else settle('limit');
				} else if (target?.write(slice) === false) {
					request.pause();
				}
				log.changed();
			};
			const arrived = (chunk: Buffer) => {
				this.params?.write(chunk);
				pass(chunk);
			};
			sink?.on('drain', resume).once('close', sinkGone);
			request.once('close', gone);
			for (const chunk of this.head.splice(0)) if (!reached()) pass(chunk);
			if (reached()) return;
			if (request.readableEnded) {
				ended();
				return;
			}
			request.on('data', arrived).once('end', ended);
			resume();
		});
	}
}
