// Debian's Chromium with nothing of its own: no network talk, no profile, no sandbox (root has none).

import { chromium } from 'playwright-core';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-proxy-server',
];

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Starts the browser with a new, empty profile. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ARGS });
}

/**
 * A person's window: a context with cookies of its own whose page notes everything that must not
 * happen. `origins` are the only ones it may talk to. Call `complaints()` at the end.
 */
export async function openWindow(browser, origins, options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-NZ', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const heard = [];
  const refusals = new Set();
  page.on('pageerror', (error) => heard.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    // A page that is shown with a 4xx status is one that the story asked for.
    const refused = message.text().startsWith('Failed to load resource') && refusals.has(message.location().url);
    if (['error', 'warning'].includes(message.type()) && !refused) {
      heard.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && !origins.includes(origin)) heard.push(`request to ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) heard.push(`${response.status()} from ${response.url()}`);
  });

  return {
    page,
    /** From now on a 4xx from this address is part of the story. */
    expectRefusal: (url) => refusals.add(url),
    /** Opens what is to be refused with this status, as a page of our own. */
    async openRefused(url, status) {
      refusals.add(url);
      const response = await page.goto(url);
      if (response.status() !== status) throw new Error(`${url} answered ${response.status()}, not ${status}`);
    },
    complaints: () => [...heard],
    close: () => context.close(),
  };
}

/** Fails when a window heard anything that must not happen: console errors, CSP violations, strangers. */
export function silent(...windows) {
  const heard = windows.flatMap((window) => window.complaints());
  if (heard.length > 0) throw new Error(`the browser complained:\n${[...new Set(heard)].join('\n')}`);
}
