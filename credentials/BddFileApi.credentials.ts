import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** Where the file service is and who asks. The node tests it: see `testBddFileApi`. */
export class BddFileApi implements ICredentialType {
	name = 'bddFileApi';

	displayName = 'BDD File API';

	icon: Icon = { light: 'file:BddFileApi.svg', dark: 'file:BddFileApi.dark.svg' };

	documentationUrl = 'https://github.com/bdd-platform/n8n-nodes-bdd-file#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Profile',
			name: 'profile',
			type: 'options',
			options: [
				{ name: 'Development', value: 'dev', description: 'The service at http://10.200.65.13:2015' },
				{ name: 'Beta', value: 'beta', description: 'The service at http://10.200.65.13:2015' },
				{ name: 'Production', value: 'prod', description: 'The service at http://bdd-file-service' },
				{ name: 'Custom', value: 'custom', description: 'A service at an address of your own' },
			],
			default: 'dev',
			description: 'Which file service to use',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			displayOptions: { show: { profile: ['custom'] } },
			required: true,
			default: '',
			placeholder: 'e.g. http://localhost:2015',
			description: 'Address of the file service, starting with http:// or https://. It may end in a path.',
		},
		{
			displayName: 'User ID',
			name: 'userId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1955228426376908801',
			description:
				'Your user ID on the BDD platform, digits only. Leave it empty to set it in each node, under Options.',
		},
		{
			displayName: 'Business',
			name: 'biz',
			type: 'options',
			options: [
				{ name: 'Chat', value: 'chat' },
				{ name: 'Knowledge Base', value: 'knowledgeBase' },
				{ name: 'Zero2x', value: 'zero2x' },
			],
			default: 'chat',
			description:
				'The part of the BDD platform that uploaded files belong to, unless the node says otherwise',
		},
		{
			displayName: 'Mode',
			name: 'mode',
			type: 'options',
			options: [
				{ name: 'Auto', value: 'auto', description: 'Simple up to 100 MiB, multipart above' },
				{
					name: 'Multipart',
					value: 'multipart',
					description: 'In parts that are retried one by one; an interrupted upload can be continued',
				},
				{ name: 'Simple', value: 'simple', description: 'In one request' },
			],
			default: 'auto',
			description: 'How files are uploaded, unless the node says otherwise',
		},
		// eslint-disable-next-line @n8n/community-nodes/credential-password-field -- A switch; only its name contains "auth".
		{
			displayName: 'Ignore SSL Issues (Insecure)',
			name: 'allowUnauthorizedCerts',
			type: 'boolean',
			default: false,
			description: 'Whether to connect even if the certificate of the service cannot be verified',
		},
	];
}
