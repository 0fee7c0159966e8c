import type { IDataObject } from 'n8n-workflow';

import {
	BIZ,
	InvalidInputError,
	PROFILES,
	resolveBaseUrl,
	UPLOAD_MODES,
	type Biz,
	type CallOptions,
	type UploadMode,
} from '../../client';
import { OPTIONS } from './options';
import type { ParameterReader } from './parameters';
import { asChoice, asFlag, asText, quoted } from './values';

export const CREDENTIAL = 'bddFileApi';

/** What a credential says, checked and with every default. */
export interface Credential {
	baseUrl: string;
	userId: string | undefined;
	/** The business that uploads belong to unless the node says otherwise. */
	biz: Biz;
	mode: UploadMode;
	allowUnauthorizedCerts: boolean;
}

/**
 * Reads a credential. A field that is absent has its default; one that is there must say something that exists, since
 * falling back would ask another environment, or file things under another business, without a word.
 *
 * @param data the credential's fields
 * @throws InvalidInputError that names the field, its value and the choices
 */
export function readCredential(data: IDataObject): Credential {
	const profile = given(data.profile, 'dev', (value) => asChoice(value, 'Profile', PROFILES));
	return {
		baseUrl: resolveBaseUrl(profile, profile === 'custom' ? asText(data.baseUrl, 'Base URL') : undefined),
		userId: asText(data.userId, 'User ID'),
		biz: given(data.biz, 'chat', (value) => asChoice(value, 'Business', BIZ)),
		mode: given(data.mode, 'auto', (value) => asChoice(value, 'Mode', UPLOAD_MODES)),
		allowUnauthorizedCerts: given(data.allowUnauthorizedCerts, false, (value) =>
			asFlag(value, 'Ignore SSL Issues (Insecure)'),
		),
	};
}

const given = <T>(value: unknown, otherwise: T, read: (value: unknown) => T): T =>
	value === undefined ? otherwise : read(value);

/** What every call takes of the panel and the credential: the user it is made for, the timeout and the tries. */
export function callOptions(parameters: ParameterReader, credential: Credential): CallOptions {
	return {
		userId: readUserId(parameters, credential),
		timeout: parameters.optionNumber(OPTIONS.timeout),
		maxTries: parameters.optionNumber(OPTIONS.maxTries),
	};
}

/**
 * The user id a call is made for: the option's where it was added, else the credential's.
 *
 * @throws InvalidInputError when there is none, or when it is not made of digits
 */
export function readUserId(parameters: ParameterReader, credential: Credential): string {
	const userId =
		parameters.optionFilledIn(
			OPTIONS.userId,
			'Enter the ID of the user to act for, or remove the option to act for the user of the credential.',
		) ?? credential.userId;
	if (userId === undefined) {
		throw new InvalidInputError('User ID is missing', {
			description: 'Enter a User ID in the credential, or add the option "User ID" to this node.',
		});
	}
	if (!/^\d{1,100}$/.test(userId)) {
		throw new InvalidInputError(`User ID ${quoted(userId)} is not a number`, {
			description: 'A User ID is made of digits only, such as 1955228426376908801.',
		});
	}
	return userId;
}
