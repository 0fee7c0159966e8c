import type { IExecuteFunctions, IGetNodeParameterOptions } from 'n8n-workflow';

import { InvalidInputError } from '../../client';

/** Gives the value of a parameter; undefined or null where it does not exist. */
export type ReadParameter = (name: string, options?: IGetNodeParameterOptions) => unknown;

/** A number's bounds, both inclusive. */
interface Bounds {
	min: number;
	whole?: boolean;
}

const EXPRESSION_HINT = 'If it comes from an expression, check what the expression gives for this item.';

/** A node's parameters as an execution knows them for one item. */
export const parametersOfItem = (n8n: IExecuteFunctions, itemIndex: number) =>
	new ParameterReader((name, options) => n8n.getNodeParameter(name, itemIndex, null, options));

/**
 * Reads a node's parameters. Expressions can give anything, so every value is checked here, and what is wrong is said in
 * the words of the panel, before a request is sent. Where the values come from is given as a function, since an execution,
 * a poll and the panel each have their own.
 */
export class ParameterReader {
	private readonly options: Record<string, unknown>;

	constructor(private readonly read: ReadParameter) {
		const options = read('options');
		this.options = typeof options === 'object' && options !== null ? { ...options } : {};
	}

	/** The value as it is; undefined where the parameter does not exist. */
	raw(name: string): unknown {
		return this.read(name) ?? undefined;
	}

	/** The value of a resource locator. */
	located(name: string): unknown {
		return this.read(name, { extractValue: true }) ?? undefined;
	}

	/** @throws InvalidInputError when it is empty or no text */
	text(name: string, label: string, whatToDo: string): string {
		const text = asText(this.raw(name), label);
		if (text !== undefined) return text;
		throw new InvalidInputError(`${label} is empty`, { description: whatToDo });
	}

	optionalText(name: string, label: string): string | undefined {
		return asText(this.raw(name), label);
	}

	flag(name: string): boolean {
		return this.raw(name) === true;
	}

	/** One of a fixed list of values. */
	choice<T extends string>(name: string, label: string, values: readonly T[]): T {
		return asChoice(this.raw(name), label, values);
	}

	number(name: string, label: string, bounds: Bounds): number {
		const number = asNumber(this.raw(name), label, bounds);
		if (number !== undefined) return number;
		throw new InvalidInputError(`${label} is empty`, {
			description: `Enter a number of at least ${bounds.min}.`,
		});
	}

	/** How many records a list gives; nothing for all of them. */
	limit(): { limit?: number } {
		return this.flag('returnAll') ? {} : { limit: this.number('limit', 'Limit', { min: 1, whole: true }) };
	}

	/** The raw value of an option; undefined where it was not added. */
	rawOption(name: string): unknown {
		return this.options[name] ?? undefined;
	}

	optionText(name: string, label: string): string | undefined {
		return asText(this.rawOption(name), label);
	}

	optionNumber(name: string, label: string, bounds: Bounds): number | undefined {
		return asNumber(this.rawOption(name), label, bounds);
	}

	optionFlag(name: string): boolean | undefined {
		const value = this.rawOption(name);
		return value === undefined ? undefined : value === true;
	}

	optionChoice<T extends string>(name: string, label: string, values: readonly T[]): T | undefined {
		const value = this.rawOption(name);
		return value === undefined ? undefined : asChoice(value, label, values);
	}

	/** Glob patterns, separated by commas or line breaks. A comma inside braces belongs to the pattern. */
	optionPatterns(name: string, label: string): string[] | undefined {
		const value = this.rawOption(name);
		const texts: unknown[] = Array.isArray(value) ? value : [value];
		const patterns = texts.flatMap((text) => splitPatterns(asText(text, label) ?? ''));
		return patterns.length > 0 ? patterns : undefined;
	}
}

/** Trimmed text; a whole number counts as its digits. Undefined when there is nothing. */
export function asText(value: unknown, label: string): string | undefined {
	if (value === undefined || value === null) return undefined;
	if (typeof value === 'number' && Number.isInteger(value)) {
		if (Number.isSafeInteger(value)) return String(value);
		throw new InvalidInputError(`${label} ${value} has lost digits`, {
			description: `Numbers beyond ${Number.MAX_SAFE_INTEGER} must be passed as text.`,
		});
	}
	if (typeof value !== 'string') {
		throw new InvalidInputError(`${label} is not text: ${JSON.stringify(value)}`, {
			description: EXPRESSION_HINT,
		});
	}
	const text = value.trim();
	return text === '' ? undefined : text;
}

function asNumber(value: unknown, label: string, { min, whole = false }: Bounds): number | undefined {
	if (value === undefined || value === '') return undefined;
	const number = typeof value === 'string' ? Number(value) : value;
	if (
		typeof number === 'number' &&
		number >= min &&
		Number.isFinite(number) &&
		(!whole || Number.isInteger(number))
	) {
		return number;
	}
	throw new InvalidInputError(
		`${label} must be ${whole ? 'a whole number' : 'a number'} of at least ${min}`,
		{
			description: `It is ${JSON.stringify(value)}. ${EXPRESSION_HINT}`,
		},
	);
}

function asChoice<T extends string>(value: unknown, label: string, values: readonly T[]): T {
	const choice = values.find((candidate) => candidate === value);
	if (choice !== undefined) return choice;
	const shown = value === undefined ? 'is empty' : `is unknown: ${JSON.stringify(value)}`;
	throw new InvalidInputError(`${label} ${shown}`, {
		description: `Use one of: ${values.join(', ')}.`,
	});
}

function splitPatterns(text: string): string[] {
	let depth = 0;
	const marked = Array.from(text, (character) => {
		if (character === '{') depth++;
		if (character === '}') depth--;
		return character === ',' && depth <= 0 ? '\n' : character;
	});
	return marked
		.join('')
		.split('\n')
		.map((pattern) => pattern.trim())
		.filter((pattern) => pattern !== '');
}
