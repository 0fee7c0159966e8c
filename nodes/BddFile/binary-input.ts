import { Readable } from 'node:stream';

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { bufferSource, InvalidInputError, LocalFileError, type UploadSource } from '../../client';
import { messageOf } from '../shared/errors';

const LABEL = 'Input Data Field Name';

/** Bytes per chunk asked of n8n's storage. Storages may give other sizes; the client cuts them to its parts. */
const CHUNK_SIZE = 1024 * 1024;

/** Where n8n's combined binary mode keeps an item's files inside its JSON; n8n-workflow names it from 2.5 on only. */
const FILES_IN_JSON = '_files';

/** As n8n-workflow tells binary data from other values, from 2.5 on. */
const isBinaryValue = (value: unknown): value is IBinaryData =>
	typeof value === 'object' && value !== null && 'mimeType' in value && ('data' in value || 'id' in value);

interface BinaryField {
	name: string;
	binary: IBinaryData;
}

/**
 * The binary fields that the parameter names: one, several separated by commas, or every one of the item for `*`. An
 * expression may also give the binary data itself.
 *
 * @throws InvalidInputError when the item has none of that name
 */
export function binaryFields(n8n: IExecuteFunctions, itemIndex: number, parameter: unknown): BinaryField[] {
	if (isBinaryValue(parameter)) return [{ name: 'data', binary: parameter }];
	const available = new Map(Object.entries(fieldsOfItem(n8n, itemIndex)));
	const names = typeof parameter === 'string' ? parameter.trim() : '';

	if (names === '*') {
		if (available.size > 0) return [...available].map(([name, binary]) => ({ name, binary }));
		throw new InvalidInputError(`${LABEL} is "*", but the item has no binary data`, {
			description: 'Put a node before this one that outputs a file, such as "Read/Write Files from Disk".',
		});
	}
	const wanted = available.has(names) ? [names] : names.split(',').map((name) => name.trim());
	return wanted.filter(Boolean).length === wanted.length
		? wanted.map((name) => ({
				name,
				binary: available.get(name) ?? assertField(n8n, itemIndex, name, available),
			}))
		: emptyName(names);
}

/** An item's binary fields; a workflow in n8n's combined mode carries them inside its JSON. */
function fieldsOfItem(n8n: IExecuteFunctions, itemIndex: number): Record<string, IBinaryData> {
	const item = n8n.getInputData()[itemIndex];
	const inJson = item?.json[FILES_IN_JSON];
	const embedded = typeof inJson === 'object' && inJson !== null ? Object.entries(inJson) : [];
	return {
		...item?.binary,
		...Object.fromEntries(
			embedded.filter((entry): entry is [string, IBinaryData] => isBinaryValue(entry[1])),
		),
	};
}

/** Asks n8n for the field: in combined mode a name may also be a path into the JSON. */
function assertField(
	n8n: IExecuteFunctions,
	itemIndex: number,
	name: string,
	available: Map<string, IBinaryData>,
): IBinaryData {
	try {
		return n8n.helpers.assertBinaryData(itemIndex, name);
	} catch (cause) {
		throw noSuchField(name, available, cause);
	}
}

function noSuchField(name: string, available: Map<string, IBinaryData>, cause: unknown): InvalidInputError {
	const names = [...available.keys()].map((known) => `"${known}"`).join(', ');
	return new InvalidInputError(`${LABEL} names "${name}", but the item has no such binary field`, {
		description:
			names === ''
				? 'The item has no binary data at all. Put a node before this one that outputs a file.'
				: `The item's binary fields are ${names}. Name one, several separated by commas, or * for all.`,
		cause,
	});
}

function emptyName(names: string): never {
	throw new InvalidInputError(
		names === '' ? `${LABEL} is empty` : `${LABEL} "${names}" holds an empty name`,
		{
			description: 'Name one binary field, several separated by commas, or * for all.',
		},
	);
}

/**
 * The field's content as something the client can upload. In memory mode n8n holds the bytes as base64; otherwise they
 * stay in n8n's storage and are streamed from there.
 */
export async function binarySource(
	n8n: IExecuteFunctions,
	{ name, binary }: BinaryField,
	fileName: string,
): Promise<UploadSource> {
	const { id } = binary;
	if (!id) return bufferSource(fileName, Buffer.from(binary.data, 'base64'));
	const unreadable = (cause: unknown) => {
		throw new LocalFileError(`The content of binary field "${name}" cannot be read: ${messageOf(cause)}`, {
			description: 'n8n may have removed it together with an old execution. Run the workflow from its start.',
			cause,
		});
	};
	// Newer n8n tells the size with the data; otherwise its storage has to be asked.
	const size = binary.bytes ?? (await n8n.helpers.getBinaryMetadata(id).catch(unreadable)).fileSize;
	return {
		fileName,
		size,
		open: async (start = 0) =>
			skipBytes(await n8n.helpers.getBinaryStream(id, CHUNK_SIZE).catch(unreadable), start),
	};
}

/** The name a field's content is uploaded under: its own, else the field's with an extension that fits the content. */
export function fileNameOf({ name, binary }: BinaryField): string {
	if (binary.fileName) return binary.fileName;
	return binary.fileExtension ? `${name}.${binary.fileExtension}` : name;
}

/** n8n's storages give a stream from the beginning only. */
function skipBytes(stream: Readable, count: number): Readable {
	if (count === 0) return stream;
	return Readable.from(afterBytes(stream, count), { objectMode: false });
}

async function* afterBytes(stream: Readable, count: number): AsyncGenerator<Buffer> {
	let left = count;
	for await (const chunk of stream as AsyncIterable<Buffer>) {
		const rest = chunk.subarray(Math.min(left, chunk.length));
		left -= chunk.length - rest.length;
		if (rest.length > 0) yield rest;
	}
}
