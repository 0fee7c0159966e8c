/** Uploads of one content in two parts, to a service that is wrong in one thing at a time. */
import { randomBytes } from 'node:crypto';

import { bufferSource, type UploadOptions } from '../../client';
import type { Scenario } from '../hostile/support/scenario';
import type { HostileService } from '../hostile/support/service';
import { CHAT } from '../hostile/support/store';
import { MIB } from './support';

export const SMALL = randomBytes(1000);
/** Two parts. */
export const CONTENT = randomBytes(6 * MIB);
export const IN_PARTS = { mode: 'multipart', chatId: CHAT } as const;

export const upload = ({ client }: Scenario, more: UploadOptions = {}, bytes = CONTENT) =>
	client.upload(bufferSource('a.bin', bytes), { ...IN_PARTS, ...more });

/** The part numbers that arrived, in ascending order, each as often as it did. */
export const partsOf = (service: HostileService) =>
	service.calls
		.filter(({ endpoint }) => endpoint === 'uploadFilePart')
		.map(({ params }) => Number(params['part_number']))
		.sort((a, b) => a - b);
