import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startService } from './index';

const USAGE = `A BDD file service for this machine.

  npm run service -- [--port <number>] [--data <folder>] [--host <loopback address>]

  --port  default 2015; 0 takes any free port
  --data  where files are kept; default: bdd-file-service in the folder for temporary files
  --host  127.0.0.1 (default), another 127.x.y.z, ::1 or localhost`;

const isLoopback = (host: string): boolean =>
	host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

const readOptions = () => {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '2015' },
			data: { type: 'string', default: join(tmpdir(), 'bdd-file-service') },
			host: { type: 'string', default: '127.0.0.1' },
			help: { type: 'boolean', short: 'h', default: false },
		},
	});
	const port = Number(values.port);
	if (!/^\d+$/.test(values.port) || port > 65535) throw new Error(`--port ${values.port} is no port number`);
	if (!isLoopback(values.host))
		throw new Error(
			`--host ${values.host} is refused: the service asks for no password, so it stays on this machine`,
		);
	return { port, dataDir: values.data, host: values.host, help: values.help };
};

const main = async (): Promise<void> => {
	const { help, ...options } = readOptions();
	if (help) {
		console.log(USAGE);
		return;
	}
	const service = await startService(options);
	console.log(`BDD file service  ${service.url}`);
	console.log(`Data folder       ${service.dataDir}`);
	console.log('Stop with Ctrl-C');
	// Not `once`: a runner in between (npm, tsx) may pass the same signal on a second time.
	const stop = () => {
		void service.close();
	};
	process.on('SIGINT', stop);
	process.on('SIGTERM', stop);
	process.on('exit', () => console.log('Stopped'));
};

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	console.error(`\n${USAGE}`);
	process.exitCode = 1;
});
