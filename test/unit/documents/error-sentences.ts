import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

/** Stands for what differs from case to case, in the sources (`${name}`) and in the documents. */
export const HOLE = '…';

const ROOT = path.join(__dirname, '../../..');

const sources = ['client', 'nodes'].flatMap((room) =>
	readdirSync(path.join(ROOT, room), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => path.join(ROOT, room, name)),
);

/** What an expression may say: a text for each branch, with holes for what is not written there. */
function textsOf(node: ts.Expression): string[] {
	if (ts.isStringLiteralLike(node)) return [node.text];
	if (ts.isTemplateExpression(node)) {
		return node.templateSpans.reduce(
			(texts, { expression, literal }) =>
				texts.flatMap((text) => textsOf(expression).map((part) => text + part + literal.text)),
			[node.head.text],
		);
	}
	if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
	if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
	if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
		return textsOf(node.left).flatMap((left) => textsOf(node.right).map((right) => left + right));
	return [HOLE];
}

/** Maps from a code to words that end an error's sentence. */
const isWords = (node: ts.Node): node is ts.VariableDeclaration =>
	ts.isVariableDeclaration(node) && ['WORDS', 'WHY'].includes(node.name.getText());

const wordsOf = ({ initializer }: ts.VariableDeclaration): string[] =>
	initializer && ts.isObjectLiteralExpression(initializer)
		? initializer.properties.filter(ts.isPropertyAssignment).flatMap(({ initializer: value }) => {
				const first = ts.isArrayLiteralExpression(value) ? value.elements[0] : value;
				return first ? textsOf(first) : [];
			})
		: [];

/** Functions of one file that make an error of a message, or of its end. */
const HELPERS = new Set(['damaged', 'invalid', 'swapped', 'unfit', 'unknown']);

/** Classes of errors for people; those of the language itself are caught on their way. */
const OURS = /^(?!Syntax|Type|Range)[A-Z]\w+Error$/;

const isSuperOfOurs = (node: ts.CallExpression): boolean =>
	node.expression.kind === ts.SyntaxKind.SuperKeyword &&
	OURS.test(ts.findAncestor(node, ts.isClassDeclaration)?.heritageClauses?.[0]?.types[0]?.getText() ?? '');

/** The message of an error that is made here: `new SomeError(message, ...)`, or `super(message, ...)` of its class. */
function messageOf(node: ts.Node): ts.Expression | undefined {
	if (ts.isNewExpression(node) && OURS.test(node.expression.getText())) return node.arguments?.[0];
	if (!ts.isCallExpression(node)) return undefined;
	return HELPERS.has(node.expression.getText()) || isSuperOfOurs(node) ? node.arguments[0] : undefined;
}

interface Source {
	/** As a path from the root. */
	file: string;
	/** Every text in it, joined, so that what a document quotes can be found. */
	text: string;
	/** The messages of its errors. */
	sentences: string[];
}

export function readSources(): Source[] {
	return sources.map((file) => {
		const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
		const texts: string[] = [];
		const sentences: string[] = [];
		const visit = (node: ts.Node): void => {
			if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) texts.push(...textsOf(node));
			const message = messageOf(node);
			if (message) sentences.push(...textsOf(message));
			if (isWords(node)) sentences.push(...wordsOf(node));
			ts.forEachChild(node, visit);
		};
		visit(source);
		return { file: path.relative(ROOT, file), text: texts.join('\n'), sentences };
	});
}

/** Whether a quote says something, and in the words of a sentence: its pieces between holes, in order. */
export function isQuoteOf(quote: string, text: string): boolean {
	let at = 0;
	for (const piece of quote.split(HOLE).map((part) => part.trim())) {
		const found = text.indexOf(piece, at);
		if (found < 0) return false;
		at = found + piece.length;
	}
	return true;
}

/** Sentences that are all holes say nothing of their own. */
export const saysSomething = (sentence: string): boolean =>
	sentence.replaceAll(HOLE, '').replace(/\bReading\b|\bfailed\b|[^a-z]/gi, '').length > 3;
