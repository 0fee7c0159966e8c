import { once } from 'node:events';
import http from 'node:http';
import { Socket, type AddressInfo } from 'node:net';

import { makeAgents } from '../../client/api/agents';

it('keeps connections until it is destroyed, and none of what is sent later', async () => {
	const server = http.createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const { httpAgent: agent } = makeAgents({});
	const told = jest.spyOn(Socket.prototype, 'setKeepAlive');
	/** Sends a request; how many connections are kept once its answer has come and its connection was given back or closed. */
	const kept = async () => {
		const request = http.get({ host: '127.0.0.1', port, agent });
		const closed = once(request, 'close');
		const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
		await once(answer.resume(), 'end');
		await closed;
		await new Promise(setImmediate);
		return Object.values(agent.freeSockets).flat().length;
	};
	try {
		expect([await kept(), await kept()]).toEqual([1, 1]);
		// Once, by whoever sends how many requests over it.
		expect(told.mock.calls).toEqual([[true, 60_000]]);
		agent.destroy();
		expect(await kept()).toBe(0);
	} finally {
		told.mockRestore();
		agent.destroy();
		server.close();
		await once(server, 'close');
	}
});
