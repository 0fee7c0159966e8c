import type { Case } from './case';
import { CLIENT, ERRORS } from './client';
import { UPLOAD } from './upload';
import { DOWNLOAD, LISTS } from './download';
import { TO_LOCAL } from './to-local';
import { TO_REMOTE } from './to-remote';

export const CASES: readonly Case[] = [
	...CLIENT,
	...UPLOAD,
	...DOWNLOAD,
	...LISTS,
	...TO_LOCAL,
	...TO_REMOTE,
	...ERRORS,
];
