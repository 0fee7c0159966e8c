import type { BddFileApi, CallContext, UploadTarget } from './api/api';
import { InvalidInputError } from './api/errors';
import { quoted } from './api/text';
import * as given from './arguments';
import { callContext, uploadTarget } from './call';
import { Siblings } from './transfer/siblings';
import type { UploadSource } from './transfer/source';
import { uploadIfExists } from './transfer/upload/if-exists';
import { KeyedLock } from './transfer/upload/keyed-lock';
import { Place } from './transfer/upload/place';
import { uploadSettings } from './transfer/upload/settings';
import { uploadFile } from './transfer/upload/upload';
import {
	UPLOAD_IF_EXISTS,
	type ClientOptions,
	type UploadIfExistsOptions,
	type UploadOptions,
	type UploadOutcome,
	type UploadResult,
} from './types';

/** An upload with everything about it checked. */
interface Prepared {
	target: UploadTarget;
	context: CallContext;
	/** Sends it, whatever there is. */
	upload: () => Promise<UploadResult>;
	/** Uploads with the same one would take each other's file for their own. */
	key: string;
}

/** The uploads of one client. Those of one name to one place wait for each other. */
export class Uploads {
	private readonly locks = new KeyedLock();
	private readonly claimed = new Set<string>();

	constructor(
		private readonly api: BddFileApi,
		private readonly client: ClientOptions,
	) {}

	async upload(source: UploadSource, options: UploadOptions): Promise<UploadResult> {
		const { key, upload, context } = this.prepare(source, options);
		return await this.locks.run(key, upload, context);
	}

	async uploadIfExists(source: UploadSource, options: UploadIfExistsOptions): Promise<UploadOutcome> {
		const ifExists = given.oneOf(UPLOAD_IF_EXISTS, options.ifExists, 'If File Exists');
		const { siblings = new Siblings() } = options;
		const { key, upload, target, context } = this.prepare(source, options);
		const placeFor = (asked: CallContext) => new Place(this.api, target, asked);
		const looking = { api: this.api, source, siblings, context, placeFor, upload };
		const work = async () => {
			if (ifExists !== 'keepBoth') return await uploadIfExists({ ...looking, ifExists });
			const uploaded = await upload();
			siblings.keepFile(this.api.baseUrl, uploaded.fileId);
			return { status: 'uploaded' as const, ...uploaded, replaced: [] };
		};
		const inTurn = () => this.locks.run(key, work, context);
		return await siblings.uploading(source.fileName, inTurn, context);
	}

	/** @throws InvalidInputError */
	private prepare(source: UploadSource, options: UploadOptions): Prepared {
		if (source.fileName === '')
			throw new InvalidInputError('File name is empty', { description: 'Give the file a name.' });
		const target = uploadTarget(options, this.client);
		const context = callContext(`Uploading "${quoted(source.fileName)}"`, options, this.client);
		const settings = uploadSettings(options, this.client, this.claimed);
		const key = JSON.stringify([context.userId, target, source.fileName], (_, value: unknown) =>
			typeof value === 'bigint' ? String(value) : value,
		);
		return { target, context, key, upload: () => uploadFile(this.api, source, target, settings, context) };
	}
}
