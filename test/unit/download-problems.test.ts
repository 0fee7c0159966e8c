import { ConnectionError, IntegrityError } from '../../client';
import {
	changedMeanwhile,
	endedEarly,
	tooManyBytes,
	wrongContent,
	wrongLength,
} from '../../client/transfer/download/problems';

const LIST_AGAIN =
	'The file may be damaged at the service, or may have been replaced. List it again, then retry.';

it.each([
	[
		wrongLength('Downloading', 5, 7),
		IntegrityError,
		'Downloading failed: the service sends 5 bytes where 7 were announced',
		LIST_AGAIN,
	],
	[
		tooManyBytes('Downloading', 7),
		IntegrityError,
		'Downloading failed: the service sends more than the 7 bytes it announced',
		LIST_AGAIN,
	],
	[
		wrongContent('Downloading'),
		IntegrityError,
		'Downloading failed: the content does not match the hash that the service has',
		'The file was damaged on its way or at the service. Try again, or switch the option "Verify Content" off.',
	],
	[
		endedEarly('Downloading', 5, 7),
		ConnectionError,
		'Downloading failed: the connection ended after 5 of 7 bytes',
		'The network or the service dropped the connection. Run it again.',
	],
	[
		changedMeanwhile('Downloading'),
		IntegrityError,
		'Downloading failed: the file was replaced at the storage while it was read',
		LIST_AGAIN,
	],
])('%s', (error, kind, message, description) => {
	expect(error).toBeInstanceOf(kind);
	expect(error).toMatchObject({ message, description });
});

it('what ended early had begun to arrive', () => {
	expect(endedEarly('Downloading', 5, 7).mayHaveArrived).toBe(true);
});
