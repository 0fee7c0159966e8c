import fastify, { type FastifyInstance } from 'fastify';
import type { Context } from './context';
import { fileRoutes } from './routes/files';
import { listRoutes } from './routes/lists';
import { multipartRoutes } from './routes/multipart';
import { signedRoutes } from './routes/signed';

/** Idle connections stay open this long, so that a client that pauses need not connect again. */
const KEEP_ALIVE_MS = 72_000;

/** The HTTP server with all endpoints, not listening yet. */
export const buildApp = (context: Context): FastifyInstance => {
	const app = fastify({
		logger: false,
		forceCloseConnections: true,
		keepAliveTimeout: KEEP_ALIVE_MS,
		exposeHeadRoutes: false,
		routerOptions: { maxParamLength: 1024 },
	});
	app.removeAllContentTypeParsers();
	// Ids in JSON exceed what JSON.parse keeps: the endpoints parse the text themselves.
	app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
		done(null, body),
	);
	// A form is streamed by its endpoint; other bodies are nobody's.
	app.addContentTypeParser('*', (_request, _body, done) => done(null));
	context.answers.handleErrors(app);
	void app.register(
		(scope, _options, done) => {
			fileRoutes(scope, context);
			signedRoutes(scope, context);
			multipartRoutes(scope, context);
			listRoutes(scope, context);
			done();
		},
		{ prefix: context.basePath },
	);
	return app;
};
