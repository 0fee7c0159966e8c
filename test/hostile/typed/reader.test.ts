import fc from 'fast-check';
import type { INodeProperties } from 'n8n-workflow';

import { InvalidInputError } from '../../../client';
import { RESOURCES } from '../../../nodes/BddFile/actions/router';
import { readCredential } from '../../../nodes/shared/credential';
import { OPTIONS } from '../../../nodes/shared/options';
import { ParameterReader } from '../../../nodes/shared/parameters';
import { anything, someOf } from './values';

/** Gives what a reading gives, or nothing where it refuses the value in words. */
function valid<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof InvalidInputError)) throw error;
		if (/^[A-Z].{3,500}$/s.test(error.message) && /\w/.test(error.description)) return undefined;
		throw new Error('the error says nothing, or too much', { cause: error });
	}
}

const FIELDS: INodeProperties[] = [
	...RESOURCES.flatMap(({ operations }) => operations).flatMap(({ description }) => description),
	...Object.values<INodeProperties>(OPTIONS),
];
const CHOICES = ['chat', 'skip', 'default'];

/** Reads the value from a parameter and from an option of this field; `check` says whether what comes of it is valid. */
function always<T>(
	type: INodeProperties['type'],
	readings: Array<(reader: ParameterReader, field: INodeProperties) => T | undefined>,
	check: (read: T, field: INodeProperties) => boolean,
): void {
	const fields = FIELDS.filter((field) => field.type === type);
	expect(fields).not.toEqual([]);
	fc.assert(
		fc.property(fc.constantFrom(...fields), anything, (field, value) => {
			const reader = new ParameterReader((name) =>
				name === 'options' ? { [field.name]: value } : name === field.name ? value : undefined,
			);
			for (const reading of readings) {
				const read = valid(() => reading(reader, field));
				if (read !== undefined && !check(read, field)) throw new Error(`read as ${String(read)}`);
			}
		}),
		{ numRuns: 3000, endOnFailure: true },
	);
}

describe('whatever a parameter holds, it is a value that the field allows or an InvalidInputError', () => {
	it('numbers', () => {
		always(
			'number',
			[(reader, field) => reader.number(field), (reader, field) => reader.optionNumber(field)],
			(number, { typeOptions: { minValue = NaN, maxValue = NaN, numberPrecision } = {} }) =>
				number >= minValue && number <= maxValue && (Number.isInteger(number) || numberPrecision !== 0),
		);
	});

	it('switches', () => {
		always(
			'boolean',
			[(reader, field) => reader.flag(field), (reader, field) => reader.optionFlag(field)],
			(flag) => typeof flag === 'boolean',
		);
	});

	it('choices', () => {
		always(
			'options',
			[
				(reader, field) => reader.choice(field, CHOICES),
				(reader, field) => reader.optionChoice(field, CHOICES),
			],
			(choice) => CHOICES.includes(choice),
		);
	});

	it('texts', () => {
		always(
			'string',
			[
				(reader, field) => reader.text(field, 'Enter it.'),
				(reader, field) => reader.optionalText(field),
				(reader, field) => reader.optionText(field),
				(reader, field) => reader.optionFilledIn(field, 'Enter it.'),
				(reader, field) => reader.optionPatterns(field)?.at(-1),
			],
			(text) => text !== '' && text === text.trim(),
		);
	});

	it('ids', () => {
		always('resourceLocator', [(reader, field) => reader.id(field)], (id) => /^\d+$/.test(id));
	});

	it('options as a whole', () => {
		fc.assert(fc.property(anything, (value) => void valid(() => new ParameterReader(() => value))));
	});
});

it('whatever a credential holds, it is a credential or an InvalidInputError', () => {
	const fields = ['profile', 'baseUrl', 'userId', 'biz', 'mode', 'allowUnauthorizedCerts'];
	fc.assert(
		fc.property(someOf(fields), (wrong) => {
			const data = { profile: 'custom', baseUrl: 'http://127.0.0.1:9', ...wrong };
			const credential = valid(() => readCredential(data as never));
			if (!credential) return;
			if (!URL.canParse(credential.baseUrl)) throw new Error(`the base URL is ${credential.baseUrl}`);
		}),
		{ numRuns: 3000, endOnFailure: true },
	);
});
