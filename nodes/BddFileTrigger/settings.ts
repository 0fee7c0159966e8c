import { createHash } from 'node:crypto';

import type { IPollFunctions } from 'n8n-workflow';

import { pathFilter, type BddFileClient, type CallOptions, type PathFilter } from '../../client';
import type { ClientPool } from '../shared/clients';
import { callOptions, CREDENTIAL, readCredential } from '../shared/credential';
import { OUTPUT_BINARY_ADVICE } from '../shared/fields';
import { OPTIONS } from '../shared/options';
import { ParameterReader } from '../shared/parameters';
import {
	binaryField,
	downloadFilesField,
	WATCHED,
	watchedChatField,
	watchedDirectoryField,
	watchField,
	type Watched,
} from './properties';

/** What is watched, and what comes out. Everything in it has been validated. */
export interface Settings {
	client: BddFileClient;
	call: CallOptions;
	watched: Watched;
	/** Of the chat or the directory. */
	id: string;
	/** Tells one list of one service from all others; without a secret or a name in it. */
	scope: string;
	/** The binary field that gets the content; undefined when none is asked for. */
	field: string | undefined;
	/** Files that are there when the trigger begins come out too. */
	includeExisting: boolean;
	/** Which names come out. */
	filter: PathFilter;
}

/** @throws InvalidInputError in the words of the panel, before any request is sent */
export async function readSettings(n8n: IPollFunctions, clients: ClientPool): Promise<Settings> {
	const credential = readCredential(await n8n.getCredentials(CREDENTIAL));
	const parameters = new ParameterReader((name, options) => n8n.getNodeParameter(name, null, options));
	const watched = parameters.choice(watchField, WATCHED);
	const id =
		watched === 'chat'
			? parameters.text(watchedChatField, 'Enter the ID of the chat whose new files start the workflow.')
			: parameters.id(watchedDirectoryField);
	const field = parameters.flag(downloadFilesField)
		? parameters.text(binaryField, OUTPUT_BINARY_ADVICE)
		: undefined;
	const client = clients.get(credential);
	return {
		client,
		call: callOptions(parameters, credential),
		watched,
		id,
		scope: createHash('sha256')
			.update(JSON.stringify([client.baseUrl, watched, id]))
			.digest('base64url')
			.slice(0, 22),
		field,
		includeExisting: parameters.optionFlag(OPTIONS.includeExisting) ?? false,
		filter: pathFilter(
			parameters.optionPatterns(OPTIONS.watchInclude),
			parameters.optionPatterns(OPTIONS.watchExclude),
		),
	};
}
