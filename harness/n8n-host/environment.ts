import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import type { N8nInstallation } from './prepare';

/** What one n8n process is told through its environment. */
export interface N8nSettings {
	/** `N8N_USER_FOLDER`: n8n keeps everything in `.n8n` below it. */
	userFolder: string;
	/** Folders that workflows may read and write, in n8n's file-access policy. */
	allowedFolders?: readonly string[];
	/** Anything else, for example the binary data mode. Wins over what is set here. */
	extra?: Readonly<Record<string, string>>;
}

/**
 * The whole environment of an n8n process: on loopback, silent towards the internet, and independent of what the
 * developer has set. Its log is one JSON object per line, so that warnings can be told from the rest.
 */
export function n8nEnvironment(installation: N8nInstallation, settings: N8nSettings): Record<string, string> {
	const { userFolder, allowedFolders, extra } = settings;
	return {
		PATH: [dirname(installation.node), process.env.PATH ?? ''].join(delimiter),
		HOME: userFolder,
		// n8n leaves a folder for uploads in the system's.
		TMPDIR: userFolder,
		LANG: 'C.UTF-8',
		TZ: 'UTC',
		GENERIC_TIMEZONE: 'UTC',
		N8N_USER_FOLDER: userFolder,
		N8N_HOST: '127.0.0.1',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_SECURE_COOKIE: 'false',
		N8N_LOG_FORMAT: 'json',

		// Everything that would ask n8n's own servers.
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		...(existsSync(join(dirname(installation.n8n), '..', 'dist', 'modules', 'mcp-registry'))
			? { N8N_DISABLED_MODULES: 'mcp-registry' }
			: {}),

		// Community packages that n8n's makers have not vetted are what this project is.
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		...(allowedFolders === undefined ? {} : { N8N_RESTRICT_FILE_ACCESS_TO: allowedFolders.join(';') }),
		...extra,
	};
}
