import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { loadPackage } from '../../harness/engine';

const ROOT = path.resolve(__dirname, '../..');
const inDist = (...parts: string[]) => path.join(ROOT, 'dist', ...parts);

describe("the built package, loaded by n8n's own loader", () => {
	it('has the node and the credential, with icons that exist', async () => {
		const { nodes, credentialTypes } = await loadPackage(ROOT);

		expect(Object.keys(nodes)).toContain('n8n-nodes-bdd-file.bddFile');
		expect(credentialTypes.map(({ name }) => name)).toEqual(['bddFileApi']);
		for (const { iconUrl } of [
			...Object.values(nodes).map(({ description }) => description),
			...credentialTypes,
		]) {
			if (typeof iconUrl !== 'object') throw new Error('There is no light and dark icon');
			for (const icon of Object.values(iconUrl)) {
				expect(existsSync(path.join(ROOT, icon.replace('icons/n8n-nodes-bdd-file/', '')))).toBe(true);
			}
		}
		expect(nodes['n8n-nodes-bdd-file.bddFile']?.description.codex?.alias).toContain('upload');
	});

	it('holds third-party code once, in the client, with its licences', async () => {
		const [client, node, licences] = await Promise.all(
			['client/index.js', 'nodes/BddFile/BddFile.node.js', 'THIRD_PARTY_LICENSES.txt'].map((file) =>
				readFile(inDist(file), 'utf8'),
			),
		);

		expect(client).toContain('axios');
		expect(node).not.toContain('node_modules');
		expect(node).toContain('require("../../client/lazy.js")');
		for (const name of ['axios', 'form-data']) expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'));
	});
});
