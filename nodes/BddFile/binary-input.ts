import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { bufferSource, InvalidInputError, LocalFileError, messageOf, type UploadSource } from '../../client';
import { asText, quoted } from '../shared/values';

const LABEL = 'Input Data Field Name';

/** Bytes per chunk asked of n8n's storage. Storages may give other sizes; the client cuts them to its parts. */
const CHUNK_SIZE = 1024 * 1024;

/** Where n8n's combined binary mode keeps an item's files inside its JSON; n8n-workflow names it from 2.5 on only. */
const FILES_IN_JSON = '_files';

/** As n8n-workflow tells binary data from other values, from 2.5 on. */
const isBinaryValue = (value: unknown): value is IBinaryData =>
	typeof value === 'object' && value !== null && 'mimeType' in value && ('data' in value || 'id' in value);

/** Binary data by name, as an expression gives all of another node's item. */
const isBinaryData = (value: unknown): value is Record<string, IBinaryData> =>
	typeof value === 'object' && value !== null && Object.values(value).some(isBinaryValue);

/** A binary field of an item. Any node may have made it, so nothing of what it holds is taken for granted. */
export interface BinaryField {
	name: string;
	binary: { id?: unknown; data?: unknown; bytes?: unknown; fileName?: unknown; fileExtension?: unknown };
}

/**
 * The binary fields that the parameter names: one, several separated by commas, or every one of the item for `*`. An
 * expression may also give the binary data itself, of one field or of all fields of another node's item.
 *
 * @throws InvalidInputError when the item has none of that name
 */
export function binaryFields(n8n: IExecuteFunctions, itemIndex: number, parameter: unknown): BinaryField[] {
	if (isBinaryValue(parameter)) return [{ name: 'data', binary: parameter }];
	if (isBinaryData(parameter) && !Array.isArray(parameter)) {
		return Object.entries<unknown>(parameter).map(([name, value]) => binaryField(name, value));
	}
	const available = fieldsOfItem(n8n, itemIndex);
	const text = asText(parameter, LABEL) ?? '';

	if (text === '*') {
		if (available.size > 0) return [...available].map(([name, value]) => binaryField(name, value));
		throw new InvalidInputError(`${LABEL} is "*", but the item has no binary data`, {
			description: 'Put a node before this one that outputs a file, such as "Read/Write Files from Disk".',
		});
	}
	const names = available.has(text) ? [text] : text.split(',').map((name) => name.trim());
	if (names.includes('')) {
		throw new InvalidInputError(
			text === '' ? `${LABEL} is empty` : `${LABEL} ${quoted(text)} holds an empty name`,
			{
				description: 'Name one binary field, several separated by commas, or * for all.',
			},
		);
	}
	return names.map((name) => {
		const value = available.has(name) ? available.get(name) : binaryAt(n8n, itemIndex, name);
		return value === undefined ? noSuchField(name, [...available.keys()]) : binaryField(name, value);
	});
}

/** An item's binary fields; a workflow in n8n's combined mode carries them inside its JSON. */
function fieldsOfItem(n8n: IExecuteFunctions, itemIndex: number): Map<string, unknown> {
	const item = n8n.getInputData()[itemIndex];
	const embedded = Object.entries(item?.json[FILES_IN_JSON] ?? {}).filter(([, value]) =>
		isBinaryValue(value),
	);
	return new Map([...Object.entries<unknown>(item?.binary ?? {}), ...embedded]);
}

/** Asks n8n: in combined mode a name may also be a path into the JSON. */
function binaryAt(n8n: IExecuteFunctions, itemIndex: number, name: string): unknown {
	try {
		const found: unknown = n8n.helpers.assertBinaryData(itemIndex, name);
		// For a name such as "constructor" n8n gives what every object has.
		return isBinaryValue(found) ? found : undefined;
	} catch {
		return undefined;
	}
}

function noSuchField(name: string, available: string[]): never {
	const names = available.map(quoted).join(', ');
	throw new InvalidInputError(`${LABEL} names ${quoted(name)}, but the item has no such binary field`, {
		description:
			names === ''
				? 'The item has no binary data at all. Put a node before this one that outputs a file.'
				: `The item's binary fields are ${names}. Name one, several separated by commas, or * for all.`,
	});
}

function binaryField(name: string, value: unknown): BinaryField {
	if (typeof value === 'object' && value !== null) return { name, binary: value };
	throw noBinaryData(name);
}

const noBinaryData = (name: string) =>
	new InvalidInputError(`Binary field ${quoted(name)} holds no binary data`, {
		description: 'Check the node that made it: binary data has its content in "data", as Base64, or an "id".',
	});

/**
 * The field's content as something the client can upload. In memory mode n8n holds the bytes as base64; otherwise they
 * stay in n8n's storage and are streamed from there.
 */
export async function binarySource(
	n8n: IExecuteFunctions,
	{ name, binary: { id, data, bytes } }: BinaryField,
	fileName: string,
): Promise<UploadSource> {
	if (!id && typeof data === 'string') return bufferSource(fileName, Buffer.from(data, 'base64'));
	if (!id || typeof id !== 'string') throw noBinaryData(name);
	const unreadable = (cause: unknown) => {
		throw new LocalFileError(
			`The content of binary field ${quoted(name)} cannot be read: ${messageOf(cause)}`,
			{
				description:
					'n8n may have removed it together with an old execution. Run the workflow from its start.',
				cause,
			},
		);
	};
	// Newer n8n tells the size with the data; otherwise its storage has to be asked.
	const size = isSize(bytes) ? bytes : (await n8n.helpers.getBinaryMetadata(id).catch(unreadable)).fileSize;
	return {
		fileName,
		size,
		// n8n's storages give a stream from the beginning only.
		isSequential: true,
		open: async () => await n8n.helpers.getBinaryStream(id, CHUNK_SIZE).catch(unreadable),
	};
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** The name a field's content is uploaded under: its own, else the field's with an extension that fits the content. */
export function fileNameOf({ name, binary: { fileName, fileExtension } }: BinaryField): string {
	if (typeof fileName === 'number') return String(fileName);
	if (typeof fileName === 'string' && fileName !== '') return fileName;
	if (fileName === undefined || fileName === null || fileName === '') {
		return typeof fileExtension === 'string' && fileExtension !== '' ? `${name}.${fileExtension}` : name;
	}
	throw new InvalidInputError(
		`The file name of binary field ${quoted(name)} is not text: ${quoted(fileName)}`,
		{
			description: 'Name the file with the option "File Name".',
		},
	);
}
