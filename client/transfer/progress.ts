import type { Logger } from '../types';

/** Transfers shorter than this say nothing. */
const INTERVAL_MS = 5_000;

/** `1536` becomes `1.5 KiB`. */
export function formatBytes(bytes: number): string {
	if (bytes < 1024) return `${Math.round(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
	const units = ['KiB', 'MiB', 'GiB', 'TiB'];
	const exponent = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
	return `${(bytes / 1024 ** exponent).toFixed(1)} ${units[exponent - 1] ?? ''}`;
}

/** Reports a long transfer to the operator's log, every five seconds: how far, how much, how fast. */
export class Progress {
	private readonly startedAt: number;
	private reportedAt: number;
	/** How far it is. */
	private bytes = 0;
	private files = 0;
	/** What was carried over the line, bytes that were sent again included: the rate is of these. */
	private moved = 0;

	/**
	 * @param action the beginning of the sentence: `Uploading "a.bin"`
	 * @param total what there is to do, as far as it is known
	 * @param now milliseconds since the epoch
	 */
	constructor(
		private readonly logger: Logger | undefined,
		private readonly action: string,
		private readonly total: { bytes?: number | undefined; files?: number | undefined },
		private readonly now: () => number = Date.now,
	) {
		this.startedAt = this.reportedAt = now();
	}

	/**
	 * How far it is, without a byte moved: an earlier run has brought it there, or an attempt failed and its bytes have to
	 * be sent again.
	 */
	setTo(bytes: number): void {
		this.bytes = bytes;
	}

	add(bytes: number, files = 0): void {
		this.bytes += bytes;
		this.moved += bytes;
		this.files += files;
		const now = this.now();
		if (now - this.reportedAt < INTERVAL_MS) return;
		this.reportedAt = now;
		const of = (total: number | undefined, format: (value: number) => string) =>
			total === undefined ? '' : ` of ${format(total)}`;
		const rate = formatBytes(this.moved / ((now - this.startedAt) / 1000));
		const count = this.total.files === undefined ? '' : `${this.files} of ${this.total.files} files, `;
		this.logger?.info(
			`${this.action}: ${count}${formatBytes(this.bytes)}${of(this.total.bytes, formatBytes)}, ${rate}/s`,
		);
	}
}
