/** What the package exports; everything else is the client's own business. */
export * from './api/errors';
export { compareIds, parseId, toWireId, type FileId } from './api/ids';
export { parseExactJson, parseJson, stringifyJson } from './api/json';
export type { NetworkPolicy } from './api/network';
export { PAGE_SIZE } from './api/list';
export { isReadable, UnreadableRecord, type FilePage, type Page } from './api/records';
export { PROFILES, PROFILE_URLS, resolveBaseUrl, type Profile } from './api/profiles';
export { uploadTime } from './api/upload-time';
export * from './api/wire';
export { BddFileClient } from './client';
export { LockedError, LockLostError } from './sync';
export { pathFilter, type PathFilter } from './sync/filter';
export { diskRefusal } from './transfer/local-error';
export { mimeTypeOf } from './transfer/mime-type';
export { formatBytes } from './transfer/progress';
export { bufferSource, diskSource, type UploadSource } from './transfer/source';
export * from './sync-types';
export * from './types';
