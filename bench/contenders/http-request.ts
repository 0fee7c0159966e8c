import type { IDataObject, INodeType } from 'n8n-workflow';
import { join } from 'node:path';

import { prepareN8n } from '../../harness/n8n-host/prepare';
import { noMeans, type Contender, type Outcome, type Setting, type Work } from '../tasks';
import { inputOf, OneNodeEngine } from './engine';
import { loadFrom } from './load';

const TYPE = 'n8n-nodes-base.httpRequest';
/**
 * From 4.2 on the node builds the form by itself, with its own copy of form-data, which the engine's copy does not know
 * for one. Until 4.1 it leaves that to the engine; everything else about an upload is the same.
 */
const VERSION = 4.1;

interface HttpRequestModule {
	HttpRequest: new () => INodeType;
}

/**
 * n8n's own HTTP Request node, set up by hand as a user without our node would do it. The node comes from the installed
 * n8n of `harness/n8n-host` and runs in the same engine as ours.
 */
export class HttpRequestNode implements Contender {
	private constructor(
		private readonly engine: OneNodeEngine,
		private readonly setting: Setting,
	) {}

	static async open(setting: Setting): Promise<HttpRequestNode> {
		const { folder } = await prepareN8n();
		const file = join('n8n-nodes-base', 'dist', 'nodes', 'HttpRequest', 'HttpRequest.node.js');
		const { HttpRequest } = loadFrom(join(folder, 'n8n', 'node_modules', file)) as HttpRequestModule;
		const nodes = { [TYPE]: new HttpRequest() };
		return new HttpRequestNode(await OneNodeEngine.start(setting, { nodes, credentialTypes: [] }), setting);
	}

	async prepare(work: Work): Promise<() => Promise<Outcome>> {
		const step = { type: TYPE, typeVersion: VERSION, parameters: parametersOf(work, this.setting) };
		const input = await inputOf(work);
		const isDone =
			work.verb === 'download' ? () => true : ({ code, data }: IDataObject) => code === 0 && data !== null;
		return () => this.engine.run(step, input, isDone);
	}

	async close(): Promise<void> {
		await this.engine.close();
	}
}

function parametersOf(work: Work, { url, userId }: Setting): IDataObject {
	const headers = {
		sendHeaders: true,
		headerParameters: { parameters: [{ name: 'X-User-Id', value: userId }] },
	};
	switch (work.verb) {
		case 'upload':
		case 'uploadItems': {
			const chat = JSON.stringify(work.chatId);
			const params =
				`={{ JSON.stringify({ filename: $binary.data.fileName, biz: "chat", ` +
				`biz_params: { chat_id: ${chat} }, size: $json.size, hashcode: null }) }}`;
			return {
				...headers,
				method: 'POST',
				url: `${url}/uploadSimpleFile`,
				sendBody: true,
				contentType: 'multipart-form-data',
				bodyParameters: {
					parameters: [
						{ parameterType: 'formData', name: 'params', value: params },
						{ parameterType: 'formBinaryData', name: 'file', inputDataFieldName: 'data' },
					],
				},
				options: {},
			};
		}
		case 'download':
			return {
				...headers,
				method: 'GET',
				url: `${url}/downloadFile?file_id=${work.fileId}`,
				options: { response: { response: { responseFormat: 'file' } } },
			};
		case 'syncToLocal':
		case 'syncToRemote':
		case 'syncUnchanged':
		case 'list':
			throw noMeans('httpRequest', work);
	}
}
