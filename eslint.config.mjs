import js from '@eslint/js';
import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Folder sync needs the disk, which n8n's cloud does not offer: hence the configuration without cloud support.
const communityNodes = n8nCommunityNodesPlugin.configs.recommendedWithoutN8nCloudSupport;

/** The arrows of ARCHITECTURE.md: what a folder must not import, by the end of the imported path, and why. */
const ARROWS = {
	client: [[['^n8n-', '/(nodes|credentials|local-service|harness)/'], 'The client knows nothing of n8n.']],
	'client/api': [
		[
			['/(transfer|sync)(/|$)', '/client(/index|/client)?$', '^\\.\\./?$', '^\\.\\./index$'],
			'client/api is the lowest layer.',
		],
	],
	'client/transfer': [
		[
			['/sync(/|$)', '/client$', '^(\\.\\./)+$', '^\\.\\.(/\\.\\.)*$', '^(\\.\\./)+index$'],
			'client/transfer rests on client/api only.',
		],
	],
	'client/sync': [
		[['/client$', '^(\\.\\./)+index$', '^\\.\\./?$'], 'client/sync rests on client/transfer and client/api.'],
	],
	nodes: [
		[['/client/(?!index$)', '/(local-service|harness)/'], 'The nodes use the client through client/index.'],
	],
	credentials: [
		[['/(nodes|local-service|harness)/', '/client/(?!index$)'], 'A credential is fields, no logic.'],
	],
	'local-service': [
		[
			['/client/(?!api/wire$)', '/client$', '/nodes/', '^n8n-'],
			'The service shares only the wire types of the client.',
		],
	],
};

/** A later entry replaces the options of an earlier one, so a folder's entry holds its parents' arrows too. */
const arrows = Object.keys(ARROWS).map((folder) => ({
	files: [`${folder}/**/*.ts`],
	rules: {
		'no-restricted-imports': [
			'error',
			{
				patterns: Object.entries(ARROWS)
					.filter(([other]) => folder === other || folder.startsWith(`${other}/`))
					.flatMap(([, rules]) => rules)
					.flatMap(([forbidden, message]) => forbidden.map((regex) => ({ regex, message }))),
			},
		],
	},
}));

export default defineConfig(
	globalIgnores(['dist', 'coverage', 'bench/results', '.stryker-tmp']),
	{
		files: ['**/*.ts'],
		extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
		languageOptions: { parserOptions: { projectService: true } },
		rules: {
			'no-console': 'error',
			'@typescript-eslint/restrict-template-expressions': [
				'error',
				{ allowNumber: true, allowBoolean: true },
			],
			'@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
			'@typescript-eslint/switch-exhaustiveness-check': 'error',
			'@typescript-eslint/consistent-type-imports': 'error',
		},
	},
	{ files: ['credentials/**/*.ts', 'nodes/**/*.ts', 'client/**/*.ts'], extends: [communityNodes] },
	// The client knows nothing of n8n, so its errors are its own; the nodes turn them into n8n's.
	{ files: ['client/**/*.ts'], rules: { '@n8n/community-nodes/require-node-api-error': 'off' } },
	{ plugins: { 'n8n-nodes-base': n8nNodesBase } },
	{
		files: ['package.json'],
		extends: [communityNodes],
		rules: { ...n8nNodesBase.configs.community.rules },
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
	},
	{
		files: ['credentials/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.credentials.rules,
			// These two want a page of docs.n8n.io and a password type by field name; n8n's own template switches them off too.
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			'n8n-nodes-base/cred-class-field-type-options-password-missing': 'off',
		},
	},
	{
		files: ['nodes/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			// These predate NodeConnectionTypes and expression outputs; n8n's own template switches them off too.
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
		},
	},
	...arrows,
	{
		files: ['test/**/*.ts'],
		rules: {
			'no-restricted-syntax': [
				'error',
				{
					selector: 'CallExpression[callee.property.name="toMatchObject"] Property[value.regex]',
					message:
						'toMatchObject takes a regular expression for an object without properties, which any text is. Use expect.stringMatching.',
				},
			],
		},
	},
	// Command line programs talk to a person.
	{ files: ['scripts/**', 'bench/**', 'local-service/main.ts'], rules: { 'no-console': 'off' } },
);
