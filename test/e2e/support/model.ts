import { createServer, type IncomingMessage } from 'node:http';

/** A tool as an agent offers it to a language model. */
export interface OfferedTool {
	name: string;
	description: string;
	parameters: { properties: Record<string, { type?: string; description?: string }>; required?: string[] };
}

interface ChatMessage {
	role: string;
	content?: unknown;
}

interface ChatRequest {
	messages: ChatMessage[];
	tools?: { function: OfferedTool }[];
}

/** A language model on loopback, in the words of OpenAI's chat completions, that does what a test says. */
export interface ScriptedModel {
	url: string;
	/** The tools of the last request. */
	offered(): OfferedTool[];
	/** What the agent's tool answered the model, in order. */
	toolResults(): string[];
	close(): Promise<void>;
}

/** Starts a model that calls the first tool it is offered once, with these arguments, and then says goodbye. */
export async function startModel(toolArguments: object): Promise<ScriptedModel> {
	const requests: ChatRequest[] = [];
	const server = createServer((request, response) => {
		void readJson(request).then((body) => {
			const chat = body as ChatRequest;
			requests.push(chat);
			const called = chat.messages.some(({ role }) => role === 'tool');
			const tool = chat.tools?.[0]?.function.name ?? '';
			const call = { name: tool, arguments: JSON.stringify(toolArguments) };
			const message = called
				? { role: 'assistant', content: 'Done' }
				: {
						role: 'assistant',
						content: null,
						tool_calls: [{ id: 'call-1', type: 'function', function: call }],
					};
			response.setHeader('content-type', 'application/json');
			response.end(
				JSON.stringify({
					id: 'completion',
					object: 'chat.completion',
					created: 0,
					model: 'scripted',
					choices: [{ index: 0, message, finish_reason: called ? 'stop' : 'tool_calls' }],
					usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
				}),
			);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('The model does not listen');
	return {
		url: `http://127.0.0.1:${String(address.port)}/v1`,
		offered: () => requests.at(-1)?.tools?.map((tool) => tool.function) ?? [],
		toolResults: () =>
			requests
				.at(-1)
				?.messages.filter(({ role }) => role === 'tool')
				.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content))) ?? [],
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

async function readJson(request: IncomingMessage): Promise<unknown> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
	return JSON.parse(Buffer.concat(chunks).toString());
}
