import { PackageDirectoryLoader } from 'n8n-core';
import type { ICredentialType, INodeType } from 'n8n-workflow';

export interface LoadedPackage {
	/** By full type, such as `n8n-nodes-bdd-file.bddFile`. */
	nodes: Record<string, INodeType>;
	credentialTypes: ICredentialType[];
}

/** Loads a built package with n8n's own loader, the way n8n does: by the `n8n` section of its package.json. */
export async function loadPackage(folder: string): Promise<LoadedPackage> {
	const loader = new PackageDirectoryLoader(folder);
	await loader.loadAll();
	const nodes = Object.entries(loader.nodeTypes).map(([name, { type }]) => {
		if (!('execute' in type) && !('poll' in type)) throw new Error(`"${name}" is not a plain node`);
		return [`${loader.packageName}.${name}`, type] as const;
	});
	const credentialTypes = Object.values(loader.credentialTypes).map(({ type }) => type);
	return { nodes: Object.fromEntries(nodes), credentialTypes };
}
