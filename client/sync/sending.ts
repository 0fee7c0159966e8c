import type { Checksum } from '../transfer/hash';
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
	/** Of the local file, as far as there was a reason to read it. */
	checksums: readonly Checksum[];
	replaces: RemoteFile | undefined;
	/** Must have succeeded before. */
	after: Step | undefined;
}

export function sendingOf(planned: Planned<Upload> | Planned<Download>): Sending {
	const { step } = planned;
	if (step.kind === 'download') {
		const { path, remote } = step;
		const mtimeMs = remote.uploadedMs ?? 0;
		const { size } = remote;
		return { planned, path, size, mtimeMs, checksums: [], replaces: undefined, after: undefined };
	}
	const { local, replaces, after } = step;
	const { path, size, mtimeMs, checksums = [] } = local;
	return { planned, path, size, mtimeMs, checksums, replaces, after };
}
