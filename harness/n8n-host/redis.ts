import { freePorts } from './ports';
import type { Sandbox } from './sandbox';

const START_MS = 15_000;

/** Starts a Redis of its own on loopback, in the sandbox. Answers the variables that n8n's queue finds it by. */
export async function startRedis(sandbox: Sandbox): Promise<Record<string, string>> {
	const [port] = await freePorts(1);
	const settings = { bind: '127.0.0.1', port, save: '', appendonly: 'no', dir: sandbox.folder };
	const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
	const env = { PATH: process.env.PATH ?? '' };
	const redis = await sandbox.spawn('redis-server', args, { env }).catch((cause: unknown) => {
		throw new Error('redis-server cannot be started: run scripts/ci-prerequisites.sh', { cause });
	});
	await redis.log.waitFor(/Ready to accept connections/, START_MS);
	return { QUEUE_BULL_REDIS_HOST: '127.0.0.1', QUEUE_BULL_REDIS_PORT: String(port) };
}
