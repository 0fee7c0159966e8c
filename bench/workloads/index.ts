import { idle } from './idle';
import { items } from './items';
import { largeFile, multipartFarAway } from './large-file';
import { lines, slowConnections } from './lines';
import { manyFiles } from './many-files';
import { memory } from './memory';
import { smallFiles, smallFilesFarAway } from './small-files';
import { unchanged } from './unchanged';
import type { Workload } from './workload';

/** In the order of the table. */
export const WORKLOADS: readonly Workload[] = [
	smallFiles,
	smallFilesFarAway,
	largeFile,
	multipartFarAway,
	slowConnections,
	lines,
	unchanged,
	items,
	memory,
	manyFiles,
	idle,
];
