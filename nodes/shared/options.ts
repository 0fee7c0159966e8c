import type { INodeProperties } from 'n8n-workflow';

import { MOST_AT_ONCE, SYNC_OPTIONS } from './sync-options';

/** Seconds. A longer timer fires at once: Node counts its milliseconds in 31 bits. */
const LONGEST_TIMEOUT = 2_147_483;

/** Every option of every operation and of the trigger. Two variants of one name differ in what is said of them, their values or their default. */
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
	ifExistsDownload: {
		displayName: 'If File Exists',
		name: 'ifExists',
		type: 'options',
		options: [
			{
				name: 'Overwrite',
				value: 'overwrite',
				description: 'Replace the file on disk, once the download is complete and verified',
			},
			{ name: 'Skip', value: 'skip', description: 'Keep the file on disk, whatever its content' },
			{
				name: 'Skip If Unchanged',
				value: 'skipUnchanged',
				description:
					'Keep the file on disk when it has the same size and content, otherwise replace it. That is known when the input item is the record of the file, as lists give it, or the output of an upload.',
			},
		],
		default: 'overwrite',
		description:
			'What to do when there already is a file of that name on disk. It matters only when Destination is File on Disk.',
	},
	ifExistsUpload: {
		displayName: 'If File Exists',
		name: 'ifExists',
		type: 'options',
		options: [
			{
				name: 'Keep Both',
				value: 'keepBoth',
				description: 'Upload the file; there may then be several of the same name',
			},
			{
				name: 'Replace',
				value: 'replace',
				description:
					'Upload the file, and once it is complete delete the older ones of the same name for good',
			},
			{
				name: 'Skip',
				value: 'skip',
				description: 'Upload nothing when there is a file of that name, whatever its content',
			},
			{
				name: 'Skip If Unchanged',
				value: 'skipUnchanged',
				description:
					'Upload nothing when the newest file of that name has the same size and content, otherwise replace it',
			},
		],
		default: 'keepBoth',
		description:
			'What to do when the chat, or the same place of another business, has a file of that name. Anything but Keep Both makes it safe to run the node again after a failure.',
	},
	includeExisting: {
		displayName: 'Include Existing Files',
		name: 'includeExisting',
		type: 'boolean',
		default: false,
		description:
			'Whether the files that are there when the workflow is first published come out too, the oldest first, 1,000 at most with each poll. Otherwise they are only remembered.',
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
	nameContains: {
		displayName: 'Name Contains',
		name: 'nameContains',
		type: 'string',
		default: '',
		placeholder: 'e.g. report',
		description:
			'Return only files whose name contains this text, in upper or lower case. Leave it empty to return all.',
	},
	onlyComplete: {
		displayName: 'Only Complete Files',
		name: 'onlyComplete',
		type: 'boolean',
		default: false,
		description:
			'Whether to return only files with the status ok. Otherwise uploads that are still on their way, or have failed, are in the list too.',
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
	uploadedAfter: {
		displayName: 'Uploaded After',
		name: 'uploadedAfter',
		type: 'dateTime',
		default: '',
		description:
			'Return only files that were uploaded after this time: a date, or a date and a time, in the time zone of the workflow where it names none. A file whose time of upload cannot be read is returned too, since it may be a new one. Leave it empty to return all.',
	},
	userId: {
		displayName: 'User ID',
		name: 'userId',
		type: 'string',
		default: '',
		placeholder: 'e.g. 1955228426376908801',
		description: 'User to act for, digits only. It replaces the User ID of the credential.',
	},
	watchExclude: {
		displayName: 'Exclude',
		name: 'exclude',
		type: 'string',
		default: '',
		placeholder: 'e.g. *.tmp, ~*',
		description:
			'Leave out files whose name matches one of these glob patterns, separated by commas. It wins over Include.',
	},
	watchInclude: {
		displayName: 'Include',
		name: 'include',
		type: 'string',
		default: '',
		placeholder: 'e.g. *.pdf, report*',
		description:
			'Only files whose name matches one of these glob patterns start the workflow, separated by commas. Leave it empty for every file.',
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
