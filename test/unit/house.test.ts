import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

const ROOMS = ['client', 'nodes', 'credentials', 'local-service'];
/** What tests and builds them. */
const ROOMS_AROUND = ['harness', 'test', 'bench', 'scripts'];

/** What n8n prescribes another form for. */
const OTHER_FORM =
	/^(?:BddFile[A-Za-z]*\.(?:node|credentials)|[a-z][A-Za-z]*\.operation)\.ts$|^BddFileApi\.credentials\.ts$/;

const sourcesIn = (room: string): string[] =>
	readdirSync(room, { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith('.ts'))
		.map((file) => path.join(room, file));

const files = ROOMS.flatMap(sourcesIn);
const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));

/** The files of ours that a file imports, types included. */
function importsOf(file: string): string[] {
	const { importedFiles } = ts.preProcessFile(texts.get(file) ?? '', true, true);
	return importedFiles
		.filter(({ fileName }) => fileName.startsWith('.'))
		.map(({ fileName }) => path.join(path.dirname(file), fileName))
		.map((to) => [`${to}.ts`, path.join(to, 'index.ts')].find((candidate) => texts.has(candidate)) ?? to);
}

/** The first way from a file back to itself. */
function findCircle(): string[] | undefined {
	const done = new Set<string>();
	const visit = (file: string, way: readonly string[]): string[] | undefined => {
		if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
		if (done.has(file)) return undefined;
		for (const next of importsOf(file)) {
			const circle = visit(next, [...way, file]);
			if (circle) return circle;
		}
		done.add(file);
		return undefined;
	};
	for (const file of files) {
		const circle = visit(file, []);
		if (circle) return circle;
	}
	return undefined;
}

describe('the house', () => {
	it('has every import in it', () => {
		expect(files.length).toBeGreaterThan(50);
		expect(files.flatMap(importsOf).filter((file) => !texts.has(file))).toEqual([]);
	});

	it('has no circle of imports, types included', () => {
		expect(findCircle()).toBeUndefined();
	});

	it('has no file over 300 lines, but tests, which are lists', () => {
		const others = ROOMS_AROUND.flatMap((room) => sourcesIn(room)).filter(
			(file) => !file.endsWith('.test.ts'),
		);
		const linesOf = (file: string) =>
			(texts.get(file) ?? readFileSync(file, 'utf8')).trimEnd().split('\n').length;
		expect([...files, ...others].filter((file) => linesOf(file) > 300)).toEqual([]);
	});

	it('names files in kebab-case, but where n8n prescribes another form', () => {
		const others = ROOMS_AROUND.flatMap((room) => sourcesIn(room));
		const names = [...files, ...others]
			.map((file) => path.basename(file))
			.filter((name) => !OTHER_FORM.test(name));
		expect(names.filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.ts$/.test(name))).toEqual([]);
	});
});
