import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

import type { ResolvedFilePath } from 'n8n-workflow';

import type { InvalidInputError } from '../../client';
import { messageOf } from '../../client';
import { networkPolicy } from '../../nodes/shared/egress';
import { allowFolder, type PolicyHelpers } from '../../nodes/shared/file-policy';

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

	it("says that n8n's own folders stay forbidden, unless they are allowed", async () => {
		const own = /n8n's own folders stay forbidden, unless N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES is false/;

		expect(await advice({ N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES: undefined })).toMatch(own);
		expect(await advice({ N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES: 'false' })).not.toMatch(/own/);
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

	it('refuses a path below a file', async () => {
		await writeFile(path.join(root, 'file'), '');

		await expect(
			allowFolder(policy(), path.join(root, 'file/x'), 'Local Folder', { exists: false }),
		).rejects.toThrow(/cannot be used: a part of its path is not a folder \(ENOTDIR\)$/);
	});
});

describe('networkPolicy', () => {
	it("is n8n's egress filter where there is one", async () => {
		const lookup = () => undefined;
		const filter = {
			validateUrl: (url: string) =>
				Promise.resolve(
					url.includes('bad') ? { ok: false, error: new Error('blocked by policy') } : { ok: true },
				),
			createSecureLookup: () => lookup,
		};
		const policy = networkPolicy({ getSecureEgressFilter: () => filter });

		await expect(policy?.validateUrl('http://good')).resolves.toBeUndefined();
		await expect(policy?.validateUrl('http://me:s3cret@bad:8080/x')).rejects.toMatchObject({
			name: 'InvalidInputError',
			message: 'This n8n does not let workflows reach bad:8080: blocked by policy',
		});
		expect(policy?.lookup).toBe(lookup);
	});

	it('is nothing on an n8n that offers none', () => {
		expect(networkPolicy({})).toBeUndefined();
	});
});
