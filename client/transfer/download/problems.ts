import { ConnectionError, IntegrityError } from '../../api/errors';

const LIST_AGAIN =
	'The file may be damaged at the service, or may have been replaced. List it again, then retry.';

/** Before a byte is read: the service announces another length than its list. */
export const wrongLength = (action: string, announced: number, listed: number) =>
	new IntegrityError(
		`${action} failed: the service sends ${announced} bytes where ${listed} were announced`,
		{
			description: LIST_AGAIN,
		},
	);

/** While bytes are read: there are more than were announced. The rest is not read. */
export const tooManyBytes = (action: string, announced: number) =>
	new IntegrityError(`${action} failed: the service sends more than the ${announced} bytes it announced`, {
		description: LIST_AGAIN,
	});

export const wrongContent = (action: string) =>
	new IntegrityError(`${action} failed: the content does not match the hash that the service has`, {
		description:
			'The file was damaged on its way or at the service. Try again, or switch the option "Verify Content" off.',
	});

export const endedEarly = (action: string, got: number, wanted: number) =>
	new ConnectionError(`${action} failed: the connection ended after ${got} of ${wanted} bytes`, {
		mayHaveArrived: true,
		description: 'The network or the service dropped the connection. Run it again.',
	});

/** What was given out may be a gateway's page, of which nothing can go on. */
export const perhapsPage = (action: string) =>
	new IntegrityError(`${action} failed: what came may be a page of a gateway in place of the file`, {
		description: 'Try again. If it stays so, tell whoever runs the gateway before the service.',
	});

/** What was given out is of one version, and the rest is to be had of another only. */
export const changedMeanwhile = (action: string) =>
	new IntegrityError(`${action} failed: the file was replaced at the storage while it was read`, {
		description: LIST_AGAIN,
	});
