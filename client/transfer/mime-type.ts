import { lookup } from 'mime-types';

/** The MIME type that a file name stands for, `application/octet-stream` when it stands for none. */
export function mimeTypeOf(fileName: string | undefined): string {
	return (fileName !== undefined && lookup(fileName)) || 'application/octet-stream';
}
