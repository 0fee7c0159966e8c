import { basename } from 'node:path';

import type { IDataObject, INodeProperties } from 'n8n-workflow';

import {
	BIZ,
	diskSource,
	InvalidInputError,
	NotReplacedError,
	parseExactJson,
	UPLOAD_IF_EXISTS,
	UPLOAD_MODES,
	type UploadIfExists,
	type UploadOptions,
	type UploadOutcome,
	type UploadSource,
} from '../../../../client';
import { chatIdField, filePathField, splitByStatusField } from '../../../shared/fields';
import { allowFile, isFolder } from '../../../shared/file-policy';
import { OPTIONS, optionsField } from '../../../shared/options';
import { TOOL_ONLY } from '../../../shared/tool';
import { quoted } from '../../../shared/values';
import { binaryFields, binarySource, fileNameOf } from '../../binary-input';
import { attempt, type ItemRun, type OperationEntry, type Outcome } from '../../operation';

const FROM_CREDENTIAL = 'default';

export const entry: OperationEntry = {
	name: 'Upload',
	value: 'upload',
	action: 'Upload a file',
	description: 'Upload binary data, or a file on disk, as a file of a chat or another business',
};

export const forModel =
	'Upload a file that exists already (an attachment, or a file on disk) to a chat. The answer has its file ID. It cannot create a file from text that you write.';

const SOURCES = ['binary', 'path'] as const;

const sourceField: INodeProperties = {
	displayName: 'Source',
	name: 'source',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Binary Data',
			value: 'binary',
			description: 'Files of the input item, as other nodes output them',
		},
		{
			name: 'File on Disk',
			value: 'path',
			description: 'A file of the machine that runs n8n, without a detour through the storage of n8n',
		},
	],
	default: 'binary',
	description: 'Where the file is now',
};

const inputField: INodeProperties = {
	displayName: 'Input Data Field Name',
	name: 'binaryPropertyName',
	type: 'string',
	required: true,
	default: 'data',
	displayOptions: { show: { source: ['binary'] } },
	hint: 'One field, several separated by commas, or * for every file of the item',
	placeholder: 'e.g. data',
	description:
		'Name of the binary field to upload, several names separated by commas, or * for every binary field of the item. Each file gives one output item.',
};

const toolNotice: INodeProperties = {
	displayName:
		"A tool gets no binary data from its agent. Let an expression take the files from another node: {{ $('When chat message received').first().binary }} for all files of a chat message, or a single one of them.",
	name: 'toolNotice',
	type: 'notice',
	displayOptions: { show: { ...TOOL_ONLY, source: ['binary'] } },
	default: '',
};

const bizField: INodeProperties = {
	displayName: 'Business',
	name: 'biz',
	type: 'options',
	options: [
		{ name: 'Chat', value: 'chat', description: 'The file belongs to a chat' },
		{
			name: 'From Credential',
			value: FROM_CREDENTIAL,
			description: 'The business that is set in the credential',
		},
		{ name: 'Knowledge Base', value: 'knowledgeBase', description: 'The file belongs to a knowledge base' },
		{ name: 'Zero2x', value: 'zero2x', description: 'The file belongs to Zero2x' },
	],
	default: FROM_CREDENTIAL,
	description: 'The part of the BDD platform that the file belongs to',
};

const bizParamsField: INodeProperties = {
	displayName: 'Business Parameters',
	name: 'bizParams',
	type: 'json',
	displayOptions: { show: { biz: ['knowledgeBase', 'zero2x', FROM_CREDENTIAL] } },
	default: '{}',
	description:
		'What a business other than chat needs to know about the file: a JSON object that is passed on as it is',
};

const modeField: INodeProperties = {
	displayName: 'Mode',
	name: 'mode',
	type: 'options',
	options: [
		{ name: 'Auto', value: 'auto', description: 'Simple up to 100 MiB, multipart above' },
		{
			name: 'From Credential',
			value: FROM_CREDENTIAL,
			description: 'The mode that is set in the credential',
		},
		{
			name: 'Multipart',
			value: 'multipart',
			description: 'In parts that are retried one by one; an interrupted upload can be continued',
		},
		{ name: 'Simple', value: 'simple', description: 'In one request' },
	],
	default: FROM_CREDENTIAL,
	description: 'How the file is sent',
};

export const description: INodeProperties[] = [
	sourceField,
	inputField,
	toolNotice,
	{ ...filePathField, displayOptions: { show: { source: ['path'] } } },
	bizField,
	{
		...chatIdField,
		required: false,
		displayOptions: { show: { biz: ['chat', FROM_CREDENTIAL] } },
		description:
			'ID of the chat that gets the file; required when the business is chat. By default it is taken from the input item: its chatId or chat_id, that of the record of a file, or the sessionId that the Chat Trigger gives.',
	},
	bizParamsField,
	modeField,
	splitByStatusField,
	optionsField('concurrentParts', 'ifExistsUpload', 'uploadName', 'partSize', 'resume', 'resumeFileId'),
];

/** Uploads the item's files one after the other; everything about all of them is checked before the first is sent. */
export async function execute(run: ItemRun): Promise<Outcome[]> {
	const { parameters, client, call, siblings } = run;
	const ifExists = parameters.optionChoice(OPTIONS.ifExistsUpload, UPLOAD_IF_EXISTS) ?? 'keepBoth';
	const options = { ...uploadOptions(run), ...call, ifExists, siblings };
	const fileName = parameters.optionText(OPTIONS.uploadName);
	const fromDisk = parameters.choice(sourceField, SOURCES) === 'path';
	const sources = fromDisk ? [await sourceOnDisk(run, fileName)] : await binarySources(run, fileName);

	const outcomes: Outcome[] = [];
	for (const source of sources) {
		const outcome = await attempt({ fileName: source.fileName }, async () => {
			return { json: itemOf(await client.uploadIfExists(source, options), ifExists) };
		});
		if (!outcome.ok && outcome.error instanceof NotReplacedError) {
			outcome.subject = { ...outcome.subject, fileId: outcome.error.fileId };
		}
		outcomes.push(outcome);
		if (!outcome.ok && run.stopsAtFailure) break;
	}
	return outcomes;
}

async function binarySources(
	{ n8n, itemIndex, parameters }: ItemRun,
	fileName: string | undefined,
): Promise<UploadSource[]> {
	const fields = binaryFields(n8n, itemIndex, parameters.raw(inputField));
	if (fileName !== undefined && fields.length > 1) {
		throw new InvalidInputError('File Name cannot be set for several files at once', {
			description: 'Remove the option "File Name", or name a single field in "Input Data Field Name".',
		});
	}
	return await Promise.all(fields.map((field) => binarySource(n8n, field, fileName ?? fileNameOf(field))));
}

/** n8n's file-access policy is asked before the file is opened, and again for what was opened. */
async function sourceOnDisk(
	{ n8n, parameters }: ItemRun,
	fileName: string | undefined,
): Promise<UploadSource> {
	const given = parameters.text(
		filePathField,
		'Enter the absolute path of a file on the machine that runs n8n.',
	);
	const { path, isPathAllowed } = await allowFile(n8n.helpers, given, filePathField.displayName);
	if (await isFolder(path)) {
		throw new InvalidInputError(`${filePathField.displayName} ${quoted(given)} is a folder`, {
			description: 'Name one file. For all files of a folder there is the operation "Sync Folder to Chat".',
		});
	}
	return await diskSource(path, fileName ?? basename(path), isPathAllowed);
}

const SKIPPED = {
	exists: 'A file of this name is there already',
	unchanged: 'The same file is there already',
} as const;

function itemOf(outcome: UploadOutcome, ifExists: UploadIfExists): IDataObject {
	if (outcome.status === 'skipped') return { ...outcome, reason: SKIPPED[outcome.reason] };
	const { replaced, ...uploaded } = outcome;
	return { ...uploaded, status: 'success', ...(ifExists !== 'keepBoth' && { replaced }) };
}

function uploadOptions({ parameters, defaultBiz }: ItemRun): UploadOptions {
	const biz = parameters.choice(bizField, [FROM_CREDENTIAL, ...BIZ]);
	const mode = parameters.choice(modeField, [FROM_CREDENTIAL, ...UPLOAD_MODES]);
	const effectiveBiz = biz === FROM_CREDENTIAL ? defaultBiz : biz;
	return {
		biz: effectiveBiz,
		mode: mode === FROM_CREDENTIAL ? undefined : mode,
		...(effectiveBiz === 'chat'
			? {
					chatId: parameters.text(
						chatIdField,
						'Files of the business "chat" belong to a chat: enter its ID, or choose another business.',
					),
				}
			: { bizParams: jsonObject(parameters.raw(bizParamsField) ?? '{}') }),
		partSize: parameters.optionNumber(OPTIONS.partSize),
		concurrency: parameters.optionNumber(OPTIONS.concurrentParts),
		resume: parameters.optionFlag(OPTIONS.resume),
		resumeFileId: parameters.optionText(OPTIONS.resumeFileId),
	};
}

/** Integers beyond 2^53 in the text arrive at the service unchanged. */
function jsonObject(value: unknown): unknown {
	const parsed = typeof value === 'string' ? parse(value) : value;
	if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
	throw new InvalidInputError('Business Parameters are not a JSON object', {
		description: 'Write them in braces, such as {"space": "docs"}.',
	});
}

function parse(text: string): unknown {
	try {
		return parseExactJson(text);
	} catch (cause) {
		throw notJson(cause);
	}
}

const notJson = (cause: unknown) =>
	new InvalidInputError('Business Parameters are not valid JSON', {
		description: 'Write a JSON object with names and texts in double quotes, such as {"space": "docs"}.',
		cause,
	});
