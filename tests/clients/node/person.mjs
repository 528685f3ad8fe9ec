// A person without a browser: reads the forms of the pages, fills them in, presses buttons.

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(text) {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name) => {
    if (name.startsWith('#')) {
      return String.fromCodePoint(/^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10));
    }
    return ENTITIES[name] ?? whole;
  });
}

function attributes(tag) {
  const found = {};
  for (const [, name, , double, single, bare] of tag.matchAll(/([\w-]+)(\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g)) {
    found[name.toLowerCase()] = unescape(double ?? single ?? bare ?? '');
  }
  return found;
}

/** The forms of a page, with the values that a browser would send. */
export function forms(html) {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head, body]) => {
    const form = { action: attributes(head).action ?? '', fields: {}, buttons: {} };
    for (const [, kind, tag] of body.matchAll(/<(input|button)\b([^>]*)>/gi)) {
      const { name, value = '', type, ...rest } = attributes(tag);
      if (name === undefined) continue;
      if (kind.toLowerCase() === 'button') form.buttons[name] = value;
      else if (!['checkbox', 'radio'].includes(type) || 'checked' in rest) form.fields[name] = value;
    }
    return form;
  });
}

export class Person {
  /** @param decision the button to press on the consent page */
  constructor({ user }, decision = 'approve') {
    this.entries = { username: user.username, password: user.password };
    this.decision = decision;
    this.cookies = new Map();
  }

  /** Follows an authorization URL to the client's callback; returns that URL. */
  async visit(url, redirectUri) {
    const { origin } = new URL(url);
    let answer = await this.#send(url);
    for (let step = 0; step < 12; step += 1) {
      if (answer.status >= 300 && answer.status < 400) {
        if (answer.posted && answer.status !== 303) throw new Error(`a form was answered by ${answer.status}`);
        const target = new URL(answer.location, answer.url);
        if (target.href.startsWith(redirectUri)) return target;
        if (target.origin !== origin) throw new Error(`sent away to ${target}`);
        answer = await this.#send(target);
      } else {
        answer = await this.#answer(answer);
      }
    }
    throw new Error('went round in circles');
  }

  #answer(page) {
    if (page.status !== 200) throw new Error(`${page.url} answered ${page.status}: ${page.body.slice(0, 2000)}`);
    for (const form of forms(page.body)) {
      if ('login' in form.buttons) return this.#press(page, form, 'login', this.entries);
      if (this.decision in form.buttons) return this.#press(page, form, this.decision, {});
    }
    throw new Error(`no form to go on with at ${page.url}: ${page.body.slice(0, 2000)}`);
  }

  #press(page, form, button, entries) {
    const data = { ...form.fields, ...entries, [button]: form.buttons[button] };
    if (!data.csrf) throw new Error(`the form at ${page.url} has no csrf`);
    return this.#send(new URL(form.action, page.url), new URLSearchParams(data));
  }

  async #send(url, body) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      method: body ? 'POST' : 'GET',
      body,
      redirect: 'manual',
      headers: { ...(cookie && { cookie }), ...(body && { origin: new URL(url).origin }) },
    });
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return {
      url: String(url),
      posted: body !== undefined,
      status: answer.status,
      location: answer.headers.get('location'),
      body: await answer.text(),
    };
  }

  #keep(line) {
    const [pair, ...rest] = line.split(';');
    const [name, value] = [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()];
    const over = rest.some((word) => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(word));
    if (over) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
