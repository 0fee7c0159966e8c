/** The n8n that everything outside the engine tests runs in. The one place to change it. */
export const N8N_VERSION = '2.41.1';

/** The Node that {@link N8N_VERSION} asks for; the host brings its own, whatever Node the developer has. */
export const NODE_MAJOR = 24;
