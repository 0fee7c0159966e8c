import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder for what this project downloads once and keeps: in `XDG_CACHE_HOME`, or in `~/.cache`. As the XDG
 * specification has it, an empty variable counts as none.
 */
export function defaultCacheFolder(): string {
	return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-bdd-file');
}
