import { OPTIONS } from '../../nodes/shared/options';
import { limitField, returnAllField } from '../../nodes/shared/fields';
import { ParameterReader } from '../../nodes/shared/parameters';
import { advising } from './advising';

const reader = (parameters: Record<string, unknown>) => new ParameterReader((name) => parameters[name]);
const withOptions = (options: unknown) => reader({ options });

describe('an option that is there but gives nothing', () => {
	it.each([undefined, null, ''])('is an error for a switch and for a choice: %p', (value) => {
		const parameters = withOptions({ dryRun: value, ifExists: value });

		expect(() => parameters.optionFlag(OPTIONS.dryRun)).toThrow('Dry Run must be true or false');
		expect(() => parameters.optionChoice(OPTIONS.ifExistsLocally, ['skip'])).toThrow(
			'If File Exists is empty',
		);
	});

	it.each([undefined, null, '', '  '])('is an error where it has to be filled in: %p', (userId) => {
		expect(() => withOptions({ userId }).optionFilledIn(OPTIONS.userId, 'Enter it.')).toThrow(
			'The option "User ID" is empty',
		);
	});

	it('is the default for a number or a text', () => {
		const parameters = withOptions({ timeout: '', fileName: null });

		expect(parameters.optionNumber(OPTIONS.timeout)).toBeUndefined();
		expect(parameters.optionText(OPTIONS.uploadName)).toBeUndefined();
	});
});

it('an option that was not added has its default', () => {
	const parameters = withOptions({});

	expect(parameters.optionFlag(OPTIONS.dryRun)).toBeUndefined();
	expect(parameters.optionChoice(OPTIONS.ifExistsLocally, ['skip'])).toBeUndefined();
	expect(parameters.optionFilledIn(OPTIONS.userId, '')).toBeUndefined();
});

it.each(['{"dryRun":true}', 5, true, [{ dryRun: true }]])('options that are %p are no options', (options) => {
	expect(() => withOptions(options)).toThrow('Options are not a collection of options');
	expect(() => withOptions(options)).toThrow(advising('Open the node and add the options again.'));
});

it.each([
	[OPTIONS.timeout, 2_147_484, 'Timeout (Seconds) must be a number from 1 to 2147483'],
	[OPTIONS.maxTries, 101, 'Tries per Request must be a whole number from 1 to 100'],
	[OPTIONS.concurrentFiles, 101, 'Concurrency must be a whole number from 1 to 100'],
	[OPTIONS.concurrentParts, 0, 'Concurrency must be a whole number from 1 to 100'],
	[OPTIONS.partSize, 4.9, 'Part Size (MiB) must be a number from 5 to 5120'],
	[OPTIONS.partSize, 5121, 'Part Size (MiB) must be a number from 5 to 5120'],
])('$displayName: %p is out of bounds', (field, value, message) => {
	expect(() => withOptions({ [field.name]: value }).optionNumber(field)).toThrow(message);
});

it.each([-1e9, 1e9, 0.5])('a number field without bounds takes %p', (value) => {
	const field = { name: 'any', displayName: 'Any' };
	expect(reader({ any: value }).number(field)).toBe(value);
});

it('an option that is a time has the zone that it is given, unless it names one', () => {
	const at = (uploadedAfter: unknown) =>
		withOptions({ uploadedAfter }).optionTime(OPTIONS.uploadedAfter, 'Asia/Shanghai')?.toISOString();

	expect(at('2026-03-31')).toBe('2026-03-30T16:00:00.000Z');
	expect(at('2026-03-31T00:00:00Z')).toBe('2026-03-31T00:00:00.000Z');
	expect(at('')).toBeUndefined();
	expect(() => at('soon')).toThrow('Uploaded After is no date or time: "soon"');
});

it.each([
	['*.pdf, a*', ['*.pdf', 'a*']],
	[['*.pdf'], ['*.pdf']],
	[' , ', undefined],
	['', undefined],
	[null, undefined],
])('an option that is patterns, %p, gives %p', (include, patterns) => {
	expect(withOptions({ include }).optionPatterns(OPTIONS.include)).toEqual(patterns);
});

it('a list is as long as its limit, or as it is', () => {
	const limit = (returnAll: unknown, most?: unknown) =>
		reader({ [returnAllField.name]: returnAll, [limitField.name]: most }).limit();

	expect(limit('TRUE', 'any')).toEqual({});
	expect(limit('false', '7')).toEqual({ limit: 7 });
	expect(() => limit(null, 7)).toThrow('Return All must be true or false');
	expect(() => limit(false, null)).toThrow('Limit is empty');
	expect(() => limit(false, null)).toThrow(advising('Enter a number.'));
	expect(() => limit(false, 1_000_001)).toThrow('Limit must be a whole number from 1 to 1000000');
});
