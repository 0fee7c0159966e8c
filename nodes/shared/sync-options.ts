import type { INodeProperties } from 'n8n-workflow';

/** How many files or parts at most are under way at once. */
export const MOST_AT_ONCE = 100;

/** The options that only syncs have. Two variants of one name differ in their values, their default or what they do. */
export const SYNC_OPTIONS = {
	concurrentFiles: {
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: MOST_AT_ONCE, numberPrecision: 0 },
		default: 24,
		description:
			'How many files are transferred at the same time. Of large ones (above 5 MiB), at most 8 go up at once.',
	},
	conflict: {
		displayName: 'On Conflict',
		name: 'conflict',
		type: 'options',
		options: [
			{
				name: 'Keep Both',
				value: 'keepBoth',
				description:
					'The local version keeps the name, the chat\'s is kept beside it as "name (conflict ID).ext"',
			},
			{
				name: 'Newest Wins',
				value: 'newest',
				description:
					'The later one replaces the other, which is lost: time of the local file against time of the upload',
			},
			{
				name: 'Folder Wins',
				value: 'local',
				description: 'The local version replaces the one of the chat, which is lost',
			},
			{
				name: 'Chat Wins',
				value: 'remote',
				description: 'The version of the chat replaces the local one, which is lost',
			},
		],
		default: 'keepBoth',
		description:
			'What to do with a file that was edited on both sides since the last sync, or that differs at the first sync. Only Keep Both loses nothing.',
	},
	dryRun: {
		displayName: 'Dry Run',
		name: 'dryRun',
		type: 'boolean',
		default: false,
		description:
			'Whether to report what the sync would do, with the same field "action" on every item, without doing it',
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
	failIfAnyFailed: {
		displayName: 'Fail If Any File Failed',
		name: 'failIfAnyFailed',
		type: 'boolean',
		default: false,
		description:
			'Whether the node fails when a file failed. Everything else is done first; then the node fails with the counts and the first reasons. Otherwise a failed file is only an item with the status failed.',
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
		default: 'skipUnchanged',
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
	ifRunning: {
		displayName: 'If Already Running',
		name: 'ifRunning',
		type: 'options',
		options: [
			{ name: 'Wait', value: 'wait', description: 'Wait until the other sync has ended, then begin' },
			{
				name: 'Skip',
				value: 'skip',
				description: 'Nothing is done; one item with the status skipped says so',
			},
			{
				name: 'Fail',
				value: 'fail',
				description: 'The node fails, and says who has been syncing the folder and since when',
			},
		],
		default: 'wait',
		description:
			'What to do when another sync of the same folder is running, in any execution or on any machine that shares the folder. Only one runs at a time, or files would be uploaded twice.',
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
	maxDelete: {
		displayName: 'Max Delete (%)',
		name: 'maxDelete',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 100 },
		default: 50,
		description:
			'The brake of Propagate Deletions: when more than this share of the files known from earlier syncs (and more than 10 files) would be removed on a side, nothing at all is done and the node fails with both numbers. It catches a folder or a chat that was emptied by mistake.',
	},
	output: {
		displayName: 'Output',
		name: 'output',
		type: 'options',
		options: [
			{ name: 'All Files', value: 'all', description: 'One item for each file, also for unchanged ones' },
			{
				name: 'Changes Only',
				value: 'changes',
				description:
					'One item for each file but unchanged ones and those that an option leaves where they are, so none when nothing has changed',
			},
			{
				name: 'Summary',
				value: 'summary',
				description:
					'Always one item, with counts and the first 20 failures: best for schedules and large chats',
			},
		],
		default: 'all',
		description:
			'How much comes out of the node, which is also how much n8n stores of each execution. It changes nothing of what the sync does.',
	},
	propagateDeletesBoth: {
		displayName: 'Propagate Deletions',
		name: 'propagateDeletes',
		type: 'boolean',
		default: false,
		description:
			'Whether a file that is gone on one side is removed on the other too: from the folder into .bdd-file-trash, where it stays for the Days in Trash, and in the chat for good. Only an unchanged file that an earlier sync has seen on both sides is removed, and Max Delete (%) stops what is too much. Otherwise it comes back from the other side.',
	},
	propagateDeletesToLocal: {
		displayName: 'Propagate Deletions',
		name: 'propagateDeletes',
		type: 'boolean',
		default: false,
		description:
			'Whether a file that is gone in the chat is removed from the folder too. It is moved to .bdd-file-trash in the folder, where it stays for the Days in Trash. Only an unchanged file that an earlier sync has seen on both sides is removed, and Max Delete (%) stops what is too much.',
	},
	propagateDeletesToRemote: {
		displayName: 'Propagate Deletions',
		name: 'propagateDeletes',
		type: 'boolean',
		default: false,
		description:
			'Whether a file that is gone in the folder is deleted in the chat too, for good. Only an unchanged file that an earlier sync has seen on both sides is deleted, and Max Delete (%) stops what is too much.',
	},
	recursive: {
		displayName: 'Recursive',
		name: 'recursive',
		type: 'boolean',
		default: true,
		description:
			'Whether to upload the files of subfolders too. A chat has no folders: files keep their base name.',
	},
	trashDays: {
		displayName: 'Days in Trash',
		name: 'trashDays',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 36_500 },
		default: 30,
		description:
			'How many days a file that Propagate Deletions removes from the folder stays in .bdd-file-trash. With 0 it is removed at once and for good.',
	},
} satisfies Record<string, INodeProperties>;
