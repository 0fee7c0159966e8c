import fs from 'node:fs';
import path from 'node:path';

import picomatch from 'picomatch';

import { keyOf } from './arrivals';
import type { StoredFile } from './chat';
import type { Setup } from './history';
import type { World } from './world';

/** Everything in a folder, ours included. */
function allIn(folder: string): string[] {
	return fs
		.readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

const isOurs = (name: string) => name.startsWith('.bdd-file-');

/** What a person sees in a folder and below, relative. */
export const filesIn = (folder: string): string[] =>
	allIn(folder)
		.filter((name) => !isOurs(name))
		.sort();

/** What of it a schedule syncs. */
function syncedIn(world: World, index: number): string[] {
	const { folders, options } = world.setup;
	const isRecursive = folders[index] === 'toRemote' && options.recursive !== false;
	return filesIn(world.folders[index] ?? '').filter(
		(name) => (isRecursive || !name.includes('/')) && takesPart(name, options),
	);
}

/** Contents of what takes part in syncs. */
const contentsIn = (world: World, index: number) =>
	syncedIn(world, index)
		.map((name) => fs.readFileSync(path.join(world.folders[index] ?? '', name), 'utf8'))
		.sort();

const contentsOf = (files: readonly StoredFile[]) => files.map(({ content }) => content.toString()).sort();

const okIn = ({ chat }: World) => chat.files.filter(({ status }) => status === 'ok');

const isSynced = ({ name }: StoredFile, { options }: Setup) => takesPart(name, options);

function takesPart(name: string, { include, exclude }: Setup['options']): boolean {
	const fits = (patterns: string[]) =>
		patterns.some((pattern) =>
			picomatch.isMatch(pattern.includes('/') ? name : path.basename(name), pattern),
		);
	return (include === undefined || fits(include)) && (exclude === undefined || !fits(exclude));
}

/** What a sync to local brings down of files that have one name. */
function broughtDown(world: World): StoredFile[] {
	const files = okIn(world).filter((file) => isSynced(file, world.setup));
	const namesakes = (file: StoredFile) => files.filter(({ name }) => name === file.name);
	switch (world.setup.options.duplicateNames) {
		case 'newest':
			return files.filter((file) => namesakes(file).every(({ id }) => BigInt(id) <= BigInt(file.id)));
		case 'fail':
			return files.filter((file) => namesakes(file).length === 1);
		case 'renameById':
		case undefined:
	}
	return files;
}

/** Where a subfolder has the name of a file of the chat, that file stays where it is. */
const isBlocked = (world: World, folder: number, name: string) =>
	fs.statSync(path.join(world.folders[folder] ?? '', name), { throwIfNoEntry: false })?.isDirectory() ===
	true;

/** A person has asked for the failure, or is in the way. */
export function failsByRule(world: World, folder: number, fileName: string | undefined): boolean {
	const { folders, options } = world.setup;
	if (fileName !== undefined && folders[folder] !== 'toRemote' && isBlocked(world, folder, fileName))
		return true;
	const isAsked = folders[folder] === 'toLocal' && options.duplicateNames === 'fail';
	return isAsked && okIn(world).filter(({ name }) => name === fileName).length > 1;
}

/** Every content that somebody would miss is on some side, or in the trash. */
export function nothingLost(world: World): void {
	const found = new Set(contentsOf(okIn(world)));
	for (const folder of world.folders)
		for (const name of allIn(folder)) found.add(fs.readFileSync(path.join(folder, name), 'utf8'));
	for (const content of world.people.missed) if (!found.has(content)) world.violate(`${content} is lost`);
}

/** Contents of the chat's files but for one of each name that a subfolder has. */
function withoutBlocked(world: World, folder: number, files: readonly StoredFile[]): string[] {
	const inFolder = new Set(contentsIn(world, folder));
	const blocked = new Set<string>();
	return contentsOf(
		files.filter(({ name, content }) => {
			if (inFolder.has(content.toString()) || blocked.has(name)) return true;
			if (isBlocked(world, folder, name)) blocked.add(name);
			return !blocked.has(name);
		}),
	);
}

/** What each operation promises of its two sides. */
export function sidesEqual(world: World): void {
	const { setup } = world;
	const { ifExists } = setup.options;
	const files = okIn(world).filter((file) => isSynced(file, setup));
	const chat = contentsOf(files);
	// What comes from a subfolder may have a name of the chat that takes no part.
	const inChat = new Set(contentsOf(okIn(world)));
	for (const [index, folder] of world.folders.entries()) {
		const contents = contentsIn(world, index);
		const inFolder = new Set(contents);
		switch (setup.folders[index]) {
			case 'both':
				if (contents.join() !== withoutBlocked(world, index, files).join())
					world.violate(`folder ${index} has ${contents.join(', ')}, the chat has ${chat.join(', ')}`);
				break;
			case 'toLocal':
				for (const { name, content } of broughtDown(world)) {
					// One that got its id into its name keeps that, also when its namesake is gone.
					const isThere =
						inFolder.has(content.toString()) ||
						(ifExists === 'skip' && fs.existsSync(path.join(folder, name)));
					if (!isThere && !isBlocked(world, index, name))
						world.violate(`${name}: ${content.toString()} did not come into folder ${index}`);
				}
				break;
			case 'toRemote':
				if (ifExists === 'skip') {
					const left = okIn(world).map(({ name }) => name);
					for (const name of syncedIn(world, index).map((place) => path.basename(place))) {
						const at = left.indexOf(name);
						if (at === -1) world.violate(`${name} did not go up`);
						else left.splice(at, 1);
					}
				} else {
					for (const content of inFolder)
						if (!inChat.has(content)) world.violate(`${content} did not go up from folder ${index}`);
				}
				break;
			case undefined:
				break;
		}
	}
}

/** Of each file that is there the trigger has told once, and of none twice. */
export function eachEventOnce(world: World): void {
	const { times } = world.trigger;
	for (const [id, count] of times)
		if (count > 1) world.violate(`the trigger told ${count} times of file ${id}`);
	for (const { id, name } of okIn(world))
		if (!times.has(id)) world.violate(`the trigger never told of ${name} (${id})`);
}

/** An upload that succeeded has arrived once, and no other one more often. */
export function eachUploadOnce(world: World): void {
	for (const upload of world.arrivals.succeeded) {
		const times = world.arrivals.times.get(upload) ?? 0;
		// What somebody deletes on one side only comes back, and what he touches may be sent again.
		const isTouched = world.people.undone.has(upload.slice(upload.indexOf(': ') + 2));
		if (times < 1 || (times > 1 && !isTouched && !world.replacesAll))
			world.violate(`${upload} was uploaded, and arrived ${times} times`);
	}
	// Without hashes nobody can tell whether what a killed run has sent is there; it is sent again, as nothing may be lost.
	if (!world.arrivals.areTold) return;
	const files = okIn(world).map(({ name, content }) => keyOf(name, content.toString()));
	for (const file of new Set(files)) {
		const count = files.filter((each) => each === file).length;
		if (count > 1 + (world.arrivals.saidToStay.get(file) ?? 0))
			world.violate(`${file} is in the chat more than once`);
	}
}

/** After a day: nothing open, nothing unfinished, nothing beside the folders. */
export function nothingLeft(world: World, root: string): void {
	for (const what of world.leftOpen) world.violate(what);
	for (const folder of world.folders) {
		for (const name of allIn(folder)) {
			if (name.endsWith('.part')) world.violate(`${name} is left`);
			if (name.startsWith('.bdd-file-pending')) world.violate(`${name} is left`);
		}
		const locks = allIn(folder).filter((name) => name.startsWith('.bdd-file-lock'));
		if (locks.length > 2) world.violate(`${locks.length} lock files are left`);
	}
	const expected = [...world.folders, world.temporary].map((folder) => path.basename(folder)).sort();
	for (const name of allIn(world.temporary))
		if (!name.startsWith('.bdd-file-lock')) world.violate(`${name} is left among temporary files`);
	const beside = fs.readdirSync(root).sort();
	if (beside.join() !== expected.join()) world.violate(`beside the folders there is ${beside.join(', ')}`);
}
