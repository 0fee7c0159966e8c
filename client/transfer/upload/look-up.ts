import type { BddFileApi, CallContext, UploadDescription, UploadTarget } from '../../api/api';
import { compareIds } from '../../api/ids';
import { listAll } from '../../api/list';
import { uploadTime } from '../../api/upload-time';
import type { FileInfo } from '../../api/wire';

/** The service's `Date` header counts whole seconds, and clocks are never quite alike. */
const CLOCK_TOLERANCE_MS = 3_000;

/** The chat that an upload goes to, or undefined for another biz, whose files cannot be listed. */
export function chatOf({ biz, bizParams }: UploadTarget): string | undefined {
	if (biz !== 'chat' || typeof bizParams !== 'object' || bizParams === null) return undefined;
	const chatId = (bizParams as { chat_id?: unknown }).chat_id;
	return typeof chatId === 'string' ? chatId : undefined;
}

/** The chat's files of this very name, size and MD5, the newest first. */
export async function namesakes(
	api: BddFileApi,
	chatId: string,
	file: UploadDescription,
	md5: string,
	context: CallContext,
): Promise<FileInfo[]> {
	const files = await listAll((page) => api.listChatFiles(chatId, page, context));
	return files
		.filter(
			({ filename, size, hashcode }) =>
				filename === file.fileName && size === file.size && hashcode.toLowerCase() === md5,
		)
		.sort((a, b) => compareIds(b.id, a.id));
}

/**
 * Whether a file came into being after a moment of our clock, by the service's clock.
 *
 * @param startedAt milliseconds since the epoch, ours
 * @param clockSkewMs the service's clock minus ours
 */
export function isNewerThan(file: FileInfo, startedAt: number, clockSkewMs: number): boolean {
	const uploadedAt = uploadTime(file.upload_at)?.getTime() ?? 0;
	return uploadedAt >= startedAt + clockSkewMs - CLOCK_TOLERANCE_MS;
}
