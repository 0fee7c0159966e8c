/** Maps a name to what a disk compares: two names with the same key are the same file. */
export type NameKey = (name: string) => string;

/**
 * The key for a disk that knows neither case nor Unicode composition. Such disks differ in the details (some ignore invisible
 * characters, some take "ﬁ" for "fi"), so it takes for equal whatever any of them does.
 */
export const foldedName: NameKey = (name) =>
	isAscii(name)
		? name.toLowerCase()
		: caseless(name.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')).normalize('NFC');

// Up and down again, as some letters have two small forms, and some have a large one of two letters.
export const caseless: NameKey = (name) => (isAscii(name) ? name : name.toUpperCase()).toLowerCase();

// eslint-disable-next-line no-control-regex -- NUL is where ASCII begins
const isAscii = (name: string) => /^[\x00-\x7f]*$/.test(name);
