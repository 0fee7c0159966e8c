/** What is said of an upload whose parts are all there, with each answer that the service may give, or not give, to its completion. */
import type { CallContext, UploadTarget } from '../../client/api/api';
import { CancelledError, ConnectionError, ServiceError, UnknownOutcomeError } from '../../client/api/errors';
import { complete, isFailedFile } from '../../client/transfer/upload/completion';
import { Place } from '../../client/transfer/upload/place';
import { failureOf } from '../faults/odd-server';
import { http, ok, refused, type Answer } from '../hostile/support/answers';
import type { StoredFile } from '../hostile/support/store';
import { atService, begun, contextWith, ELSEWHERE, IN_CHAT, type AtService } from './at-service';

const PARTS = [Buffer.from('01234'), Buffer.from('56789'), Buffer.from('ab')];

interface Completing extends AtService {
	file: StoredFile;
	complete: (more?: Partial<CallContext>) => Promise<void>;
}

/** A service that has all parts of a file. */
const withParts = (test: (parts: Completing) => Promise<void>, target: UploadTarget = IN_CHAT) =>
	atService(async ({ service, api }) => {
		const file = begun(service, PARTS, [1, 2, 3], target);
		await test({
			service,
			api,
			file,
			complete: async (more = {}) => {
				const context = contextWith(more);
				const sent = { id: String(file.id), fileName: file.filename, size: file.size };
				await complete(api, new Place(api, target, context), sent, context);
			},
		});
	});

const UNKNOWN = 'Uploading "a.bin": all parts arrived, but it is not known whether the file was completed';
const CHECK = 'Check file 1 before you upload it again, or it may exist twice.';

describe('the service says yes', () => {
	it('and it is complete', () =>
		withParts(async ({ service, file, complete }) => {
			await complete();
			expect(file.status).toBe('ok');
			expect(service.count('getMultipartUploadFileStatus')).toBe(1);
		}));

	it('and shows it unfinished once more: it is looked at again', () =>
		withParts(async ({ service, complete }) => {
			const uploading = ok({ status: 'uploading', uploaded_parts: [1, 2, 3], remaining_parts: [] });
			service.on('getMultipartUploadFileStatus', () => uploading, 1);
			await complete({ settleMs: 1_000 });
			expect(service.count('getMultipartUploadFileStatus')).toBe(2);
			expect(service.count('completeMultipartUpload')).toBe(1);
		}));

	it('and shows it unfinished for ever: nobody knows', () =>
		withParts(async ({ service, complete }) => {
			service.on('completeMultipartUpload', () => ok(1));
			const error = await failureOf(complete());
			expect(error).toBeInstanceOf(UnknownOutcomeError);
			expect(error).toMatchObject({ message: UNKNOWN, description: CHECK });
			expect(error.cause).toBeUndefined();
		}));

	it('and does not tell once what became of it: it is asked again', () =>
		withParts(async ({ service, complete }) => {
			service.on('getMultipartUploadFileStatus', () => http(500), 1);
			await complete({ settleMs: 1_000 });
			expect(service.count('getMultipartUploadFileStatus')).toBe(2);
		}));

	it('and never tells what became of it: no list is believed while the record may be there', () =>
		withParts(async ({ service, file, complete }) => {
			service.on('getMultipartUploadFileStatus', () => http(500));
			const error = await failureOf(complete());
			expect(file.status).toBe('ok');
			expect(error).toBeInstanceOf(UnknownOutcomeError);
			expect(error.cause).toBeInstanceOf(ServiceError);
			expect(error.cause).toMatchObject({ status: 500 });
			expect(service.count('listFilesInDirectory')).toBe(0);
		}));

	it('and makes no file of it', () =>
		withParts(async ({ service, file, complete }) => {
			service.on('completeMultipartUpload', (work) => {
				const answer = work();
				file.status = 'error';
				return answer;
			});
			const error = await failureOf(complete());
			expect(error).toBeInstanceOf(ServiceError);
			expect(error).toMatchObject({
				message: 'Uploading "a.bin" failed: the service could not put the parts together',
				description: 'Upload the file again.',
			});
			expect(error.cause).toBeUndefined();
		}));

	it('and it is cancelled during the last look: that is what it says', () =>
		withParts(async ({ service, complete }) => {
			const stop = new AbortController();
			service.on('getMultipartUploadFileStatus', async () => {
				// Until there is no time for another look.
				for (const from = Date.now(); Date.now() < from + 3;) await new Promise(setImmediate);
				stop.abort();
				return 'silence' as const;
			});
			const error = await failureOf(complete({ settleMs: 1, signal: stop.signal }));
			expect(error).toBeInstanceOf(CancelledError);
		}));
});

describe('the service says no', () => {
	it('and means it: nobody looks', () =>
		withParts(async ({ service, complete }) => {
			service.on('completeMultipartUpload', () => refused('quota exceeded'));
			const error = await failureOf(complete({ maxTries: 3 }));
			expect(error).toMatchObject({ serviceMessage: 'quota exceeded' });
			expect(service.count('completeMultipartUpload')).toBe(1);
			expect(service.count('getMultipartUploadFileStatus')).toBe(0);
		}));

	it.each<[string, Answer]>([
		['that there is no such upload', refused('file not found')],
		['that it is none any more', refused('File is not uploading')],
	])('%s, since it is complete', (_, answer) =>
		withParts(async ({ service, complete }) => {
			service.on('completeMultipartUpload', (work) => (work(), answer));
			await complete();
			expect(service.count('completeMultipartUpload')).toBe(1);
		}),
	);
});

describe('the answer is lost', () => {
	it('and the upload stands: it is completed again, without waiting', () =>
		withParts(async ({ service, file, complete }) => {
			service.on('completeMultipartUpload', () => 'reset', 1);
			// Its list lags: it is the record that shows that it stands.
			service.nature.show = (record) => (record.status === 'ok' ? record : undefined);
			await complete({ maxTries: 2, settleMs: 300 });
			expect(file.status).toBe('ok');
			expect(service.count('completeMultipartUpload')).toBe(2);
			expect(service.count('getMultipartUploadFileStatus')).toBe(2);
		}));

	it('when it was asked for last, and may still be at work: it is waited for', () =>
		withParts(async ({ service, file, complete }) => {
			service.on('completeMultipartUpload', () => 'reset');
			service.on('getMultipartUploadFileStatus', (work) => {
				const answer = work();
				Object.assign(file, { status: 'ok', parts: undefined });
				return answer;
			});
			await complete({ settleMs: 1_000 });
			expect(service.count('getMultipartUploadFileStatus')).toBe(2);
		}));

	it('when it was asked for last, and the upload stands: it was not completed', () =>
		withParts(async ({ service, complete }) => {
			service.on('completeMultipartUpload', () => 'reset');
			expect(await failureOf(complete())).toBeInstanceOf(ConnectionError);
		}));

	it('because the service hangs: what has become of it is found', () =>
		withParts(async ({ service, file, complete }) => {
			service.on('completeMultipartUpload', (work) => (work(), 'silence'));
			await complete({ timeoutMs: 400 });
			expect(file.status).toBe('ok');
		}));

	it('and the file is in error: the error tells what was lost', () =>
		withParts(async ({ service, file, complete }) => {
			service.on('completeMultipartUpload', (work) => {
				work();
				file.status = 'error';
				return 'reset';
			});
			const error = await failureOf(complete());
			expect(error).toMatchObject({ serviceMessage: 'the file is in error' });
			expect(error.cause).toBeInstanceOf(ConnectionError);
		}));

	it('and its chat does not show it: that it can be downloaded is not asked', () =>
		withParts(async ({ service, complete }) => {
			service.on('completeMultipartUpload', (work) => (work(), 'reset'));
			service.nature.show = () => undefined;
			const error = await failureOf(complete());
			expect(error).toMatchObject({ message: UNKNOWN, description: CHECK });
			expect(error.cause).toBeInstanceOf(ConnectionError);
			expect(service.count('downloadFile')).toBe(0);
		}));

	it.each<[string, Answer | undefined, boolean]>([
		['is as long as it was', undefined, true],
		['is shorter', { status: 200, body: 'shorter' }, false],
		['is an error of that length', { status: 404, body: 'x'.repeat(12) }, false],
	])('and no list of another biz shows it: its download %s', (_, answer, isThere) =>
		withParts(async ({ service, complete }) => {
			service.withoutDirectories();
			service.on('completeMultipartUpload', (work) => (work(), 'reset'));
			service.on('downloadFile', (work) => answer ?? work());
			const completing = complete();
			if (isThere) await completing;
			else expect(await failureOf(completing)).toBeInstanceOf(UnknownOutcomeError);
		}, ELSEWHERE),
	);
});

it('a failed file is told from all other failures', () => {
	const refusedWith = (serviceMessage: string) =>
		new ServiceError('x', { status: 200, serviceMessage, description: '' });
	expect(isFailedFile(refusedWith('the file is in error'))).toBe(true);
	expect(isFailedFile(refusedWith('busy'))).toBe(false);
	expect(isFailedFile(Object.assign(new Error('x'), { serviceMessage: 'the file is in error' }))).toBe(false);
});
