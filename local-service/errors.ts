/** A refusal by the service's own rules. It is answered with HTTP 200 and a non-zero `code`; `message` is its text. */
export class Refusal extends Error {
	override readonly name = 'Refusal';
}

/** One entry of FastAPI's `detail` list. */
export interface Problem {
	type: string;
	/** Where the value is: `["query", "file_id"]`. */
	loc: (string | number)[];
	msg: string;
	input: unknown;
}

/** A missing or invalid parameter. It is answered with HTTP 422 and `{"detail": problems}`. */
export class InvalidRequest extends Error {
	override readonly name = 'InvalidRequest';

	constructor(readonly problems: Problem[]) {
		super(problems.map((problem) => `${problem.loc.join('.')}: ${problem.msg}`).join('; '));
	}
}

/** Whether an error has this code of the operating system, such as `ENOENT`. */
export const hasCode = (error: unknown, code: string): boolean =>
	typeof error === 'object' && error !== null && 'code' in error && error.code === code;

/** A request that is refused below the service's own rules, with `{"detail": message}`. */
export class HttpError extends Error {
	override readonly name = 'HttpError';

	constructor(
		readonly status: number,
		message: string,
		readonly headers: Readonly<Record<string, string>> = {},
	) {
		super(message);
	}
}
