import {
	ICredentialsHelper,
	type ICredentialDataDecryptedObject,
	type ICredentials,
	type ICredentialsExpressionResolveValues,
	type ICredentialType,
	type IExecuteData,
	type IHttpRequestOptions,
	type INodeCredentialsDetails,
	type INodeProperties,
	type IRequestOptionsSimplified,
	type IWorkflowExecuteAdditionalData,
	type NodeParameterValue,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

const NOT_HERE = 'The engine harness keeps credentials in memory only';

/**
 * Credentials from memory instead of n8n's encrypted database. As in n8n, missing fields get their defaults and fields
 * may hold expressions, resolved for the item at hand.
 */
export class PlainCredentials extends ICredentialsHelper {
	constructor(
		private readonly types: ICredentialType[],
		private readonly byName: Record<string, ICredentialDataDecryptedObject>,
	) {
		super();
	}

	override getDecrypted(
		_additionalData: IWorkflowExecuteAdditionalData,
		{ id, name }: INodeCredentialsDetails,
		type: string,
		mode: WorkflowExecuteMode,
		_executeData?: IExecuteData,
		_raw?: boolean,
		resolve?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		const fields = this.byName[id ?? name] ?? this.byName[name];
		if (!fields) return Promise.reject(new Error(`There is no credential "${name}"`));
		const defaults = this.getCredentialsProperties(type).map((property) => [property.name, property.default]);
		const data = { ...Object.fromEntries(defaults), ...fields } as ICredentialDataDecryptedObject;
		return Promise.resolve(resolve ? resolveExpressions(data, mode, resolve) : data);
	}

	override getCredentialsProperties(type: string): INodeProperties[] {
		return this.types.find(({ name }) => name === type)?.properties ?? [];
	}

	override getParentTypes(): string[] {
		return [];
	}

	override authenticate(
		_credentials: ICredentialDataDecryptedObject,
		_type: string,
		options: IHttpRequestOptions | IRequestOptionsSimplified,
	): Promise<IHttpRequestOptions> {
		return Promise.resolve(options as IHttpRequestOptions);
	}

	override preAuthentication(): Promise<undefined> {
		return Promise.resolve(undefined);
	}

	override getCredentials(): Promise<ICredentials> {
		return Promise.reject(new Error(NOT_HERE));
	}

	override updateCredentials(): Promise<void> {
		return Promise.reject(new Error(NOT_HERE));
	}

	override updateCredentialsOauthTokenData(): Promise<void> {
		return Promise.reject(new Error(NOT_HERE));
	}
}

function resolveExpressions(
	data: ICredentialDataDecryptedObject,
	mode: WorkflowExecuteMode,
	{
		workflow,
		node,
		itemIndex,
		runIndex,
		runExecutionData,
		connectionInputData,
	}: ICredentialsExpressionResolveValues,
): ICredentialDataDecryptedObject {
	return workflow.expression.getParameterValue(
		data as Record<string, NodeParameterValue>,
		runExecutionData,
		runIndex,
		itemIndex,
		node.name,
		connectionInputData,
		mode,
		{},
	) as ICredentialDataDecryptedObject;
}
