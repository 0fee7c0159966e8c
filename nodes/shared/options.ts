import type { INodeProperties } from 'n8n-workflow';

import { MOST_AT_ONCE, SYNC_OPTIONS } from './sync-options';

/** Seconds. A longer timer fires at once: Node counts its milliseconds in 31 bits. */
const LONGEST_TIMEOUT = 2_147_483;

/** Every option of every operation. Two variants of one name differ in what is said of them, their values or their default. */
export const OPTIONS = {
	...SYNC_OPTIONS,
	concurrentParts: {
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: MOST_AT_ONCE, numberPrecision: 0 },
		default: 4,
		description: 'How many parts of a multipart upload are sent at the same time',
	},
	downloadName: {
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: '',
		placeholder: 'e.g. report.pdf',
		description: 'Name to give the downloaded file. Leave it empty to use the name it has at the service.',
	},
	uploadName: {
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: '',
		placeholder: 'e.g. report.pdf',
		description: 'Name to upload the file under. Leave it empty to use the name of the binary data.',
	},
	ifMissing: {
		displayName: 'If File Is Missing',
		name: 'ifMissing',
		type: 'options',
		options: [
			{ name: 'Fail', value: 'fail', description: 'A file that does not exist is an error' },
			{ name: 'Skip', value: 'skip', description: 'The item gets the status skipped, with the reason' },
		],
		default: 'fail',
		description: 'What to do when there is no file with this ID, or no longer',
	},
	maxTries: {
		displayName: 'Tries per Request',
		name: 'maxTries',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 100, numberPrecision: 0 },
		default: 4,
		description:
			'How many times a request is tried in all when the connection breaks or the service is overloaded. Only what is safe to repeat is repeated.',
	},
	partSize: {
		displayName: 'Part Size (MiB)',
		name: 'partSize',
		type: 'number',
		typeOptions: { minValue: 5, maxValue: 5120 },
		default: 5,
		description:
			'Size of one part of a multipart upload, from 5 to 5120. It grows by itself for files that would need more than 10,000 parts.',
	},
	resume: {
		displayName: 'Resume',
		name: 'resume',
		type: 'boolean',
		default: true,
		description:
			'Whether to continue an unfinished multipart upload of the same file to the same chat, sending only the missing parts',
	},
	resumeFileId: {
		displayName: 'Resume File ID',
		name: 'resumeFileId',
		type: 'string',
		default: '',
		placeholder: 'e.g. 42',
		description:
			'ID of the unfinished multipart upload to continue. If it does not fit this file, the upload starts anew.',
	},
	timeout: {
		displayName: 'Timeout (Seconds)',
		name: 'timeout',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: LONGEST_TIMEOUT },
		default: 60,
		description:
			'Seconds without any progress after which a try of a request is given up. A transfer that moves may take as long as it needs.',
	},
	userId: {
		displayName: 'User ID',
		name: 'userId',
		type: 'string',
		default: '',
		placeholder: 'e.g. 1955228426376908801',
		description: 'User to act for, digits only. It replaces the User ID of the credential.',
	},
	verify: {
		displayName: 'Verify Content',
		name: 'verify',
		type: 'boolean',
		default: true,
		description:
			'Whether to check downloaded content against the MD5 or SHA-256 that the service knows. The length is always checked.',
	},
} satisfies Record<string, INodeProperties>;

/** The options every operation has, because every operation sends requests. */
const ALWAYS = ['maxTries', 'timeout', 'userId'] as const;

/** The collection "Options" of an operation, sorted by what the user reads. */
export function optionsField(...names: Array<keyof typeof OPTIONS>): INodeProperties {
	const options: INodeProperties[] = [...names, ...ALWAYS].map((name) => OPTIONS[name]);
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: options.sort((a, b) => (a.displayName < b.displayName ? -1 : 1)),
	};
}
