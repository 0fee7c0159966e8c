/**
 * Whether `error` is a system error with this code (`ENOENT`, `ESRCH`, …). Not by `instanceof`: jest has an `Error` of
 * its own.
 */
export function isErrorCode(error: unknown, code: string): boolean {
	return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
