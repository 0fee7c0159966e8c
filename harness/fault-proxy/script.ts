import type { ProxiedRequest } from './request-log';

/** How a connection ends: `reset` is a TCP RST, as after a crash; `fin` an orderly close in the middle of a message. */
export type Ending = 'reset' | 'fin';

/** An answer the proxy gives by itself; the service never sees the request. */
export interface OwnAnswer {
	status: number;
	headers?: Readonly<Record<string, string>>;
	/** A string or bytes go out as they are, anything else as JSON. */
	body?: unknown;
	/**
	 * Whether the request body is read to its end first (default). Without, the answer leaves at once with
	 * `Connection: close` and no further byte of the body is read, as from a gateway that refuses early.
	 */
	readBody?: boolean;
}

type FaultOf<Kind extends string, More = unknown> = { kind: Kind } & More;

export type CutRequest = FaultOf<'cutRequest', { afterBytes: number; ending: Ending }>;
export type StallRequest = FaultOf<'stallRequest', { afterBytes: number }>;
export type CutResponse = FaultOf<'cutResponse', { afterBytes: number; ending: Ending }>;
export type StallResponse = FaultOf<'stallResponse', { afterBytes: number }>;
export type DropAnswer = FaultOf<'dropAnswer', { ending: Ending }>;
export type StallAnswer = FaultOf<'stallAnswer'>;
export type CloseReused = FaultOf<'closeReused', { ending: Ending }>;
type Silence = FaultOf<'silence'>;
export type Answer = FaultOf<'answer', { answer: OwnAnswer }>;

export type Fault =
	| CutRequest
	| StallRequest
	| CutResponse
	| StallResponse
	| DropAnswer
	| StallAnswer
	| CloseReused
	| Silence
	| Answer;

/** What can go wrong with one exchange. Byte counts are of bodies, headers not included. */
export const faults = {
	/** The service gets `afterBytes` of the request body, then both connections break. */
	cutRequest: (afterBytes: number, ending: Ending = 'reset'): Fault => ({
		kind: 'cutRequest',
		afterBytes,
		ending,
	}),
	/** The client gets the head and `afterBytes` of the response body, then its connection breaks. */
	cutResponse: (afterBytes: number, ending: Ending = 'reset'): Fault => ({
		kind: 'cutResponse',
		afterBytes,
		ending,
	}),
	/** The service does the work and answers; the client's connection breaks before a byte of the answer. */
	dropAnswer: (ending: Ending = 'reset'): Fault => ({ kind: 'dropAnswer', ending }),
	/** The connection breaks when the client uses it again. Requests on fresh connections do not match. */
	closeReused: (ending: Ending = 'reset'): Fault => ({ kind: 'closeReused', ending }),
	/** The service gets `afterBytes` of the request body, then nobody reads or writes; nothing is closed. */
	stallRequest: (afterBytes: number): Fault => ({ kind: 'stallRequest', afterBytes }),
	/** The client gets the head and `afterBytes` of the response body, then nothing; nothing is closed. */
	stallResponse: (afterBytes: number): Fault => ({ kind: 'stallResponse', afterBytes }),
	/** The service does the work and answers; the client hears nothing; nothing is closed. */
	stallAnswer: (): Fault => ({ kind: 'stallAnswer' }),
	/** The request is read whole and never reaches the service; no answer; nothing is closed. */
	silence: (): Fault => ({ kind: 'silence' }),
	/** The proxy answers in the service's place. */
	answer: (status: number, options: Omit<OwnAnswer, 'status'> = {}): Fault => ({
		kind: 'answer',
		answer: { status, ...options },
	}),
} as const;

/**
 * Which requests: `'POST /uploadFilePart'`, `'/uploadFilePart'` (any method), `'*'`, or a pattern for the path. A path
 * matches at the end of the request's path, so base URLs with a path of their own need no special case.
 */
export type On = string | RegExp;

/** One line of a script. */
export interface Rule {
	on: On;
	/** Looks at the arrived request: headers, query, order. */
	when?: (request: ProxiedRequest) => boolean;
	/**
	 * Looks at the decoded `params` field of a multipart body, or at a JSON body. The body is read ahead (1 MiB at most)
	 * until they are known; a request without them does not match.
	 */
	params?: (params: Readonly<Record<string, unknown>>) => boolean;
	/** The first matching request the rule acts on, counted from 1. Default 1. */
	nth?: number;
	/** On how many matching requests in a row it acts. Default 1; `Infinity` for all. */
	times?: number;
	/** Before the request goes anywhere: milliseconds, or a promise to wait for. */
	wait?: number | Promise<unknown>;
	/** Without one the exchange passes (after `wait`). */
	fault?: Fault;
}

/** Whether `request` is one of those `on` names. */
export function isOn(on: On, request: Pick<ProxiedRequest, 'method' | 'path'>): boolean {
	if (on instanceof RegExp) return on.test(request.path);
	if (on === '*') return true;
	const space = on.indexOf(' ');
	if (space >= 0 && on.slice(0, space) !== request.method) return false;
	return request.path.endsWith(on.slice(space + 1));
}

/**
 * The rules in the order they were given. A request is offered to one rule after the other; a rule whose turn has not
 * come or is over counts it and lets it pass on; the first rule that acts on it takes it, and later rules never see it.
 */
export class Script {
	private readonly lines: { rule: Rule; seen: number }[] = [];

	add(rules: readonly Rule[]): void {
		this.lines.push(...rules.map((rule) => ({ rule, seen: 0 })));
	}

	clear(): void {
		this.lines.length = 0;
	}

	/** Whether the decision about this request has to look into its body. */
	needsParams(request: ProxiedRequest): boolean {
		return this.lines.some(
			({ rule, seen }) => rule.params !== undefined && seen < lastTurn(rule) && isOn(rule.on, request),
		);
	}

	/** The rule that acts on this request, which is thereby used once. */
	take(request: ProxiedRequest): Rule | undefined {
		for (const line of this.lines) {
			if (!matches(line.rule, request)) continue;
			line.seen += 1;
			if (line.seen >= (line.rule.nth ?? 1) && line.seen <= lastTurn(line.rule)) return line.rule;
		}
		return undefined;
	}

	/** Rules with turns left (those for `Infinity` turns: that never acted). A finished scenario has none. */
	unused(): Rule[] {
		return this.lines
			.filter(({ rule, seen }) => seen < (rule.times === Infinity ? (rule.nth ?? 1) : lastTurn(rule)))
			.map(({ rule }) => rule);
	}
}

function lastTurn(rule: Rule): number {
	return (rule.nth ?? 1) + (rule.times ?? 1) - 1;
}

function matches(rule: Rule, request: ProxiedRequest): boolean {
	if (!isOn(rule.on, request)) return false;
	if (rule.fault?.kind === 'closeReused' && !request.reused) return false;
	if (rule.when && !rule.when(request)) return false;
	return !rule.params || (request.params !== undefined && rule.params(request.params));
}
