import { InvalidRequest, type Problem } from '../errors';
import { isObject, parseJson } from '../json';

const INTEGER = /^[+-]?\d+$/;

/**
 * Reads the parameters of one request and collects what is wrong with them, so that the answer names everything at
 * once, as FastAPI does. A getter returns a stand-in for a bad value: call `check` before using any of them.
 */
export class Params {
	/**
	 * @param values the query or a JSON object.
	 * @param loc where they are, for the problems.
	 * @param problems the list to add to; shared by all readers of one request.
	 */
	constructor(
		private readonly values: Record<string, unknown>,
		private readonly loc: string[],
		private readonly problems: Problem[] = [],
	) {}

	/** Parameters in a JSON text, such as a body or the form field `params`. */
	static fromJson(text: string | undefined, loc: string[], problems: Problem[]): Params {
		let value: unknown;
		if (text === undefined || text === '') {
			problems.push({ type: 'missing', loc, msg: 'Field required', input: null });
			throw new InvalidRequest(problems);
		}
		try {
			value = parseJson(text);
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			problems.push({ type: 'json_invalid', loc, msg: `Invalid JSON: ${reason}`, input: text });
			throw new InvalidRequest(problems);
		}
		if (!isObject(value)) {
			problems.push({ type: 'model_type', loc, msg: 'Input should be an object', input: value });
			throw new InvalidRequest(problems);
		}
		return new Params(value, loc, problems);
	}

	/** @throws InvalidRequest when anything read so far is missing or invalid. */
	check(): void {
		if (this.problems.length > 0) throw new InvalidRequest(this.problems);
	}

	/** Whether the parameter is there and not null. */
	has(name: string): boolean {
		return this.values[name] !== undefined && this.values[name] !== null;
	}

	/** An exact integer of any size, as decimal digits. */
	id(name: string): string {
		const value = this.required(name);
		if (value === undefined) return '';
		const exact = exactInteger(value);
		if (exact !== null) return exact.toString();
		this.reject('int_parsing', name, 'Input should be a valid integer', value);
		return '';
	}

	/** An integer from `min` up to 2^53 - 1. */
	integer(name: string, min: number): number {
		const value = this.required(name);
		if (value === undefined) return min;
		const exact = exactInteger(value);
		if (exact === null) this.reject('int_parsing', name, 'Input should be a valid integer', value);
		else if (exact < BigInt(min))
			this.reject('greater_than_equal', name, `Input should be greater than or equal to ${min}`, value);
		else if (exact > BigInt(Number.MAX_SAFE_INTEGER))
			this.reject('int_parsing_size', name, 'Input is too large', value);
		else return Number(exact);
		return min;
	}

	text(name: string): string {
		const value = this.required(name);
		if (value === undefined || typeof value === 'string') return value ?? '';
		this.reject('string_type', name, 'Input should be a valid string', value);
		return '';
	}

	/** One of the given words. */
	choice<T extends string>(name: string, words: readonly [T, ...T[]]): T {
		const value = this.required(name);
		const word = words.find((candidate) => candidate === value);
		if (word === undefined && value !== undefined)
			this.reject('enum', name, `Input should be ${words.map((one) => `'${one}'`).join(' or ')}`, value);
		return word ?? words[0];
	}

	/** Any JSON value, null included. */
	json(name: string): unknown {
		if (this.values[name] === null) return null;
		return this.required(name);
	}

	/** The parameters inside an object-valued parameter. */
	inside(name: string): Params {
		const value = this.required(name);
		if (isObject(value)) return new Params(value, [...this.loc, name], this.problems);
		if (value !== undefined) this.reject('model_type', name, 'Input should be an object', value);
		throw new InvalidRequest(this.problems);
	}

	/** Adds a problem with a parameter. */
	reject(type: string, name: string, msg: string, input: unknown): void {
		this.problems.push({ type, loc: [...this.loc, name], msg, input });
	}

	/** The value, or undefined (and a problem) when it is missing or null. */
	private required(name: string): unknown {
		const value = this.values[name] ?? undefined;
		if (value === undefined) this.reject('missing', name, 'Field required', null);
		// FastAPI takes the last of repeated query parameters.
		return Array.isArray(value) && this.loc[0] === 'query' ? value.at(-1) : value;
	}
}

const exactInteger = (value: unknown): bigint | null => {
	if (typeof value === 'bigint') return value;
	if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
	return typeof value === 'string' && INTEGER.test(value) ? BigInt(value.replace('+', '')) : null;
};
