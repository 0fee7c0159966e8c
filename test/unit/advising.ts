/** An error that says this of what to do. */
export const advising = (advice: string | RegExp): Error =>
	expect.objectContaining({
		description: typeof advice === 'string' ? advice : (expect.stringMatching(advice) as string),
	}) as Error;
