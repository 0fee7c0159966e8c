import { Linter } from 'eslint';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

/** The imports that a file may not and may have: the arrows of ARCHITECTURE.md, tried one by one. */
const ARROWS: Array<{ file: string; refused: string[]; allowed: string[] }> = [
	{
		file: 'client/api/x.ts',
		refused: [
			'n8n-workflow',
			'../index',
			'..',
			'../client',
			'../transfer/source',
			'../sync',
			'../sync/plan',
			'../../nodes/shared/errors',
			'../../credentials/BddFileApi.credentials',
			'../../local-service/index',
			'../../harness/engine',
		],
		allowed: ['./errors', 'axios', '../types', '../arguments'],
	},
	{
		file: 'client/transfer/upload/x.ts',
		refused: [
			'n8n-workflow',
			'../../index',
			'../..',
			'../../client',
			'../../sync',
			'../../sync/plan',
			'../../../nodes/shared/errors',
			'../../../local-service/index',
		],
		allowed: ['../../api/errors', '../source', './form', '../../types'],
	},
	{
		file: 'client/sync/x.ts',
		refused: ['n8n-core', '../index', '..', '../client', '../../nodes/shared/errors', '../../harness/engine'],
		allowed: ['../api/errors', '../transfer/source', './plan', '../types'],
	},
	{
		file: 'client/x.ts',
		refused: ['n8n-workflow', '../nodes/BddFile/x', '../credentials/x', '../local-service/x', '../harness/x'],
		allowed: ['./sync', './transfer/source', './api/errors'],
	},
	{
		file: 'nodes/BddFile/x.ts',
		refused: [
			'../../client/api/errors',
			'../../client/client',
			'../../client/sync/plan',
			'../../local-service/index',
			'../../harness/engine',
		],
		allowed: ['../../client', '../../client/index', 'n8n-workflow', '../shared/errors'],
	},
	{
		file: 'credentials/x.ts',
		refused: ['../nodes/shared/errors', '../client/api/errors', '../local-service/index'],
		allowed: ['n8n-workflow'],
	},
	{
		file: 'local-service/http/x.ts',
		refused: ['../../client', '../../client/index', '../../client/api/errors', '../../nodes/x/y', 'n8n-core'],
		allowed: ['../../client/api/wire', '../errors', 'fastify'],
	},
];

/** What ESLint makes of its configuration for a file; a process of its own, since jest cannot load an ES module. */
async function configFor(file: string): Promise<Linter.Config> {
	const eslint = path.resolve('node_modules/eslint/bin/eslint.js');
	const { stdout } = await promisify(execFile)(process.execPath, [eslint, '--print-config', file], {
		maxBuffer: 16 * 1024 * 1024,
	});
	return JSON.parse(stdout) as Linter.Config;
}

describe('the lint rule that holds the arrows', () => {
	it.each(ARROWS)(
		'$file: refuses every forbidden import and no other',
		async ({ file, refused, allowed }) => {
			const rule = (await configFor(file)).rules?.['no-restricted-imports'] ?? 'off';
			const isRefused = (from: string) =>
				new Linter().verify(`import '${from}';`, { rules: { 'no-restricted-imports': rule } }).length > 0;
			expect(refused.filter((from) => !isRefused(from))).toEqual([]);
			expect(allowed.filter(isRefused)).toEqual([]);
		},
	);
});
