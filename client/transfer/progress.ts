import type { Logger } from '../types';

/** Transfers shorter than this say nothing. */
const INTERVAL_MS = 5_000;

/** `1536` becomes `1.5 KiB`. */
export function formatBytes(bytes: number): string {
	const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
	const exponent = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
	const value = bytes / 1024 ** exponent;
	return `${exponent === 0 ? value : value.toFixed(1)} ${units[exponent] ?? ''}`;
}

/** Reports a long transfer to the operator's log, every five seconds: how far, how much, how fast. */
export class Progress {
	private readonly startedAt = Date.now();
	private reportedAt = this.startedAt;
	private bytes = 0;
	private files = 0;

	/**
	 * @param action the beginning of the sentence: `Uploading "a.bin"`
	 * @param total what there is to do, as far as it is known
	 */
	constructor(
		private readonly logger: Logger | undefined,
		private readonly action: string,
		private readonly total: { bytes?: number | undefined; files?: number | undefined },
	) {}

	add(bytes: number, files = 0): void {
		this.bytes += bytes;
		this.files += files;
		const now = Date.now();
		if (now - this.reportedAt < INTERVAL_MS) return;
		this.reportedAt = now;
		const of = (total: number | undefined, format: (value: number) => string) =>
			total === undefined ? '' : ` of ${format(total)}`;
		const rate = formatBytes(this.bytes / ((now - this.startedAt) / 1000));
		const count = this.total.files === undefined ? '' : `${this.files} of ${this.total.files} files, `;
		this.logger?.info(
			`${this.action}: ${count}${formatBytes(this.bytes)}${of(this.total.bytes, formatBytes)}, ${rate}/s`,
		);
	}
}
