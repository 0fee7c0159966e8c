import { ConnectionError, IntegrityError } from '../../api/errors';

export const wrongLength = (action: string, got: number, wanted: number) =>
	new IntegrityError(`${action} failed: the service sends ${got} bytes where ${wanted} were announced`, {
		description:
			'The file may be damaged at the service, or may have been replaced. List it again, then retry.',
	});

export const wrongContent = (action: string) =>
	new IntegrityError(`${action} failed: the content does not match the hash that the service has`, {
		description:
			'The file was damaged on its way or at the service. Try again, or switch the option "Verify Content" off.',
	});

export const endedEarly = (action: string, got: number, wanted: number | undefined) =>
	new ConnectionError(`${action} failed: the connection ended after ${got} of ${wanted ?? 'unknown'} bytes`, {
		mayHaveArrived: true,
		description: 'The network or the service dropped the connection. Run it again.',
	});
