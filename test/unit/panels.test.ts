import { BddFileApi } from '../../credentials/BddFileApi.credentials';
import { BddFile } from '../../nodes/BddFile/BddFile.node';
import { BddFileTrigger } from '../../nodes/BddFileTrigger/BddFileTrigger.node';

/**
 * Saved workflows depend on the names, values, defaults and types of the panels, people on their texts: whoever reads a change
 * sees in the snapshot what it is for them. Where it is meant: `npx jest --selectProjects unit -u -- test/unit/panels`.
 */
it.each([
	['the node', () => new BddFile().description],
	['the trigger', () => new BddFileTrigger().description],
	['the credential', () => new BddFileApi()],
])('what n8n is told of %s is what it was', (_of, described) => {
	expect(described()).toMatchSnapshot();
});
