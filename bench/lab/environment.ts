/** What of the machine's settings would change what is measured, or lead it elsewhere than to this machine. */
const LEFT_OUT = /_proxy$|^BDD_FILE_|^PYTHON|^NODE_OPTIONS$|^N8N_/i;

/**
 * The environment of every child process: no proxy, no profile of the published client, and temporary files in the
 * folder of the benchmark, which is removed whatever happens.
 */
export function childEnvironment(temporaryFolder: string): NodeJS.ProcessEnv {
	const inherited = Object.entries(process.env).filter(([name]) => !LEFT_OUT.test(name));
	return {
		...Object.fromEntries(inherited),
		NO_PROXY: '*',
		PYTHONUTF8: '1',
		PYTHONDONTWRITEBYTECODE: '1',
		TMPDIR: temporaryFolder,
		TEMP: temporaryFolder,
		TMP: temporaryFolder,
	};
}
