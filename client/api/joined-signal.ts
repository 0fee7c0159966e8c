import { setMaxListeners } from 'node:events';

/** Fires when either does. Many requests may wait for it at once; Node would take more than ten for a leak. */
export function joinedSignal(one: AbortSignal | undefined, other: AbortSignal): AbortSignal {
	const joined = one ? AbortSignal.any([one, other]) : other;
	setMaxListeners(Infinity, joined);
	return joined;
}
