import { LocalFileError, StalledError } from '../../client';
import { asLocalError, diskRefusal, localFileError } from '../../client/transfer/local-error';

const refusal = (code: unknown) => Object.assign(new Error('the system says no'), { code });

it.each([
	['EACCES', 'permission denied (EACCES)', 'Give the user that runs n8n access to it.'],
	['EPERM', 'permission denied (EPERM)', 'Give the user that runs n8n access to it.'],
	['EDQUOT', 'the disk quota is used up (EDQUOT)', 'Free some space, then run it again.'],
	['EISDIR', 'it is a folder (EISDIR)', 'Name a file.'],
	['ELOOP', 'it is a symbolic link (ELOOP)', 'Symbolic links are not followed. Name the file itself.'],
	['EMFILE', 'too many files are open (EMFILE)', 'Lower the option "Concurrency".'],
	['ENAMETOOLONG', 'the name is too long for this disk (ENAMETOOLONG)', 'Use a shorter name.'],
	['ENOENT', 'it does not exist (ENOENT)', 'Check the path.'],
	['ENOSPC', 'the disk is full (ENOSPC)', 'Free some space, then run it again.'],
	['ENOTDIR', 'a part of its path is not a folder (ENOTDIR)', 'Check the path.'],
	['EROFS', 'the disk is read-only (EROFS)', 'Choose a folder that can be written to.'],
	['EIO', 'the system says no (EIO)', 'Check the path and the disk.'],
	[undefined, 'the system says no', 'Check the path and the disk.'],
	[5, 'the system says no', 'Check the path and the disk.'],
])('what a disk says with %p is a sentence, and what to do about it', (code, reason, advice) => {
	const cause = refusal(code);
	expect(diskRefusal(cause)).toEqual({ reason, advice });
	const error = localFileError('Reading "/a"', cause);
	expect(error).toBeInstanceOf(LocalFileError);
	expect(error).toMatchObject({ message: `Reading "/a" failed: ${reason}`, description: advice, cause });
});

it('what is no error is told as it is', () => {
	expect(diskRefusal('nothing goes').reason).toBe('nothing goes');
});

it('what is told already is told once', () => {
	const told = new StalledError('It hangs', { description: 'Wait.' });
	expect(asLocalError('Reading "/a"', told)).toBe(told);
	expect(asLocalError('Reading "/a"', refusal('ENOENT')).message).toBe(
		'Reading "/a" failed: it does not exist (ENOENT)',
	);
});
