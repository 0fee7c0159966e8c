/** Headers that no good server sends. `{self}` and `{storage}` stand for the addresses of the liar. */
import fc from 'fast-check';

import { SECRET, type Header } from '../scenario';

/** Where a redirect leads: back, to the storage, in circles, nowhere. */
export const location: fc.Arbitrary<Header> = fc.tuple(
	fc.constant('Location'),
	fc.constantFrom(
		'{self}/listChatFiles',
		'{self}/downloadFile?file_id=1',
		'{storage}/bucket/1?X-Amz-Signature=' + SECRET + '-location',
		'/',
		'',
		'http://',
		'http://[',
		'//',
		'file:///etc/passwd',
		'ftp://127.0.0.1/x',
		'data:text/plain,hello',
		'http://127.0.0.1:1/' + SECRET + '-refused',
		'http://127.0.0.2/' + SECRET + '-elsewhere',
		'http://no such host/',
	),
);

export const header: fc.Arbitrary<Header> = fc.oneof(
	{
		weight: 3,
		arbitrary: fc.tuple(
			fc.constant('Content-Type'),
			fc.constantFrom(
				'application/json',
				'text/html',
				'application/problem+json',
				'application/xml',
				'',
				'x;;;=',
				'application/json; charset=utf-16',
			),
		),
	},
	fc.tuple(
		fc.constant('Content-Disposition'),
		fc.constantFrom(
			'attachment',
			'attachment; filename="../../x"',
			"attachment; filename*=UTF-8''%E4%B8",
			'inline; filename=',
			';;;',
			`attachment; filename="${'\\'.repeat(3_000)}`,
		),
	),
	location,
	fc.tuple(
		fc.constant('Content-Range'),
		fc.constantFrom('bytes 0-0/1', 'bytes 5-4/3', 'bytes */*', 'x', 'bytes 0-99999999999/1e12'),
	),
	fc.tuple(fc.constant('ETag'), fc.constantFrom('"x"', 'W/"x"', '', '"' + 'e'.repeat(8_000))),
	fc.tuple(
		fc.constant('Date'),
		fc.constantFrom('Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT', 'now', ''),
	),
	fc.tuple(
		fc.constant('Retry-After'),
		fc.constantFrom('0', '1', '-1', '1e3', 'soon', '999999', 'Thu, 01 Jan 1970 00:00:00 GMT'),
	),
	fc.tuple(fc.constant('Content-Encoding'), fc.constantFrom('gzip', 'br', 'identity', 'x')),
	fc.tuple(fc.constant('Transfer-Encoding'), fc.constantFrom('chunked', 'gzip', 'identity')),
	fc.tuple(fc.constant('Connection'), fc.constantFrom('close', 'keep-alive', 'upgrade')),
	fc.tuple(fc.constant('X-Long'), fc.constantFrom('x'.repeat(20_000), 'ü')),
);
