/**
 * The proxy that adds latency, in a process of its own: `proxy.js <URL of the service> <milliseconds per round trip>`. It
 * sends its URL over Node's channel between processes and ends when the channel is closed.
 */
import { startFaultProxy } from '../../harness/fault-proxy';

async function main(): Promise<void> {
	const [target = '', milliseconds = ''] = process.argv.slice(2);
	const proxy = await startFaultProxy({ target });
	proxy.latency(Number(milliseconds));
	process.once('disconnect', () => void proxy.close());
	process.send?.({ url: proxy.url });
}

main().catch((error: unknown) => {
	console.error(error);
	process.exit(1);
});
