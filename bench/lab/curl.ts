import { basename } from 'node:path';
import { stat } from 'node:fs/promises';

import { noMeans, type Report, type Task } from '../tasks';
import { runProgram, type ProgramOptions } from './program';

/** Lets curl carry one file. The time is curl's own, from its first step to the last byte. */
export async function measureCurl(task: Task, options: ProgramOptions): Promise<Report> {
	const args = ['--silent', '--show-error', '--fail', '--write-out', '\n%{time_total}'];
	const output = await runProgram(
		'curl',
		[...args, '--header', `X-User-Id: ${task.userId}`, ...(await transfer(task))],
		options,
	);
	const seconds = Number(output.trim().split('\n').at(-1));
	if (!(seconds > 0)) throw new Error(`curl did not say how long it took: ${output}`);
	return { seconds, cpuSeconds: null, files: 1, memory: null };
}

async function transfer({ url, work }: Task): Promise<string[]> {
	switch (work.verb) {
		case 'download':
			return ['--output', work.path, `${url}/downloadFile?file_id=${work.fileId}`];
		case 'upload': {
			const { size } = await stat(work.path);
			const filename = basename(work.path);
			const target = { biz: 'chat', biz_params: { chat_id: work.chatId } };
			const params = JSON.stringify({ filename, ...target, size, hashcode: null });
			return [
				...['--form-string', `params=${params}`],
				...['--form', `file=@${work.path};type=application/octet-stream`],
				`${url}/uploadSimpleFile`,
			];
		}
		case 'syncToLocal':
		case 'syncToRemote':
		case 'syncUnchanged':
		case 'uploadItems':
		case 'list':
			throw noMeans('curl', work);
	}
}
