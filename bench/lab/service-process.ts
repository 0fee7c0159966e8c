/**
 * The service in a process of its own: `service.js <data folder> [counting]`. It sends its URL, then answers questions,
 * both over Node's channel between processes, and ends when the channel is closed.
 */
import { startService, type RunningService } from '../../local-service';
import { fileContent, fileName, UPLOAD_TIME, type Answer, type ChatState, type Question } from './messages';

/** Files that are put into the service at once. */
const FILL_BATCH = 64;

async function fill(
	service: RunningService,
	{ chatId, from, count, size }: Extract<Question, { ask: 'fill' }>,
): Promise<void> {
	for (let start = from; start < from + count; start += FILL_BATCH) {
		const numbers = Array.from({ length: Math.min(FILL_BATCH, from + count - start) }, (_, i) => start + i);
		await Promise.all(
			numbers.map((number) =>
				service.addFile({
					filename: fileName(number),
					content: fileContent(number, size),
					chatId,
					uploadAt: UPLOAD_TIME,
				}),
			),
		);
	}
}

function stateOf(service: RunningService, chatId: string): ChatState {
	const files = service.files().filter((file) => file.chatId === chatId && file.status === 'ok');
	return {
		files: files.length,
		bytes: files.reduce((sum, { size }) => sum + size, 0),
		lastId: files.at(-1)?.id ?? '',
	};
}

async function main(): Promise<void> {
	const [dataDir = '', counting] = process.argv.slice(2);
	const requests = new Map<string, number>();
	const count = ({ path }: { path: string }) => requests.set(path, (requests.get(path) ?? 0) + 1);
	// Without a hook where nobody asks for it: it would cost every request something.
	const service = await startService({ dataDir, ...(counting && { onRequest: count }) });

	const resultOf = async (question: Question): Promise<unknown> => {
		switch (question.ask) {
			case 'fill':
				await fill(service, question);
				return null;
			case 'chat':
				return stateOf(service, question.chatId);
			case 'requests': {
				const counted = Object.fromEntries(requests);
				requests.clear();
				return counted;
			}
		}
	};
	const reply = (answer: Answer) => process.send?.(answer);
	process.on('message', ({ number, question }: { number: number; question: Question }) => {
		resultOf(question).then(
			(result) => reply({ number, result }),
			(error: unknown) => reply({ number, error: String(error) }),
		);
	});
	process.once('disconnect', () => void service.close());
	process.send?.({ url: service.url });
}

main().catch((error: unknown) => {
	console.error(error);
	process.exit(1);
});
