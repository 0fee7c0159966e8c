// The client calls the adapter for Node directly: no defaults, interceptors, transforms, no adapters for browsers.
import http from 'axios/unsafe/adapters/http.js';

export { default as AxiosHeaders } from 'axios/unsafe/core/AxiosHeaders.js';
export default { getAdapter: () => http };
