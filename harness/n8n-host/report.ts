/** Where a long step tells a person what it is doing, one line at a time. */
export type Report = (line: string) => void;

/** The default: the standard error stream, so that a program's own output stays its own. */
export const reportToStderr: Report = (line) => {
	process.stderr.write(`${line}\n`);
};
