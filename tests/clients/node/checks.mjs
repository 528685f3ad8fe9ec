// Checks with a sentence each, printed as PASS or FAIL. Shared with tests/browser.

/** Runs the checks in order; a failure does not stop the ones after it. Ends the process. */
export async function run(checks) {
  let failed = 0;
  for (const [sentence, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`PASS ${sentence}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${sentence}\n${describe(error)}`);
    }
  }
  process.exit(failed > 0 ? 1 : 0);
}

function describe(error) {
  const cause = error?.cause === undefined ? '' : `\ncause: ${JSON.stringify(error.cause) ?? error.cause}`;
  return `${error?.stack ?? error}${cause}`;
}

export function equal(found, expected, what) {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left !== right) {
    throw new Error(`${what}: found ${left}, expected ${right}`);
  }
}

export function ensure(condition, what) {
  if (!condition) {
    throw new Error(what);
  }
}

/** Runs what must fail, and compares the OAuth error code. */
export async function refused(error, action) {
  let answer;
  try {
    answer = await action();
  } catch (found) {
    equal(found.error ?? found.cause?.error, error, `error of ${found}`);
    return;
  }
  throw new Error(`expected ${error}, was given ${Object.keys(answer ?? {})}`);
}
