/** Many files: list, plan (pure), apply. */
export type { RemoteFiles } from './remote';
export { syncToLocal } from './to-local';
export { syncToRemote } from './to-remote';
