/**
 * A fingerprint of a set of any size, from which the difference to another set can be read: an invertible Bloom lookup
 * table (Eppstein et al., "What's the difference?", 2011).
 *
 * Every element is in three cells, one in each third of the table. A cell has the number of its elements and two sums
 * (XOR) over them: of the elements and of their checks. Subtracting the table of another set cancels what both have.
 * A cell that is left with one element shows it; taken out of its two other cells it uncovers the next, and so on until
 * the table is empty (then the difference is complete) or no cell has a single element (then it cannot be told). With
 * three cells each this works, but for once in some thousand times, for up to about 80 differences per 100 cells,
 * however large the sets are.
 */
import { hash } from 'node:crypto';

const { imul } = Math;

/** Cells in each third of the table: a difference of 1,100 can be read. */
const CELLS = 512;
const THIRDS = 3;
const CELL_BYTES = 14;

/** What was read of it is right, complete or not. */
export interface Difference {
	/** In this set only. */
	mine: Set<number>;
	/** In the other set only. */
	theirs: Set<number>;
	isComplete: boolean;
}

/** A set of whole numbers below 2^53. An element must not be added twice, nor removed when it is not there. */
export class Digest {
	private readonly counts: Int16Array;
	private readonly highs: Uint32Array;
	private readonly lows: Uint32Array;
	private readonly checks: Uint32Array;

	/** @param cells in each third; tables of different sizes cannot be compared */
	constructor(private readonly cells: number = CELLS) {
		const all = cells * THIRDS;
		this.counts = new Int16Array(all);
		this.highs = new Uint32Array(all);
		this.lows = new Uint32Array(all);
		this.checks = new Uint32Array(all);
	}

	add(element: number): void {
		this.toggle(element, 1);
	}

	remove(element: number): void {
		this.toggle(element, -1);
	}

	copy(): Digest {
		return this.minus(this.blank());
	}

	/** An empty one that can be compared with this one. */
	blank(): Digest {
		return new Digest(this.cells);
	}

	/** What the two sets do not share, as far as it can be read. */
	difference(other: Digest): Difference {
		const left = this.minus(other);
		const [mine, theirs] = [new Set<number>(), new Set<number>()];
		const waiting = Array.from(left.counts.keys());
		for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
			const element = left.single(cell);
			if (element === undefined) continue;
			const sign = left.counts[cell] ?? 0;
			const side = sign > 0 ? mine : theirs;
			// Each element once, or a cell that only seems to be a single one could keep this going.
			if (side.has(element)) break;
			side.add(element);
			left.toggle(element, -sign);
			waiting.push(...left.cellsOf(element));
		}
		return { mine, theirs, isComplete: left.isEmpty() };
	}

	isEmpty(): boolean {
		return [this.counts, this.highs, this.lows, this.checks].every((row) =>
			row.every((value) => value === 0),
		);
	}

	/** Base64; empty for an empty set. */
	toText(): string {
		if (this.isEmpty()) return '';
		const bytes = Buffer.alloc(this.counts.length * CELL_BYTES);
		for (const [cell, count] of this.counts.entries()) {
			const at = cell * CELL_BYTES;
			bytes.writeInt16LE(count, at);
			bytes.writeUInt32LE(this.highs[cell] ?? 0, at + 2);
			bytes.writeUInt32LE(this.lows[cell] ?? 0, at + 6);
			bytes.writeUInt32LE(this.checks[cell] ?? 0, at + 10);
		}
		return bytes.toString('base64');
	}

	/** @returns undefined when the text is not one that `toText` has made of a table of this size */
	static fromText(text: string, cells: number = CELLS): Digest | undefined {
		const digest = new Digest(cells);
		if (text === '') return digest;
		const bytes = Buffer.from(text, 'base64');
		if (bytes.length !== digest.counts.length * CELL_BYTES) return undefined;
		for (const cell of digest.counts.keys()) {
			const at = cell * CELL_BYTES;
			digest.counts[cell] = bytes.readInt16LE(at);
			digest.highs[cell] = bytes.readUInt32LE(at + 2);
			digest.lows[cell] = bytes.readUInt32LE(at + 6);
			digest.checks[cell] = bytes.readUInt32LE(at + 10);
		}
		return digest;
	}

	private toggle(element: number, by: number): void {
		const [high, low] = halves(element);
		const check = mix(high, low, CHECK_SEED);
		for (const cell of this.cellsOf(element)) {
			// A count may run over, as only differences are read from it.
			this.counts[cell] = (this.counts[cell] ?? 0) + by;
			this.highs[cell] = (this.highs[cell] ?? 0) ^ high;
			this.lows[cell] = (this.lows[cell] ?? 0) ^ low;
			this.checks[cell] = (this.checks[cell] ?? 0) ^ check;
		}
	}

	private cellsOf(element: number): number[] {
		const [high, low] = halves(element);
		return Array.from(
			{ length: THIRDS },
			(_, third) => third * this.cells + (mix(high, low, third) % this.cells),
		);
	}

	/** The element of a cell that has one only. */
	private single(cell: number): number | undefined {
		if (Math.abs(this.counts[cell] ?? 0) !== 1) return undefined;
		const [high, low] = [this.highs[cell] ?? 0, this.lows[cell] ?? 0];
		if (high >= 2 ** 21 || mix(high, low, CHECK_SEED) !== this.checks[cell]) return undefined;
		const element = high * 2 ** 32 + low;
		return this.cellsOf(element).includes(cell) ? element : undefined;
	}

	private minus(other: Digest): Digest {
		const result = new Digest(this.cells);
		for (const cell of result.counts.keys()) {
			result.counts[cell] = (this.counts[cell] ?? 0) - (other.counts[cell] ?? 0);
			result.highs[cell] = (this.highs[cell] ?? 0) ^ (other.highs[cell] ?? 0);
			result.lows[cell] = (this.lows[cell] ?? 0) ^ (other.lows[cell] ?? 0);
			result.checks[cell] = (this.checks[cell] ?? 0) ^ (other.checks[cell] ?? 0);
		}
		return result;
	}
}

/** A text as a whole number below 2^53: of 100,000 texts, two have the same one once in two million times. */
export function numberOf(text: string): number {
	const bytes = hash('sha256', text, 'buffer');
	return (bytes.readUInt32LE(0) >>> 11) * 2 ** 32 + bytes.readUInt32LE(4);
}

const CHECK_SEED = 77;

const halves = (element: number): [high: number, low: number] => [
	Math.floor(element / 2 ** 32),
	element >>> 0,
];

/** A number of 32 bits in which every bit depends on all bits of the three. */
const mix = (high: number, low: number, seed: number): number =>
	finish(finish(low ^ imul(seed + 1, 0x9e3779b1)) ^ high) >>> 0;

/** The finish of MurmurHash3. */
function finish(bits: number): number {
	let mixed = imul(bits ^ (bits >>> 16), 0x85ebca6b);
	mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
	return mixed ^ (mixed >>> 16);
}
