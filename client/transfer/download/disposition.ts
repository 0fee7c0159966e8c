import contentDisposition from 'content-disposition';

/**
 * The name in a `Content-Disposition`: `filename*=UTF-8''…`, or a `filename` whose bytes are raw UTF-8, which Node hands
 * over as Latin-1.
 */
export function fileNameOf(header: string | undefined): string | undefined {
	if (header === undefined) return undefined;
	const utf8 = Buffer.from(header, 'latin1').toString('utf8');
	const raw = utf8.includes('\uFFFD') ? header : utf8;
	let name: string | undefined;
	try {
		name = contentDisposition.parse(header).parameters['filename'];
		if (!/filename\*/i.test(header) && raw !== header) name = contentDispositionPlain(raw);
	} catch {
		name = contentDispositionPlain(raw);
	}
	return name === '' ? undefined : name;
}

/** The plain `filename` of a header that is not as the standard wants it. */
function contentDispositionPlain(header: string): string | undefined {
	const [, quoted, token] = /filename="((?:[^"\\]|\\.)*)"|filename=([^;]+)/i.exec(header) ?? [];
	return quoted?.replace(/\\(.)/g, '$1') ?? token?.trim();
}
