/** What the runner may ask the process of the service; each is answered with one {@link Answer}. */
export type Question =
	/** Puts files into a chat, named by {@link fileName}, from number `from` on, all uploaded at {@link UPLOAD_TIME}. */
	| { ask: 'fill'; chatId: string; from: number; count: number; size: number }
	/** How many files a chat has that are complete, and their bytes in all. */
	| { ask: 'chat'; chatId: string }
	/** Requests by path since the last question of this kind. Only of a service that was started with `counting`. */
	| { ask: 'requests' };

/** A line between a contender and the service, each direction by itself. A connection has its full speed at once. */
export interface Line {
	/** Of all connections together; without one, as many as the machine can. */
	bytesPerSecond?: number;
	/** Of each connection. */
	perConnection?: number;
	/** What a request costs before its first byte is there, and a new connection once more. */
	roundTripMs: number;
}

export interface ChatState {
	files: number;
	bytes: number;
	/** Of the file with the highest id. */
	lastId: string;
}

export type Answer = { number: number; result: unknown } | { number: number; error: string };

/** The upload time of all files that `fill` makes: what a local file must bear to be known as unchanged. */
export const UPLOAD_TIME = '2026-01-02T03:04:05.000Z';

/** Names that are as long as those of real files. */
export const fileName = (number: number): string => `report-${String(number).padStart(7, '0')}.bin`;

/** The content of small files: of the given size and different for every number. */
export function fileContent(number: number, size: number): Buffer {
	const content = Buffer.alloc(size, 'content of a small file ');
	content.write(String(number).padStart(12, '0').slice(-Math.min(12, size)));
	return content;
}
