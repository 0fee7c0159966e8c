import type { Answers } from './http/answers';
import type { LinkSigner } from './http/links';
import type { Store } from './store/store';

/** Which pair of parameters `listChatFiles` honours; with `both`, offset and limit win. */
export type Paging = 'offset' | 'page' | 'both';

/** What the routes work with. */
export interface Context {
	store: Store;
	links: LinkSigner;
	answers: Answers;
	/** Path in front of every endpoint, such as `/api/file`, or the empty string. */
	basePath: string;
	paging: Paging;
	/** Records per page at most. */
	maxPageSize: number;
}
