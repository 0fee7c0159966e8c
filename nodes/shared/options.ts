import type { INodeProperties } from 'n8n-workflow';

/** How many files or parts at most are under way at once. */
const MOST_AT_ONCE = 100;

/** Seconds. A longer timer fires at once: Node counts its milliseconds in 31 bits. */
const LONGEST_TIMEOUT = 2_147_483;

/** Every option of every operation. Two variants of one name differ in their values or their default. */
export const OPTIONS = {
	concurrentFiles: {
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: MOST_AT_ONCE, numberPrecision: 0 },
		default: 24,
		description: 'How many files are transferred at the same time',
	},
	concurrentParts: {
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: MOST_AT_ONCE, numberPrecision: 0 },
		default: 4,
		description: 'How many parts of a multipart upload are sent at the same time',
	},
	dryRun: {
		displayName: 'Dry Run',
		name: 'dryRun',
		type: 'boolean',
		default: false,
		description: 'Whether to report what the sync would do without doing it',
	},
	duplicateNames: {
		displayName: 'Duplicate Names',
		name: 'duplicateNames',
		type: 'options',
		options: [
			{
				name: 'Fail',
				value: 'fail',
				description: 'Every file whose name occurs more than once fails',
			},
			{
				name: 'Keep the Newest Only',
				value: 'newest',
				description: 'The newest file is downloaded, the others are skipped',
			},
			{
				name: 'Rename by ID',
				value: 'renameById',
				description: 'The oldest file keeps the name, the others get their ID before the extension',
			},
		],
		default: 'renameById',
		description: 'What to do when several files of the chat have the same name',
	},
	exclude: {
		displayName: 'Exclude',
		name: 'exclude',
		type: 'string',
		default: '',
		placeholder: 'e.g. *.tmp, drafts/**',
		description:
			'Leave out files that match one of these glob patterns, separated by commas. It wins over Include.',
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
	ifExistsLocally: {
		displayName: 'If File Exists',
		name: 'ifExists',
		type: 'options',
		options: [
			{
				name: 'Overwrite',
				value: 'overwrite',
				description: 'Download the file again and replace the local one',
			},
			{ name: 'Skip', value: 'skip', description: 'Keep the local file, whatever its content' },
			{
				name: 'Skip If Unchanged',
				value: 'skipUnchanged',
				description: 'Keep the local file when it has the same size and content, otherwise replace it',
			},
		],
		default: 'overwrite',
		description: 'What to do with a file that is already in the local folder',
	},
	ifExistsRemotely: {
		displayName: 'If File Exists',
		name: 'ifExists',
		type: 'options',
		options: [
			{
				name: 'Overwrite',
				value: 'overwrite',
				description: 'Upload the file again, then delete the old one',
			},
			{
				name: 'Skip',
				value: 'skip',
				description: 'Leave the file of the chat as it is, whatever its content',
			},
			{
				name: 'Skip If Unchanged',
				value: 'skipUnchanged',
				description: 'Leave the file of the chat when it has the same size and content, otherwise replace it',
			},
		],
		default: 'skip',
		description: 'What to do when the chat already has a file of that name',
	},
	include: {
		displayName: 'Include',
		name: 'include',
		type: 'string',
		default: '',
		placeholder: 'e.g. *.pdf, reports/**',
		description:
			'Sync only files that match one of these glob patterns, separated by commas. Leave it empty for every file.',
	},
	maxTries: {
		displayName: 'Max Tries',
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
	recursive: {
		displayName: 'Recursive',
		name: 'recursive',
		type: 'boolean',
		default: true,
		description:
			'Whether to upload the files of subfolders too. A chat has no folders: files keep their base name.',
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
		displayName: 'Timeout',
		name: 'timeout',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: LONGEST_TIMEOUT },
		default: 60,
		description:
			'Seconds without any progress after which a request is given up. A transfer that moves may take as long as it needs.',
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
