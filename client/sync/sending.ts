import type { Download, Step, Upload } from './steps';
import type { RemoteFile } from './trees';
import type { Planned } from './work';

/** A file that goes up: an upload, or what a conflict has brought down to be kept under another name. */
export interface Sending {
	planned: Planned<Upload> | Planned<Download>;
	/** Relative. */
	path: string;
	/** Bytes. */
	size: number;
	/** Milliseconds since 1970. */
	mtimeMs: number;
	replaces: RemoteFile | undefined;
	/** Must have succeeded before. */
	after: Step | undefined;
}

export function sendingOf(planned: Planned<Upload> | Planned<Download>): Sending {
	const { step } = planned;
	if (step.kind === 'download') {
		const { path, remote } = step;
		const mtimeMs = remote.uploadedMs ?? 0;
		return { planned, path, size: remote.size, mtimeMs, replaces: undefined, after: undefined };
	}
	const { local, replaces, after } = step;
	return { planned, path: local.path, size: local.size, mtimeMs: local.mtimeMs, replaces, after };
}
