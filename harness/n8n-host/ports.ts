import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** The port asked for when it is free on loopback right now, else any free one. */
export async function preferPort(wanted: number): Promise<number> {
	const server = createServer();
	const free = await new Promise<boolean>((resolve) => {
		server.once('error', () => resolve(false));
		server.listen(wanted, LOOPBACK, () => resolve(true));
	});
	if (!free) {
		const [other] = await freePorts(1);
		return other ?? 0;
	}
	await new Promise<void>((resolve) => {
		server.close(() => resolve());
	});
	return wanted;
}

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
