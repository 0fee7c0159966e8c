export const MIB = 1024 * 1024;

/** Up to here a file is handled as one buffer: streams would cost more than its bytes. */
export const SMALL_BYTES = 512 * 1024;

/** Chunks of this size keep the number of reads and of socket writes low, and still let progress be seen. */
export const CHUNK_BYTES = 256 * 1024;
