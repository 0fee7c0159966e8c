/** What every process of n8n in a world runs: the client and the trigger, as they are. */
export { BddFileClient } from '../../client';
export { bufferSource } from '../../client/transfer/source';
export { pollFiles } from '../../nodes/BddFileTrigger/poll';
