import { mimeTypeOf } from '../../client/transfer/mime-type';

it.each([
	['a.png', 'image/png'],
	['A.PDF', 'application/pdf'],
	['a.no-such-type', 'application/octet-stream'],
	['', 'application/octet-stream'],
	[undefined, 'application/octet-stream'],
])('%p is of the type %s', (fileName, type) => {
	expect(mimeTypeOf(fileName)).toBe(type);
});
