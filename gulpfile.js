const { dest, src } = require('gulp');

/** Copies what n8n reads beside the compiled nodes: icons and codex files. */
function assets() {
	return src(['nodes/**/*.{svg,png,json}', 'credentials/**/*.svg'], { base: '.', encoding: false }).pipe(
		dest('dist'),
	);
}

exports.default = assets;
