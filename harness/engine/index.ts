export { Engine, type EngineOptions, type InputItem, type RunOptions, type WorkflowFile } from './engine';
export type { EngineRun } from './run';
export { loadPackage, type LoadedPackage } from './package';
export type { Poller, PollOptions } from './poller';
