import * as client from '../../../client';
import { isQuoteOf, readSources, saysSomething } from './error-sentences';
import { readDocuments } from './markdown';

const documents = new Map(readDocuments().map((document) => [document.file, document]));
const sources = readSources();

const sentences = sources.flatMap(({ file, sentences: own }) =>
	own.filter(saysSomething).map((sentence) => ({ file, sentence })),
);

/** The classes of errors that a program can tell apart. */
const CLASSES = Object.entries(client)
	.filter(([, value]) => typeof value === 'function' && value.prototype instanceof client.BddFileError)
	.map(([name]) => name)
	.sort();

describe.each(['', '.zh-CN'])('docs/*%s.md', (language) => {
	const quotes = documents.get(`docs/troubleshooting${language}.md`)?.firstCells ?? [];

	it('what it quotes of errors is in the sources', () => {
		expect(quotes.length).toBeGreaterThan(120);
		expect(quotes.filter((quote) => !sources.some(({ text }) => isQuoteOf(quote, text)))).toEqual([]);
	});

	it('every error of client and nodes is quoted', () => {
		expect(sentences.length).toBeGreaterThan(100);
		expect(sentences.filter(({ sentence }) => !quotes.some((quote) => isQuoteOf(quote, sentence)))).toEqual(
			[],
		);
	});

	it('the page on the client has every class of its errors', () => {
		const { firstCells = [] } = documents.get(`docs/library${language}.md`) ?? {};
		expect(CLASSES.length).toBeGreaterThan(10);
		expect(firstCells.filter((cell) => cell.endsWith('Error')).sort()).toEqual(CLASSES);
	});

	it('the example of the client imports what there is', () => {
		const { text = '' } = documents.get(`docs/library${language}.md`) ?? {};
		const [, names = ''] = /import \{ (.*) \} from 'n8n-nodes-bdd-file'/.exec(text) ?? [];
		expect(names.split(', ').filter((name) => !(name in client))).toEqual([]);
	});
});
