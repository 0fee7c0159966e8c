import { tmpdir } from 'node:os';
import { MODES } from '../../../client/sync/modes';
import { settingsFor } from '../../../client/sync/settings';

const settings = (options: object) =>
	settingsFor(MODES.both, { chatId: 'c', localDirectory: tmpdir(), ...options });

it.each([
	[{ ifExists: 'no' }, /^If File Exists is unknown/],
	[{ duplicateNames: 'no' }, /^Duplicate Names is unknown/],
	[{ conflict: 'no' }, /^On Conflict is unknown/],
	[{ maxDelete: 101 }, /^Max Delete /],
	[{ trashDays: -1 }, /^Days in Trash /],
	[{ ifRunning: 'no' }, /^If Already Running is unknown/],
	[{ output: 'no' }, /^Output is unknown/],
	[{ mode: 'no' }, /^Mode is unknown/],
	[{ concurrency: 0 }, /^Concurrency /],
	[{ partSize: 1 }, /^Part [Ss]ize /],
])('%j: the option is named as the panel names it', (options, words) => {
	expect(() => settings(options)).toThrow(words);
	expect(() => settings(options)).toThrow(expect.objectContaining({ name: 'InvalidInputError' }) as Error);
});

it.each([
	['', 'The local folder is missing'],
	['data/files', 'The local folder "data/files" is not an absolute path'],
])('a folder that is %j could be anywhere', (localDirectory, message) => {
	expect(() => settings({ localDirectory })).toThrow(
		expect.objectContaining({
			name: 'InvalidInputError',
			message,
			description: 'Give the whole path of the folder, such as /data/files.',
		}) as Error,
	);
});
