import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

import type { ResolvedFilePath } from 'n8n-workflow';

import type { InvalidInputError } from '../../client';
import { messageOf } from '../../client';
import { networkPolicy } from '../../nodes/shared/egress';
import { allowFile, allowFolder, type PolicyHelpers } from '../../nodes/shared/file-policy';

describe('allowFolder', () => {
	let root: string;
	const asked: string[] = [];
	const policy = (isBlocked: (path: string) => boolean = () => false): PolicyHelpers => ({
		resolvePath: async (wanted) => (await realpath(wanted)) as ResolvedFilePath,
		isFilePathBlocked: (file) => {
			asked.push(file);
			return isBlocked(file);
		},
	});
	beforeEach(async () => {
		root = await realpath(await mkdtemp(path.join(tmpdir(), 'bdd-policy-')));
		asked.splice(0);
	});
	afterEach(() => rm(root, { recursive: true }));

	it('judges a folder that does not exist yet by its nearest real parent', async () => {
		await mkdir(path.join(root, 'real'));
		await symlink(path.join(root, 'real'), path.join(root, 'link'));
		const allowed = await allowFolder(policy(), path.join(root, 'link/new/deep'), 'Local Folder', {
			exists: false,
		});

		expect(allowed.path).toBe(path.join(root, 'real/new/deep'));
		expect(asked).toEqual([allowed.path]);
	});

	it('passes each file on to n8n', async () => {
		const { isPathAllowed } = await allowFolder(
			policy((file) => file.endsWith('.secret')),
			root,
			'Local Folder',
			{ exists: true },
		);

		expect(isPathAllowed(path.join(root, 'a.txt'))).toBe(true);
		expect(isPathAllowed(path.join(root, 'a.secret'))).toBe(false);
	});

	it('says that an older n8n cannot be asked', async () => {
		for (const missing of ['resolvePath', 'isFilePathBlocked']) {
			await expect(
				allowFolder({ ...policy(), [missing]: undefined }, root, 'Local Folder', { exists: true }),
			).rejects.toMatchObject({
				message: 'This n8n cannot say which local folders a workflow may use',
				description: expect.stringContaining('n8n 2.8') as string,
			});
		}
	});

	it('expands a leading ~ as n8n does in its own setting, and nothing else', async () => {
		const { path: home } = await allowFolder(policy(), '~', 'Local Folder', { exists: true });

		expect(home).toBe(await realpath(homedir()));
		await expect(allowFolder(policy(), '~other/x', 'Local Folder', { exists: false })).rejects.toThrow(
			/not an absolute path/,
		);
		const inside = path.join(root, 'old~/new');
		expect(await allowFolder(policy(), inside, 'Local Folder', { exists: false })).toMatchObject({
			path: inside,
		});
	});

	/** What the error about a forbidden folder advises, under these settings of n8n. */
	async function advice(settings: Record<string, string | undefined>): Promise<string> {
		const before = { ...process.env };
		for (const [name, value] of Object.entries(settings)) {
			if (value === undefined) Reflect.deleteProperty(process.env, name);
			else process.env[name] = value;
		}
		try {
			await allowFolder(
				policy(() => true),
				root,
				'Local Folder',
				{ exists: true },
			);
			return 'allowed';
		} catch (error) {
			return (error as InvalidInputError).description;
		} finally {
			for (const name of Object.keys(settings)) Reflect.deleteProperty(process.env, name);
			Object.assign(process.env, before);
		}
	}

	it.each([
		[undefined, /Allowed now: ~\/\.n8n-files \(the default\)\./],
		['/data/a;/data/b', /Allowed now: \/data\/a;\/data\/b\./],
		['', /Allowed now: every folder\./],
	])('names the setting %p when the folder is forbidden', async (setting, text) => {
		expect(await advice({ N8N_RESTRICT_FILE_ACCESS_TO: setting })).toMatch(text);
	});

	it.each([
		[
			undefined,
			" n8n's own folders stay forbidden, unless N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES is false. What N8N_BLOCK_FILE_PATTERNS matches stays forbidden.",
		],
		['false', ' What N8N_BLOCK_FILE_PATTERNS matches stays forbidden.'],
	])("says that n8n's own folders stay forbidden, unless they are allowed: %p", async (setting, end) => {
		const said = await advice({
			N8N_RESTRICT_FILE_ACCESS_TO: '/data',
			N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES: setting,
		});
		expect(said).toBe(
			`Allowed now: /data. Whoever runs n8n can allow more with the environment variable N8N_RESTRICT_FILE_ACCESS_TO (folders separated by ;).${end}`,
		);
	});

	it('does not say of a forbidden folder whether it exists', async () => {
		const forbidden = policy(() => true);
		const messages = await Promise.all(
			['', 'missing'].map((name) =>
				allowFolder(forbidden, path.join(root, name), 'Local Folder', { exists: true }).catch(messageOf),
			),
		);

		expect(messages.every((message) => typeof message === 'string' && message.includes('n8n allows'))).toBe(
			true,
		);
	});

	it('refuses a path that no disk takes, without looking for each of its folders', async () => {
		const looks = { ...policy(), resolvePath: () => Promise.reject(new Error('looked for it')) };

		await expect(allowFolder(looks, '/x'.repeat(3000), 'Local Folder', { exists: false })).rejects.toThrow(
			/^Local Folder "(\/x){50,100}\/?\.\.\. is too long$/,
		);
	});

	it('takes a path of 4,096 characters, and none that is longer or holds a NUL character', async () => {
		const looks = {
			...policy(),
			resolvePath: (wanted: string) => Promise.resolve(wanted as ResolvedFilePath),
		};
		const allow = (folder: string) => allowFolder(looks, folder, 'Local Folder', { exists: false });

		// It is the disk that refuses it.
		await expect(allow(`/${'x'.repeat(4095)}`)).rejects.toThrow('cannot be used');
		await expect(allow(`/${'x'.repeat(4096)}`)).rejects.toMatchObject({
			message: expect.stringMatching(/ is too long$/) as string,
			description: 'A path has at most 4096 characters.',
		});
		await expect(allow('/a\0b')).rejects.toMatchObject({
			message: expect.stringMatching(/ holds a NUL character$/) as string,
			description: 'No path has one. Check what the expression gives for this item.',
		});
	});

	it.each([
		['as n8n looks for it', policy()],
		[
			'as it is looked at',
			{ ...policy(), resolvePath: (wanted: string) => Promise.resolve(wanted as ResolvedFilePath) },
		],
	])('refuses a path below a file, %s', async (_, helpers) => {
		await writeFile(path.join(root, 'file'), '');

		await expect(
			allowFolder(helpers, path.join(root, 'file/x'), 'Local Folder', { exists: false }),
		).rejects.toMatchObject({
			message: expect.stringMatching(
				/cannot be used: a part of its path is not a folder \(ENOTDIR\)$/,
			) as string,
			description: 'Check that every part of the path is a folder and that the user running n8n may open it.',
		});
	});

	it.each([{ code: 'EIO' }, { code: 5 }, {}, 'ENOENT'])(
		'does not take a folder for missing when n8n fails with %p',
		async (failure) => {
			const helpers = {
				...policy(),
				resolvePath: (wanted: string) =>
					// eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- it may be anything
					wanted.endsWith('bad') ? Promise.reject(failure) : Promise.resolve(wanted as ResolvedFilePath),
			};
			await expect(
				allowFolder(helpers, path.join(root, 'bad'), 'Local Folder', { exists: false }),
			).rejects.toMatchObject({
				name: 'InvalidInputError',
				message: expect.stringMatching(/^Local Folder ".*bad" cannot be used: /) as string,
			});
		},
	);

	it('refuses a folder on a drive that is not there', async () => {
		let looks = 0;
		const resolvePath = () =>
			looks++ < 10
				? Promise.reject(Object.assign(new Error('no such drive'), { code: 'ENOENT' }))
				: Promise.resolve('/found after all' as ResolvedFilePath);
		await expect(
			allowFolder({ ...policy(), resolvePath }, '/a/b', 'Local Folder', { exists: false }),
		).rejects.toThrow(/^Local Folder "\/" cannot be used: .*ENOENT/);
	});

	it('says of a file that its folder does not exist', async () => {
		await expect(allowFile(policy(), path.join(root, 'new/a.txt'), 'File Path')).rejects.toMatchObject({
			message: expect.stringMatching(/^The folder of File Path ".*\/new\/a\.txt" does not exist$/) as string,
			description:
				'Enter a path on the machine that runs n8n. In Docker that is a path inside the container.',
		});
	});
});

describe('networkPolicy', () => {
	it("is n8n's egress filter where there is one", async () => {
		const lookup = () => undefined;
		const filter = {
			validateUrl: (url: string) =>
				Promise.resolve(
					url.includes('bad')
						? { ok: false, error: new Error('blocked by policy') }
						: { ok: !url.includes('nobody') },
				),
			createSecureLookup: () => lookup,
		};
		const policy = networkPolicy({ getSecureEgressFilter: () => filter });

		await expect(policy?.validateUrl('http://good')).resolves.toBeUndefined();
		await expect(policy?.validateUrl('http://me:s3cret@bad:8080/x')).rejects.toMatchObject({
			name: 'InvalidInputError',
			message: 'This n8n does not let workflows reach bad:8080: blocked by policy',
			description: 'Check the address in the credential, or ask whoever runs n8n to allow it.',
		});
		await expect(policy?.validateUrl('http://nobody')).rejects.toMatchObject({
			message: 'This n8n does not let workflows reach nobody',
		});
		expect(policy?.lookup).toBe(lookup);
	});

	it('is nothing on an n8n that offers none', () => {
		expect(networkPolicy({})).toBeUndefined();
	});
});
