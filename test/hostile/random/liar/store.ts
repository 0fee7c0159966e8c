/**
 * The truth: what the service holds, which no answer can change. Honest in itself: rules of multipart uploads, merging,
 * and who is where. What the lists show of it, and when, is `lists.ts`; what the answers make of it is the liar's.
 */
import { bytesOf, contentByMd5, digestOf, digestOfBytes, type Digest } from '../content';
import { CHATS, USER_ID, type InitialFile, type ServiceSettings } from '../scenario';

/** Where a file belongs; for biz `chat` the key is the chat's id. */
export interface Place {
	biz: string;
	key: string;
	bizParams: unknown;
}

export interface StoredFile {
	/** Decimal digits. */
	id: string;
	name: string;
	place: Place;
	/** As announced; for a complete file, as it is. */
	size: number;
	/** What the uploader sent. */
	hashcode: string;
	userId: string;
	/** By our clock. */
	storedAt: number;
	/** `held` becomes `ok` or `error` at `readyAt`, and is `merging` until then. */
	state: 'held' | 'uploading' | 'error';
	readyAt: number;
	endsAs: 'ok' | 'error';
	/** Of the bytes; undefined while they are not complete. */
	digest?: Digest;
	parts?: { partSize: number; received: Map<number, Buffer> };
	/** Was there before the call, or somebody else has uploaded it since. */
	from: 'before' | 'others' | 'call';
	/** Is known to the lists only from then on. */
	listedAt: number;
}

/** A refusal in the service's words. */
export class Refusal extends Error {}

const FIRST_ID = 1000n;
const FIRST_BIG_ID = 9_007_199_254_741_000n;
const PART_BYTES = 5 * 1024 * 1024;

export class Store {
	readonly files = new Map<string, StoredFile>();
	/** Every file there ever was. */
	readonly ever = new Map<string, StoredFile>();
	/** The initial files of the scenario, in its order. */
	readonly initial: StoredFile[] = [];
	private nextId: bigint;

	constructor(readonly settings: ServiceSettings) {
		this.nextId = settings.bigIds ? FIRST_BIG_ID : FIRST_ID;
		for (const file of settings.files) this.initial.push(this.add(file, 'before'));
		for (let number = 0; number < settings.crowd; number += 1) this.addCrowd(number, 'before');
	}

	/** One more of the chat's many small files. */
	addCrowd(number: number, from: 'before' | 'others'): void {
		const file: InitialFile = {
			name: `crowd-${number}.txt`,
			biz: 'chat',
			chat: 0,
			content: 0,
			hash: 'md5',
			status: 'ok',
			begun: false,
			ageSeconds: from === 'before' ? 9000 : 0,
		};
		this.add(file, from);
	}

	/** A file that the call has not uploaded. */
	add(file: InitialFile, from: 'before' | 'others'): StoredFile {
		const digest = digestOf(file.content);
		const chatId = CHATS[file.chat] ?? CHATS[0];
		const uploading = file.status === 'uploading';
		const complete = file.status === 'ok' || file.status === 'merging';
		const storedAt = Date.now() - file.ageSeconds * 1000;
		const hashes = { md5: digest.md5, sha256: digest.sha256, none: '', other: 'etag-1' };
		const record: StoredFile = {
			id: this.newId(),
			name: file.name,
			place: file.biz === 'chat' ? placeOf('chat', { chat_id: chatId }) : placeOf(file.biz, {}),
			size: digest.size,
			hashcode: hashes[file.hash],
			userId: USER_ID,
			storedAt,
			state: uploading ? 'uploading' : complete ? 'held' : 'error',
			readyAt: file.status === 'merging' ? Date.now() + this.settings.mergeMs : 0,
			endsAs: 'ok',
			...(complete && { digest }),
			from,
			listedAt: 0,
		};
		if (uploading) {
			const received = new Map<number, Buffer>();
			if (file.begun && digest.size > 0) received.set(1, bytesOf(file.content).subarray(0, PART_BYTES));
			record.parts = { partSize: PART_BYTES, received };
		}
		return this.keep(record);
	}

	/** POST /uploadSimpleFile. */
	addSimple(meta: NewFile, digest: Digest): StoredFile {
		if (meta.size !== undefined && meta.size !== digest.size) throw new Refusal('file size mismatch');
		const file = this.keep({ ...this.fresh(meta, digest.size), state: 'held', digest });
		file.readyAt = Date.now() + this.settings.mergeMs;
		return file;
	}

	/** POST /initMultipartUploadFile. */
	begin(meta: NewFile, partSize: number): StoredFile {
		if (!(partSize > 0) || !(Number(meta.size) >= 0)) throw new Refusal('invalid part size');
		const file = this.keep({ ...this.fresh(meta, Number(meta.size)), state: 'uploading' });
		file.parts = { partSize, received: new Map() };
		return file;
	}

	/** POST /uploadFilePart. */
	addPart(id: string, number: number, bytes: Buffer): void {
		const file = this.get(id);
		const { parts } = file;
		if (file.state !== 'uploading' || !parts) throw new Refusal('file is not uploading');
		const count = partCount(file);
		if (!Number.isInteger(number) || number < 1 || number > count)
			throw new Refusal('part number out of range');
		const wanted = number < count ? parts.partSize : file.size - (count - 1) * parts.partSize;
		if (bytes.length !== wanted) throw new Refusal('part size mismatch');
		if (parts.received.has(number)) throw new Refusal('part already uploaded');
		parts.received.set(number, bytes);
	}

	/** POST /completeMultipartUpload. */
	complete(id: string): void {
		const file = this.get(id);
		const { parts } = file;
		if (file.state !== 'uploading' || !parts) throw new Refusal('file is not uploading');
		const numbers = [...parts.received.keys()].sort((a, b) => a - b);
		if (numbers.length < partCount(file)) throw new Refusal('some parts not uploaded');
		file.digest = digestOfBytes(
			Buffer.concat(numbers.map((number) => parts.received.get(number) ?? Buffer.alloc(0))),
		);
		delete file.parts;
		file.state = 'held';
		file.readyAt = Date.now() + this.settings.mergeMs;
		file.endsAs = this.settings.afterMerge;
	}

	/** POST /abortMultipartUpload. */
	abort(id: string): void {
		const file = this.get(id);
		if (file.state !== 'uploading') throw new Refusal('file is not uploading');
		delete file.parts;
		file.state = 'error';
	}

	delete(id: string): void {
		this.get(id);
		this.files.delete(id);
	}

	get(id: string): StoredFile {
		const file = this.files.get(id);
		if (!file) throw new Refusal('file not found');
		return file;
	}

	/** The bytes of a complete file. */
	bytes(file: StoredFile): Buffer {
		const content = statusOf(file) === 'ok' && file.digest ? contentByMd5(file.digest.md5) : undefined;
		if (content === undefined) throw new Refusal('file not found');
		return bytesOf(content);
	}

	private fresh(meta: NewFile, size: number): StoredFile {
		const { name, place, hashcode, userId } = meta;
		const storedAt = Date.now();
		const listedAt = storedAt + this.settings.lagMs;
		const rest = { storedAt, listedAt, state: 'error' as const, readyAt: 0, endsAs: 'ok' as const };
		return { id: this.newId(), name, place, size, hashcode, userId, from: 'call', ...rest };
	}

	private keep(file: StoredFile): StoredFile {
		this.files.set(file.id, file);
		this.ever.set(file.id, file);
		return file;
	}

	private newId(): string {
		this.nextId += 1n;
		return String(this.nextId);
	}
}

/** What an upload says of its file. */
export interface NewFile {
	name: string;
	place: Place;
	size: number | undefined;
	hashcode: string;
	userId: string;
}

export function placeOf(biz: string, bizParams: unknown): Place {
	const { chat_id: chatId } = (bizParams ?? {}) as { chat_id?: unknown };
	return { biz, bizParams, key: biz === 'chat' ? String(chatId) : '' };
}

export function statusOf(file: StoredFile, now = Date.now()): 'ok' | 'merging' | 'uploading' | 'error' {
	if (file.state !== 'held') return file.state;
	return now < file.readyAt ? 'merging' : file.endsAs;
}

export function partCount({ size, parts }: StoredFile): number {
	return parts ? Math.ceil(size / parts.partSize) : 0;
}
