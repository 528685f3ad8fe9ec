// The credentials that `grantor demo` writes. Shared with tests/browser.

import { readFileSync } from 'node:fs';

export function readDemo(path) {
  const demo = JSON.parse(readFileSync(path, 'utf8'));
  return { ...demo, ...demo.tenants };
}
