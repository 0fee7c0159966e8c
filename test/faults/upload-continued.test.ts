/** Which unfinished uploads are continued, and which are not. */
import type { UploadOptions } from '../../client';
import { http, ok, refused } from '../hostile/support/answers';
import { failureOf, scenario } from '../hostile/support/scenario';
import type { HostileService } from '../hostile/support/service';
import { md5, type NewFile } from '../hostile/support/store';
import { CONTENT, partsOf, SMALL, upload } from './in-parts';
import { MIB } from './support';

/** An unfinished upload of the content, whose first part is there. */
const begin = (service: HostileService, change: Partial<NewFile> = {}) =>
	service.store.add({
		filename: 'a.bin',
		size: CONTENT.length,
		hashcode: md5(CONTENT),
		status: 'uploading',
		parts: { size: 5 * MIB, arrived: new Map([[1, CONTENT.subarray(0, 5 * MIB)]]) },
		...change,
	});

describe('an unfinished upload that was cut differently is not continued', () => {
	it.each<[what: string, status: object]>([
		['of more parts', { part_size: 5 * MIB, uploaded_parts: [1], remaining_parts: [2, 3] }],
		['of fewer parts', { part_size: 5 * MIB, uploaded_parts: [1], remaining_parts: [] }],
		['of other numbers', { part_size: 5 * MIB, uploaded_parts: [0], remaining_parts: [1] }],
		['into larger parts', { part_size: 6 * MIB, uploaded_parts: [1], remaining_parts: [2] }],
		[
			'into parts that no storage takes',
			{ part_size: 6 * 1024 * MIB, uploaded_parts: [], remaining_parts: [1] },
		],
		['into parts of no size', { part_size: 0, uploaded_parts: [1], remaining_parts: [2] }],
		['without a list of what is there', { part_size: 5 * MIB, uploaded_parts: null, remaining_parts: [2] }],
		['and is merging', { status: 'merging', part_size: 5 * MIB, uploaded_parts: [1], remaining_parts: [2] }],
	])('%s', (_, status) =>
		scenario(async (parts) => {
			const { service } = parts;
			const begun = begin(service);
			const told = ok({ file_id: begun.id, status: 'uploading', ...status });
			service.on('getMultipartUploadFileStatus', () => told, 1);
			const { fileId } = await upload(parts);
			expect(fileId).not.toBe(begun.id);
			expect(partsOf(service)).toEqual([1, 2]);
			expect(service.store.goodCopies(CONTENT)).toEqual([fileId]);
		}),
	);
});

it('an unfinished upload of which every part is there is only completed', () =>
	scenario(async (parts) => {
		const { service } = parts;
		const arrived = new Map([[1, CONTENT.subarray(0, 5 * MIB)]]).set(2, CONTENT.subarray(5 * MIB));
		const begun = begin(service, { parts: { size: 5 * MIB, arrived } });
		const { fileId } = await upload(parts);
		expect(fileId).toBe(begun.id);
		const asked = service.calls.map(({ endpoint }) => endpoint);
		const before = asked.slice(0, asked.indexOf('completeMultipartUpload'));
		expect(before.filter((endpoint) => !/^list/.test(endpoint))).toEqual(['getMultipartUploadFileStatus']);
	}));

it('an upload of which the service misses a part that it does not have is not completed', () =>
	scenario(async (parts) => {
		const { service } = parts;
		const status = { status: 'uploading', part_size: 5 * MIB, uploaded_parts: [1, 2], remaining_parts: [99] };
		service.on('getMultipartUploadFileStatus', () => ok(status));
		expect((await failureOf(upload(parts, { resume: false }))).message).toContain('does not keep part 99');
		expect(service.calls.filter(({ endpoint }) => endpoint === 'completeMultipartUpload')).toEqual([]);
	}));

it('an unfinished upload that the service no longer knows is not continued', () =>
	scenario(async (parts) => {
		const { service } = parts;
		const record = { filename: 'a.bin', size: CONTENT.length, hashcode: md5(CONTENT) };
		const stale = service.store.add({ ...record, status: 'uploading' });
		service.on('getMultipartUploadFileStatus', () => refused('file not found'), 1);
		const { fileId } = await upload(parts);
		expect(fileId).not.toBe(stale.id);
		expect(partsOf(service)).toEqual([1, 2]);
	}));

describe('where the beginning of an upload may have been lost, it is not taken up again', () => {
	it.each<[what: string, record: Partial<NewFile>]>([
		['in an older one', { status: 'uploading', uploadAt: '2020-01-01T00:00:00Z' }],
		['in one that is complete', { status: 'ok', bytes: CONTENT }],
	])('%s', (_, record) =>
		scenario(async (parts) => {
			const { service } = parts;
			const size = CONTENT.length;
			service.on(
				'initMultipartUploadFile',
				() => {
					service.store.add({ filename: 'a.bin', size, hashcode: md5(CONTENT), ...record });
					return http(503);
				},
				1,
			);
			const { fileId } = await upload(parts, { resume: false });
			expect(fileId).toBe(2);
			expect(service.store.goodCopies(CONTENT)).toContain(2);
		}),
	);
});

describe('an unfinished upload that is named, where only the list of the chat tells of it,', () => {
	it.each<[what: string, record: Partial<NewFile>, isContinued: boolean]>([
		['is continued', {}, true],
		['is continued without a hash', { hashcode: '' }, true],
		['is not continued when it has another hash', { hashcode: md5(SMALL) }, false],
		['is not continued when it has another name', { filename: 'b.bin' }, false],
		['is not continued when it has another size', { size: CONTENT.length - 1 }, false],
		['is not continued when it is merging', { status: 'merging' }, false],
	])('%s', (_, record, isContinued) =>
		scenario(async (parts) => {
			const { service } = parts;
			service.withoutDirectories();
			const begun = begin(service, record);
			const status = { status: 'uploading', part_size: 5 * MIB, uploaded_parts: [1], remaining_parts: [2] };
			// A service that contradicts itself.
			service.on('getMultipartUploadFileStatus', (work, { query }) =>
				begun.status === 'merging' && query.get('file_id') === String(begun.id) ? ok(status) : work(),
			);
			const { fileId } = await upload(parts, { resume: false, resumeFileId: String(begun.id) });
			expect(fileId === begun.id).toBe(isContinued);
			expect(partsOf(service)).toEqual(isContinued ? [2] : [1, 2]);
		}),
	);
});

describe('an unfinished upload that a search finds', () => {
	const base = { biz: 'knowledgeBase', bizParams: { base: 7 } } as const;

	it.each<[what: string, where: UploadOptions, record: Partial<NewFile>, isContinued: boolean]>([
		['is continued in its chat', {}, {}, true],
		['is not continued in another chat', {}, { bizParams: { chat_id: '43' } }, false],
		['is not continued under a longer name', {}, { filename: 'a.bin.bak' }, false],
		['is continued in its base', base, base, true],
		['is not continued in another base', base, { ...base, bizParams: { base: 8 } }, false],
	])('%s', (_, where, record, isContinued) =>
		scenario(async (parts) => {
			const { id } = begin(parts.service, record);
			const { fileId } = await upload(parts, where);
			expect(fileId === id).toBe(isContinued);
		}),
	);

	it('is not continued when its record is of another biz', () =>
		scenario(async (parts) => {
			const { id } = begin(parts.service);
			parts.service.nature.show = (record) => (record.id === id ? { ...record, biz: 'zero2x' } : record);
			expect((await upload(parts)).fileId).not.toBe(id);
		}));
});

describe('an upload that is continued', () => {
	it('and that somebody aborts meanwhile begins anew', () =>
		scenario(async (parts) => {
			const { service } = parts;
			const { id } = begin(service);
			service.on('uploadFilePart', () => refused('file is not uploading'), 1);
			const { fileId } = await upload(parts);
			expect(fileId).not.toBe(id);
			expect(partsOf(service)).toEqual([1, 2, 2]);
		}));

	it('and fails for another reason does not', () =>
		scenario(async (parts) => {
			const { service } = parts;
			begin(service);
			service.on('uploadFilePart', () => refused('quota exceeded'));
			expect((await failureOf(upload(parts))).message).toContain('quota exceeded');
			expect(service.count('initMultipartUploadFile')).toBe(0);
		}));

	it('does not begin anew twice', () =>
		scenario(async (parts) => {
			const { service } = parts;
			begin(service);
			service.on('uploadFilePart', () =>
				refused(service.count('initMultipartUploadFile') > 5 ? 'enough' : 'file is not uploading'),
			);
			expect((await failureOf(upload(parts))).message).toContain('file is not uploading');
			expect(service.count('initMultipartUploadFile')).toBe(1);
		}));
});
