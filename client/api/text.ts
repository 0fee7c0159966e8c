/** Foreign text is cut to this before anything looks into it. Characters. */
export const LOOKED_AT = 4096;
/** The most of a foreign text that a message repeats. Characters. */
const QUOTED = 300;

/** White space, what steers a terminal, and what turns the direction of writing. */
const INVISIBLE = /[\s\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * Foreign text as a message may repeat it: one line of at most 300 characters. Links are shown without their query,
 * which is where a signed link has its signature, and without user and password. XML inside of it is left out: it is
 * the error of a storage, which names keys.
 */
export function quoted(text: string): string {
	const start = text.slice(0, LOOKED_AT);
	const xml = start.search(/<\?xml|<Error>/i);
	const words = xml < 0 ? start : `${start.slice(0, xml)}…`;
	const line = words
		.replace(/[^\s"<>]+/g, withoutSecrets)
		.replace(INVISIBLE, ' ')
		.trim();
	// Half a character at the end would be none.
	return line.length > QUOTED ? `${line.slice(0, QUOTED).replace(/[\ud800-\udbff]$/, '')}…` : line;
}

/** One word; a query without an `=` is a question. */
function withoutSecrets(word: string): string {
	const scheme = word.indexOf('://');
	if (scheme < 0) {
		const query = word.indexOf('?');
		return query >= 0 && word.includes('=', query) ? `${word.slice(0, query)}?…` : word;
	}
	const address = word.slice(scheme + 3);
	const end = address.search(/[?#]|%3f|:\/\//i);
	const shown = end < 0 ? address : `${address.slice(0, end)}…`;
	const user = shown.lastIndexOf('@', shown.includes('/') ? shown.indexOf('/') : undefined);
	return word.slice(0, scheme + 3) + shown.slice(user + 1);
}
