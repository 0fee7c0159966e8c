import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { CHINESE } from './chinese';

export type Language = 'en' | 'zh-CN';

interface Words {
	parameter: string;
	name: string;
	default: string;
	meaning: string;
	where: string;
	everywhere: string;
	between: string;
	onlyWith: string;
	notWith: string;
	empty: string;
	on: string;
	off: string;
	fromItem: string;
	options: string;
}

const WORDS: Record<Language, Words> = {
	en: {
		parameter: 'Parameter',
		name: 'Name',
		default: 'Default',
		meaning: 'Meaning',
		where: 'Where',
		everywhere: 'everywhere',
		between: ', ',
		onlyWith: 'Only with ',
		notWith: 'Not with ',
		empty: 'empty',
		on: 'on',
		off: 'off',
		fromItem: '[from the input item](#what-an-item-brings)',
		options: 'More settings: ',
	},
	'zh-CN': {
		parameter: '参数',
		name: '内部名',
		default: '默认值',
		meaning: '含义',
		where: '适用',
		everywhere: '全部',
		between: '、',
		onlyWith: '仅当 ',
		notWith: '不用于 ',
		empty: '空',
		on: '开',
		off: '关',
		fromItem: '[取自输入项](#输入项带来什么)',
		options: '更多设置：',
	},
};

/** What a panel shows under one name, and where. */
export interface Group {
	/** The operation, as the menu calls it. */
	where: string;
	fields: readonly INodeProperties[];
}

/** The fields of a panel, from top to bottom: label, name, default, and what it says. */
export function fieldTable(fields: readonly INodeProperties[], language: Language): string {
	const words = WORDS[language];
	return table(
		[words.parameter, words.name, words.default, words.meaning],
		fields.filter(isForPeople).map((field) => row(field, language)),
	);
}

/** The options of several operations: one row for those that are the same, and for which operations. */
export function optionTable(groups: readonly Group[], language: Language): string {
	const words = WORDS[language];
	const variants = new Map<string, { option: INodeProperties; where: string[] }>();
	for (const { where, fields } of groups) {
		for (const option of optionsOf(fields)) {
			const known = variants.get(JSON.stringify(option));
			if (known) known.where.push(where);
			else variants.set(JSON.stringify(option), { option, where: [where] });
		}
	}
	return table(
		[words.parameter, words.name, words.default, words.where, words.meaning],
		[...variants.values()]
			.sort((a, b) => (a.option.displayName < b.option.displayName ? -1 : 1))
			.map(({ option, where }) => {
				const [label, name, value, meaning] = row(option, language);
				const places = where.length === groups.length ? words.everywhere : where.join(words.between);
				return [label, name, value, places, meaning];
			}),
	);
}

/** The defaults that are expressions: what they take from the input item, and in which operations. */
export function expressionTable(groups: readonly Group[], language: Language): string {
	const words = WORDS[language];
	const found = new Map<string, { label: string; where: string[] }>();
	for (const { where, fields } of groups) {
		for (const field of fields.filter(isForPeople)) {
			const value = valueOf(field);
			if (!isExpression(value)) continue;
			const known = found.get(value) ?? { label: field.displayName, where: [] };
			found.set(value, { ...known, where: [...known.where, where] });
		}
	}
	return table(
		[words.parameter, words.where, words.default],
		[...found].map(([value, { label, where }]) => [label, where.join(words.between), code(value)]),
	);
}

/** The choices of "Options" in a panel. */
export const optionsOf = (fields: readonly INodeProperties[]) =>
	fields
		.filter(({ type }) => type === 'collection')
		.flatMap(({ options = [] }) => options as INodeProperties[]);

/** Notices, and what only the panel of an agent's tool has, are not parameters that one sets. */
const isForPeople = ({ type, displayOptions }: INodeProperties) =>
	type !== 'notice' && displayOptions?.show?.['@tool'] === undefined;

type Row = [label: string, name: string, value: string, meaning: string];

function row(field: INodeProperties, language: Language): Row {
	const { displayName, name } = field;
	return [displayName, code(name), defaultOf(field, language), meaningOf(field, language)];
}

/** A resource locator's default is an object. */
function valueOf({ default: value }: INodeProperties): unknown {
	return typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
}

const isExpression = (value: unknown): value is string => typeof value === 'string' && value.startsWith('=');

function defaultOf(field: INodeProperties, language: Language): string {
	const words = WORDS[language];
	const value = valueOf(field);
	const { minValue, maxValue } = field.typeOptions ?? {};
	if (field.type === 'collection') return '';
	if (value === '') return words.empty;
	if (isExpression(value)) return words.fromItem;
	if (typeof value === 'boolean') return value ? words.on : words.off;
	const range = minValue === undefined || maxValue === undefined ? '' : ` (${minValue}–${maxValue})`;
	return code(String(value)) + range;
}

function meaningOf(field: INodeProperties, language: Language): string {
	const { type, description = '', options = [] } = field;
	if (type === 'collection') {
		const { options: more, between } = WORDS[language];
		return (
			more +
			optionsOf([field])
				.map(({ displayName }) => displayName)
				.join(between)
		);
	}
	const first = conditionOf(field, language) + inLanguage(description, language);
	const values = (options as INodePropertyOptions[]).map((option) => valueText(option, language));
	return [first, ...values].join('<br>');
}

function valueText({ name, value, description }: INodePropertyOptions, language: Language): string {
	const label = `${code(String(value))} ${name}`;
	if (description === undefined) return label;
	return `${label}${language === 'en' ? ': ' : '：'}${inLanguage(description, language)}`;
}

/** When a panel shows the field. */
function conditionOf({ displayOptions = {} }: INodeProperties, language: Language): string {
	const { onlyWith, notWith } = WORDS[language];
	const parts = (['show', 'hide'] as const).flatMap((kind) =>
		Object.entries(displayOptions[kind] ?? {})
			.filter(([name]) => name !== '@tool')
			.map(([name, values = []]) => {
				const choices = values.map((value) => code(JSON.stringify(value).replaceAll('"', '')));
				return `${kind === 'show' ? onlyWith : notWith}${code(name)} = ${choices.join(' / ')}`;
			}),
	);
	return parts.map((part) => `${part}${language === 'en' ? '. ' : '。'}`).join('');
}

/** The node's own text, or what it is in Chinese. */
function inLanguage(text: string, language: Language): string {
	if (language === 'en' || text === '') return escaped(text);
	const chinese = CHINESE[text];
	if (chinese === undefined) throw new Error(`scripts/docs/chinese.ts has no Chinese for: ${text}`);
	return escaped(chinese);
}

const escaped = (text: string) => text.replace(/[\\*_|<~[\]`]/g, '\\$&');
const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;

/** Prettier would pad every cell to the longest of its column. */
function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return ['<!-- prettier-ignore -->', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
