/** The n8n that everything outside the engine tests runs in. The one place to change it. `E2E_N8N` names another one. */
export const N8N_VERSION = process.env.E2E_N8N || '2.41.1';

/**
 * The Node that {@link N8N_VERSION} asks for; the host brings its own, whatever Node the developer has. `E2E_NODE`
 * names another one.
 */
export const NODE_MAJOR = Number(process.env.E2E_NODE || 24);
