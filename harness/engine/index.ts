export { Engine, type InputItem, type RunOptions, type WorkflowFile } from './engine';
export type { EngineRun } from './run';
export { loadPackage } from './package';
export type { Poller } from './poller';
