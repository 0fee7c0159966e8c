import type { IExecuteFunctions, IGetNodeParameterOptions, INodeProperties } from 'n8n-workflow';

import { InvalidInputError, type FileId } from '../../client';
import { limitField, returnAllField } from './fields';
import {
	asChoice,
	asFlag,
	asId,
	asNumber,
	asPatterns,
	asText,
	asTime,
	emptyField,
	type Bounds,
} from './values';

/** Gives the value of a parameter; undefined or null where there is none. */
export type ReadParameter = (name: string, options?: IGetNodeParameterOptions) => unknown;

/** A parameter or an option as the panel's description has it: its name, its label and, for a number, its bounds. */
export type Field = Pick<INodeProperties, 'name' | 'displayName' | 'typeOptions'>;

/** A node's parameters as an execution knows them for one item. */
export const parametersOfItem = (n8n: IExecuteFunctions, itemIndex: number) =>
	new ParameterReader((name, options) => n8n.getNodeParameter(name, itemIndex, null, options));

/**
 * Reads a node's parameters. Expressions can give anything, so every value is checked here, and what is wrong is said in
 * the words of the panel, before a request is sent. Where the values come from is given as a function, since an execution,
 * a poll and the panel each have their own.
 */
export class ParameterReader {
	private readonly options: Readonly<Record<string, unknown>>;

	/** @throws InvalidInputError when the options are no collection */
	constructor(private readonly read: ReadParameter) {
		const options = read('options') ?? {};
		if (typeof options !== 'object' || Array.isArray(options)) {
			throw new InvalidInputError('Options are not a collection of options', {
				description: 'Open the node and add the options again.',
			});
		}
		this.options = { ...options };
	}

	/** The value as it is; undefined where there is none. */
	raw({ name }: Field): unknown {
		return this.read(name) ?? undefined;
	}

	/** The id in a text, a number or a resource locator. */
	id({ name, displayName }: Field): FileId {
		return asId(this.read(name, { extractValue: true }), displayName);
	}

	/** @throws InvalidInputError when it is empty or no text */
	text(field: Field, whatToDo: string): string {
		const text = this.optionalText(field);
		if (text !== undefined) return text;
		throw emptyField(field.displayName, whatToDo);
	}

	optionalText(field: Field): string | undefined {
		return asText(this.raw(field), field.displayName);
	}

	flag(field: Field): boolean {
		return asFlag(this.raw(field), field.displayName);
	}

	/** One of a fixed list of values. */
	choice<T extends string>(field: Field, values: readonly T[]): T {
		return asChoice(this.raw(field), field.displayName, values);
	}

	number(field: Field): number {
		const number = asNumber(this.raw(field), field.displayName, bounds(field));
		if (number !== undefined) return number;
		throw emptyField(field.displayName, 'Enter a number.');
	}

	/** How many records a list gives; nothing for all of them. */
	limit(): { limit?: number } {
		return this.flag(returnAllField) ? {} : { limit: this.number(limitField) };
	}

	/**
	 * An option that means something else when it is left out: whoever adds it has to fill it in.
	 *
	 * @returns undefined only where the option was not added
	 * @throws InvalidInputError when it is there but empty
	 */
	optionFilledIn(field: Field, whatToDo: string): string | undefined {
		if (!this.has(field)) return undefined;
		const text = this.optionText(field);
		if (text !== undefined) return text;
		throw emptyField(`The option "${field.displayName}"`, whatToDo);
	}

	optionText(field: Field): string | undefined {
		return asText(this.options[field.name], field.displayName);
	}

	optionNumber(field: Field): number | undefined {
		return asNumber(this.options[field.name], field.displayName, bounds(field));
	}

	/** @param zone the time zone of a text that names none */
	optionTime(field: Field, zone: string): Date | undefined {
		return asTime(this.options[field.name], field.displayName, zone);
	}

	/** @throws InvalidInputError also when it was added but an expression gives nothing */
	optionFlag(field: Field): boolean | undefined {
		return this.has(field) ? asFlag(this.options[field.name], field.displayName) : undefined;
	}

	/** @throws InvalidInputError also when it was added but an expression gives nothing */
	optionChoice<T extends string>(field: Field, values: readonly T[]): T | undefined {
		return this.has(field) ? asChoice(this.options[field.name], field.displayName, values) : undefined;
	}

	/** Glob patterns; undefined where there are none. */
	optionPatterns(field: Field): string[] | undefined {
		const patterns = asPatterns(this.options[field.name], field.displayName);
		return patterns.length > 0 ? patterns : undefined;
	}

	private has({ name }: Field): boolean {
		return Object.hasOwn(this.options, name);
	}
}

/** What the panel's number field allows. */
function bounds({ typeOptions }: Field): Bounds {
	const { minValue: min = -Infinity, maxValue: max = Infinity, numberPrecision } = typeOptions ?? {};
	return { min, max, whole: numberPrecision === 0 };
}
