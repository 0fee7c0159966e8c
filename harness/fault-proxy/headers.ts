/** Headers that belong to one connection, not to the message. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection']);

/** Raw headers (name, value, name, value ...) without those that belong to the connection. */
export function endToEnd(rawHeaders: readonly string[]): string[] {
	const kept: string[] = [];
	for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
		const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
		if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, value);
	}
	return kept;
}
