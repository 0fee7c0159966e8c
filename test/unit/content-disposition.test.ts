import { fileNameOf } from '../../client/transfer/download/disposition';

/** As Node hands over raw bytes in a header. */
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('the file name in Content-Disposition', () => {
	it.each([
		[`attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A%20%E7%BB%88%E7%A8%BF.pdf`, '报告 终稿.pdf'],
		[`attachment; filename="x.pdf"; filename*=UTF-8''%E6%8A%A5.pdf`, '报.pdf'],
		[latin1('attachment; filename="报告 终稿.pdf"'), '报告 终稿.pdf'],
		[latin1('attachment; filename=报告.pdf'), '报告.pdf'],
		[latin1(`attachment; filename="报告.pdf"; filename*=UTF-8''%E6%8A%A5.pdf`), '报.pdf'],
		[latin1('attachment; filename="报\\"告.pdf"'), '报"告.pdf'],
		[latin1('attachment; filename=报告.pdf ; size=1'), '报告.pdf'],
		['attachment; title="filename=other.txt"; filename=right.txt', 'right.txt'],
		['attachment; filename="a\\"b;c.txt"', 'a"b;c.txt'],
		['attachment; filename=plain.txt', 'plain.txt'],
		['attachment', undefined],
		[latin1('attachment; title=报'), undefined],
		['=', undefined],
		['attachment; filename=""', undefined],
		[undefined, undefined],
	])('%s', (header, name) => {
		expect(fileNameOf(header)).toBe(name);
	});
});
