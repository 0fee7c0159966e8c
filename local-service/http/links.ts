import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Signs links that need no header, for a time: whoever has the link may read that one file until it expires. */
export class LinkSigner {
	private constructor(private readonly key: Buffer) {}

	/** The key is kept in the data folder: links survive a restart. */
	static open(folder: string): LinkSigner {
		const path = join(folder, 'link-key');
		if (!existsSync(path)) {
			writeFileSync(`${path}.new`, randomBytes(32), { mode: 0o600 });
			renameSync(`${path}.new`, path);
		}
		return new LinkSigner(readFileSync(path));
	}

	/** @param expires milliseconds since 1970. */
	sign(id: string, expires: number): string {
		return createHmac('sha256', this.key).update(`${id}\n${expires}`).digest('hex');
	}

	/** Whether the signature is ours for this file and this moment, and the moment has not come yet. */
	isValid(id: string, expires: string, signature: string): boolean {
		if (!/^\d{1,16}$/.test(expires)) return false;
		const expected = Buffer.from(this.sign(id, Number(expires)));
		const given = Buffer.from(signature);
		return (
			given.length === expected.length && timingSafeEqual(given, expected) && Date.now() < Number(expires)
		);
	}
}
