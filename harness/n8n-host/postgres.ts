import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { isErrorCode } from './errors';
import { freePorts } from './ports';
import type { Sandbox } from './sandbox';

const DEBIAN = '/usr/lib/postgresql';
const START_MS = 30_000;
/** The system user that Debian's package makes. PostgreSQL refuses to run as root. */
const SYSTEM_USER = 'postgres';

/** Starts a PostgreSQL of its own on loopback, in the sandbox. Answers the variables that n8n finds it by. */
export async function startPostgres(sandbox: Sandbox): Promise<Record<string, string>> {
	const programs = await programFolder();
	const data = join(sandbox.folder, 'postgres');
	await mkdir(data, { mode: 0o700 });
	const asUser = await ownership(sandbox.folder, data);
	const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8' };
	const run = (program: string, ...args: string[]): ReturnType<Sandbox['spawn']> => {
		const [command = '', ...rest] = [...asUser, join(programs, program), ...args];
		return sandbox.spawn(command, rest, { cwd: data, env });
	};

	const init = await run('initdb', '-D', data, '-U', 'n8n', '--auth=trust', '--no-sync');
	const { code } = await init.exited;
	if (code !== 0) throw new Error(`initdb ended with ${String(code)}:\n${init.log.tail()}`);

	const [port] = await freePorts(1);
	const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off' };
	const server = await run(
		'postgres',
		'-D',
		data,
		...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${String(value)}`]),
	);
	await server.log.waitFor(/database system is ready to accept connections/, START_MS);
	return {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(port),
		DB_POSTGRESDB_DATABASE: 'postgres',
		DB_POSTGRESDB_USER: 'n8n',
	};
}

/** What the database that {@link startPostgres} answered these variables for takes on the disk, in bytes. */
export async function databaseBytes(
	sandbox: Sandbox,
	variables: Readonly<Record<string, string>>,
): Promise<number> {
	const { DB_POSTGRESDB_PORT: port = '', DB_POSTGRESDB_DATABASE: database = '' } = variables;
	const psql = await sandbox.spawn(
		join(await programFolder(), 'psql'),
		['-h', '127.0.0.1', '-p', port, '-U', 'n8n', '-Atc', `SELECT pg_database_size('${database}')`, database],
		{ env: { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8' } },
	);
	const { code } = await psql.exited;
	if (code !== 0) throw new Error(`psql ended with ${String(code)}:\n${psql.log.tail()}`);
	return Number(psql.log.stdout[0]);
}

async function programFolder(): Promise<string> {
	try {
		const [version] = (await readdir(DEBIAN)).sort().reverse();
		if (version !== undefined) return join(DEBIAN, version, 'bin');
	} catch (error) {
		if (!isErrorCode(error, 'ENOENT')) throw error;
	}
	throw new Error(`There is no PostgreSQL in ${DEBIAN}: run scripts/ci-prerequisites.sh`);
}

/** Gives the folder to the user that PostgreSQL has to run as, and answers how to run something as that user. */
async function ownership(parent: string, folder: string): Promise<string[]> {
	if (process.getuid?.() !== 0) return [];
	const [user, group] = await Promise.all([idOf('-u'), idOf('-g')]);
	await chmod(parent, 0o711);
	await chown(folder, user, group);
	return ['setpriv', `--reuid=${String(user)}`, `--regid=${String(group)}`, '--clear-groups', '--'];
}

async function idOf(flag: '-u' | '-g'): Promise<number> {
	const child = spawn('id', [flag, SYSTEM_USER], { stdio: ['ignore', 'pipe', 'inherit'] });
	let printed = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		printed += text;
	});
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', resolve);
	});
	if (code !== 0) throw new Error(`There is no system user ${SYSTEM_USER}`);
	return Number(printed);
}
