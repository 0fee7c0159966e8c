/** Variables n8n's engine reads once, when it is first used. */
type Variables = Record<string, string>;

/** Sets variables and gives back a function that restores what was there. */
export function setEnvironment(variables: Variables): () => void {
	const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
	Object.assign(process.env, variables);
	return () => {
		for (const [name, value] of before) {
			if (value === undefined) Reflect.deleteProperty(process.env, name);
			else process.env[name] = value;
		}
	};
}
