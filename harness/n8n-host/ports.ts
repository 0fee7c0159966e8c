import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/**
 * Finds distinct TCP ports that are free on loopback right now. All of them are held open until the last is known, so
 * that no port is given twice; another program may still take one before it is used, which then shows as a clear
 * "address in use" of the program that wanted it.
 */
export async function freePorts(count: number): Promise<number[]> {
	const servers = Array.from({ length: count }, () => createServer());
	try {
		return await Promise.all(
			servers.map(
				(server) =>
					new Promise<number>((resolve, reject) => {
						server.once('error', reject);
						server.listen(0, LOOPBACK, () => {
							const address = server.address();
							if (address === null || typeof address === 'string')
								reject(new Error('No port in the address'));
							else resolve(address.port);
						});
					}),
			),
		);
	} finally {
		await Promise.all(
			servers.map(
				(server) =>
					new Promise<void>((resolve) => {
						server.close(() => resolve());
					}),
			),
		);
	}
}
