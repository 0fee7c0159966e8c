import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';

import { PROJECT_FOLDER, type RunningN8n } from '../../../harness/n8n-host';
import { animated, type Frame } from './film';

const CHROMIUM = '/usr/bin/chromium';
const WAIT_MS = 20_000;
const IMAGES = join(PROJECT_FOLDER, 'docs', 'images');

/** Keeps Chromium from asking anybody outside this machine for anything. */
const SILENT = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** A browser that is logged in to n8n. */
export class EditorBrowser {
	private constructor(
		private readonly browser: Browser,
		private readonly context: BrowserContext,
		private readonly n8n: RunningN8n,
	) {}

	static async open(n8n: RunningN8n): Promise<EditorBrowser> {
		await access(CHROMIUM).catch((cause: unknown) => {
			throw new Error(`There is no ${CHROMIUM}: run scripts/ci-prerequisites.sh`, { cause });
		});
		const browser = await chromium.launch({ executablePath: CHROMIUM, args: SILENT });
		const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, locale: 'en-US' });
		context.setDefaultTimeout(WAIT_MS);
		// n8n's editor asks the npm registry about community packages: nothing leaves this machine from a test.
		await context.route(
			(address) => address.origin !== new URL(n8n.url).origin,
			(route) => route.abort(),
		);
		await context.addCookies(
			n8n.rest.cookie.split('; ').map((cookie) => {
				const [name = '', ...value] = cookie.split('=');
				return { name, value: value.join('='), url: n8n.url };
			}),
		);
		return new EditorBrowser(browser, context, n8n);
	}

	/** Opens a workflow on a page of its own. n8n lets one page at a time write, so open each workflow once. */
	async openWorkflow(id: string): Promise<Editor> {
		const page = await this.context.newPage();
		await page.goto(`${this.n8n.url}/workflow/${id}`);
		const editor = new Editor(page, this.n8n.filesFolder);
		await editor.byTestId('canvas-node').first().waitFor();
		return editor;
	}

	async close(): Promise<void> {
		await this.browser.close();
	}
}

/** One workflow in n8n's editor, by the things a person sees on it. */
export class Editor {
	constructor(
		readonly page: Page,
		private readonly filesFolder: string,
	) {}

	byTestId(id: string): Locator {
		return this.page.locator(`[data-test-id="${id}"]`);
	}

	/** A node on the canvas. */
	node(name: string): Locator {
		return this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
	}

	/** Opens a node's panel. */
	async openNode(name: string): Promise<void> {
		await this.node(name).dblclick();
		await this.byTestId('ndv').waitFor();
		await this.page.locator('[data-test-id^="parameter-input-"]').first().waitFor();
	}

	async closeNode(): Promise<void> {
		await this.byTestId('ndv-close-button').click();
		await this.byTestId('ndv').waitFor({ state: 'detached' });
	}

	/** The names of the parameters that the open panel shows, from top to bottom. */
	async visibleParameters(): Promise<string[]> {
		const prefix = 'parameter-input-';
		const inputs = this.page.locator(
			`[data-test-id^="${prefix}"]:not([data-test-id="${prefix}field"]):visible`,
		);
		// All at once: a panel that is drawn anew in between would lack some of those that were counted.
		const ids = await inputs.evaluateAll((elements: Array<{ dataset: { testId?: string } }>) =>
			elements.map(({ dataset }) => dataset.testId ?? ''),
		);
		return ids.map((id) => id.slice(prefix.length));
	}

	/** Presses *Execute step* in the open panel and answers the rows of its output as a table. */
	async executeStep(): Promise<Record<string, string>[]> {
		await this.byTestId('node-execute-button').click();
		const table = this.byTestId('ndv-output-panel').or(this.byTestId('output-panel')).locator('table');
		await table.waitFor();
		const names = await table.locator('th').allInnerTexts();
		const rows = await table.locator('tbody tr').all();
		const cells = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
		return cells.map((row) =>
			Object.fromEntries(names.map((name, column) => [name.trim(), (row[column] ?? '').trim()])),
		);
	}

	/**
	 * Takes a picture of these parts of the page, and what lies between them, once nothing moves any more. It is kept in
	 * docs/images when UPDATE_SCREENSHOTS is set, and otherwise only taken, so that a test run leaves the work tree as it
	 * was.
	 *
	 * @param margin around them, in pixels
	 */
	async picture(name: string, parts: readonly Locator[], margin = 0): Promise<void> {
		const clip = await this.clipOf(parts, margin);
		await keep(`${name}.png`, await this.page.screenshot({ clip }));
	}

	/**
	 * Films these parts of the page while something is done, as an animated GIF under 1 MB. It is kept as a picture is.
	 *
	 * @param margin around them, in pixels
	 */
	async film(
		name: string,
		parts: readonly Locator[],
		action: () => Promise<void>,
		margin = 0,
	): Promise<void> {
		const clip = await this.clipOf(parts, margin);
		const frames: Frame[] = [];
		const take = async (): Promise<void> => {
			frames.push({ png: await this.page.screenshot({ clip }), at: Date.now() });
		};
		let done = false;
		const filming = async (): Promise<void> => {
			do await take();
			while (!done);
		};
		const acting = action().finally(() => {
			done = true;
		});
		await Promise.all([acting, filming()]);
		await take();
		const gif = animated(frames);
		expect(gif.length).toBeLessThan(1_000_000);
		await keep(`${name}.gif`, gif);
	}

	/** The rectangle that holds these parts, once nothing moves any more and no path of this machine is to be seen. */
	private async clipOf(parts: readonly Locator[], margin: number): Promise<Box> {
		await this.page
			.locator('.el-notification, [data-test-id="toast"]')
			.first()
			.waitFor({ state: 'detached' });
		await this.page.mouse.move(700, 880);
		await this.page.waitForTimeout(500);
		await this.showUsualFolder();
		return around(await Promise.all(parts.map(boxOf)), margin);
	}

	/** Shows n8n's usual folder in place of the temporary one, so that a picture is the same whoever takes it. */
	private async showUsualFolder(): Promise<void> {
		const words = JSON.stringify([this.filesFolder, '/home/node/.n8n-files']);
		await this.page.evaluate(`{
			const [here, usual] = ${words};
			const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
			while (texts.nextNode()) {
				const text = texts.currentNode;
				if (text.nodeValue.includes(here)) text.nodeValue = text.nodeValue.replaceAll(here, usual);
			}
			for (const input of document.querySelectorAll('input, textarea'))
				if (input.value.includes(here)) input.value = input.value.replaceAll(here, usual);
		}`);
		expect(await this.page.locator('body').innerText()).not.toContain(this.filesFolder);
	}
}

async function keep(file: string, content: Uint8Array): Promise<void> {
	if (process.env.UPDATE_SCREENSHOTS === undefined) return;
	await mkdir(IMAGES, { recursive: true });
	await writeFile(join(IMAGES, file), content);
}

interface Box {
	x: number;
	y: number;
	width: number;
	height: number;
}

async function boxOf(part: Locator): Promise<Box> {
	const box = await part.boundingBox();
	if (box === null) throw new Error('What the picture is to show is not on the page');
	return box;
}

/** The smallest rectangle of the page that holds all of them, with a margin. */
function around(boxes: readonly Box[], margin: number): Box {
	const x = Math.max(0, Math.min(...boxes.map((box) => box.x)) - margin);
	const y = Math.max(0, Math.min(...boxes.map((box) => box.y)) - margin);
	const right = Math.max(...boxes.map((box) => box.x + box.width)) + margin;
	const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + margin;
	return { x, y, width: right - x, height: bottom - y };
}
