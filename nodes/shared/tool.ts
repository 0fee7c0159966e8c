import type { INode } from 'n8n-workflow';

/**
 * Whether an AI agent uses the node as its tool. n8n makes that tool from the node and gives it a type of its own, with
 * "Tool" behind the name, in every version. `isToolExecution()` does not tell: newer agents have the engine run a tool
 * like any other node, and then it says no.
 */
export const isTool = ({ type }: Pick<INode, 'type'>): boolean => type.endsWith('Tool');

/** The condition of a field that only the panel of a tool has. */
export const TOOL_ONLY = { '@tool': [true] };
