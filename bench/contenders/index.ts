import type { Contender, Setting } from '../tasks';

/** The contenders that run in a worker. Only the one that is asked for is loaded: memory is measured. */
export async function openContender(name: string, setting: Setting): Promise<Contender> {
	switch (name) {
		case 'node':
			return await (await import('./node')).BddFileNode.open(setting);
		case 'httpRequest':
			return await (await import('./http-request')).HttpRequestNode.open(setting);
		case 'client':
			return new (await import('./client')).Client(setting);
		case 'floor':
			return new (await import('./floor')).Floor(setting);
		default:
			throw new Error(`There is no contender "${name}" that runs in a worker`);
	}
}
