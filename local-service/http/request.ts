import type { FastifyRequest } from 'fastify';
import { BIZ } from '../../client/api/wire';
import { InvalidRequest, type Problem } from '../errors';
import { isObject, toJson } from '../json';
import type { NewFile } from '../store/store';
import { Params } from './params';

/** What an endpoint knows of the request besides its own parameters. */
export interface Caller {
	userId: string;
	/** Problems found so far. */
	problems: Problem[];
}

/** Reads the header that every endpoint needs. A missing or invalid one is a problem, reported with the others. */
export const callerOf = (request: FastifyRequest): Caller => {
	const header = request.headers['x-user-id'];
	const userId = typeof header === 'string' ? header : undefined;
	const problems: Problem[] = [];
	const loc = ['header', 'x-user-id'];
	if (userId === undefined) problems.push({ type: 'missing', loc, msg: 'Field required', input: null });
	else if (!/^\d+$/.test(userId)) {
		const msg = "String should match pattern '^\\d+$'";
		problems.push({ type: 'string_pattern_mismatch', loc, msg, input: userId });
	}
	return { userId: userId ?? '', problems };
};

export const queryParams = (request: FastifyRequest, { problems }: Caller): Params =>
	new Params(isObject(request.query) ? request.query : {}, ['query'], problems);

/** Parameters of a JSON body, which the app hands on as text. */
export const bodyParams = (request: FastifyRequest, { problems }: Caller): Params =>
	Params.fromJson(typeof request.body === 'string' ? request.body : undefined, ['body'], problems);

/** The id in the query, or in the JSON body, of an endpoint that takes nothing else. */
export const fileIdOf = (request: FastifyRequest): string => {
	const caller = callerOf(request);
	const params = request.method === 'POST' ? bodyParams(request, caller) : queryParams(request, caller);
	const id = params.id('file_id');
	params.check();
	return id;
};

/** What both ways of uploading say about a file. Call `check` on the parameters before using it. */
export const newFile = (params: Params, userId: string): NewFile => {
	const filename = params.text('filename');
	const biz = params.choice('biz', BIZ);
	const hashcode = params.has('hashcode') ? params.text('hashcode') : '';
	const directoryId = params.has('directory_id') ? params.id('directory_id') : null;
	// What biz_params must hold depends on the biz: no use in judging it when that is wrong.
	params.check();
	const chatId = biz === 'chat' ? params.inside('biz_params').text('chat_id') : null;
	const bizParams = toJson(params.json('biz_params'));
	return { filename, hashcode, userId, biz, bizParams, chatId, directoryId, uploadAt: null };
};

/** A missing file part of a form. */
export const missingPart = (name: string, { problems }: Caller): InvalidRequest =>
	new InvalidRequest([
		...problems,
		{ type: 'missing', loc: ['body', name], msg: 'Field required', input: null },
	]);
