// What a person does on a page, and how it is looked at.

import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { DESKTOP, PHONE } from './browser.mjs';

const FOLDER = join(process.env.ARTIFACTS_DIR ?? 'artifacts', 'screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Fills fields by name and presses a button by name, then waits for the next page. */
export async function submit(page, fields, button) {
  for (const [name, value] of Object.entries(fields)) {
    await page.locator(`[name="${name}"]`).fill(value);
  }
  await leave(page, page.locator(`button[name="${button}"]`));
}

/** Clicks what leads to another page, and waits for that. */
export async function leave(page, locator) {
  await Promise.all([page.waitForEvent('load'), locator.click()]);
}

const DEVICES = [
  ['phone', PHONE, 'light'],
  ['phone-dark', PHONE, 'dark'],
  ['desktop', DESKTOP, 'light'],
];

/** Looks at the page on a phone, by day and by night, and on a desktop: keeps and checks each. */
export async function look(page, name) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [device, size, colorScheme] of DEVICES) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: join(FOLDER, `${name}-${device}.png`), fullPage: true, animations: 'disabled' });
    await fits(page, `${name} on a ${device}`);
    await accessible(page, `${name} on a ${device}`);
  }
}

/** Looks at a page in the frame of somebody else's: keeps both together, and checks that the frame
 * need not be moved sideways. The embedding page is not ours. */
export async function lookFramed(page, name) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [device, size, colorScheme] of DEVICES) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: join(FOLDER, `${name}-${device}.png`), fullPage: true, animations: 'disabled' });
    const inside = page.frames().find((frame) => frame !== page.mainFrame());
    await fits(inside, `${name} on a ${device}`);
  }
  await page.setViewportSize(DESKTOP);
}

async function fits(page, what) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  if (content > window) throw new Error(`${what} is ${content} wide in a window of ${window}`);
}

async function accessible(page, what) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (rules) => window.axe.run(document, { runOnly: rules, resultTypes: ['violations'] }), RULES,
  );
  if (violations.length > 0) {
    const lines = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`);
    throw new Error(`${what} is not accessible:\n${lines.join('\n')}`);
  }
}

/** The page's text, for a human's sentence about what is missing on it. */
export async function shows(page, text) {
  const body = await page.locator('body').innerText();
  if (!body.includes(text)) throw new Error(`${page.url()} does not show "${text}", but:\n${body}`);
}
