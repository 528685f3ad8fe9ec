// The operator: command line, admin API, mailbox.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export class Operator {
  constructor(demo) {
    this.admin = demo.admin;
    this.headers = { authorization: `Bearer ${demo.operator_token}` };
  }

  /** `grantor client approve …`, as the guide's operator would type it. */
  async approve(tenant, clientId) {
    await run(process.env.GRANTOR_BIN, ['client', 'approve', clientId, '--tenant', tenant, '--data', process.env.GRANTOR_DATA]);
  }

  async pending(tenant) {
    const { items } = await this.#get(`/admin/v1/tenants/${tenant}/clients?state=pending`);
    return items.map((client) => client.client_id);
  }

  /** Changes one knob of a tenant's profile, as an operator would type it. */
  async set(tenant, knob, value) {
    await run(process.env.GRANTOR_BIN, ['tenant', 'set', tenant, knob, JSON.stringify(value), '--data', process.env.GRANTOR_DATA]);
  }

  /** Gives a user a role in the tenant's own staff. */
  async staff(tenant, user, role) {
    await run(process.env.GRANTOR_BIN, ['tenant', 'team', tenant, 'set', user, role, '--data', process.env.GRANTOR_DATA]);
  }

  /** The newest code sent to an address. A mail may be under way for a moment. */
  async code(address, looks = /\b\d{6,8}\b/) {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const { items } = await this.#get(`/admin/v1/mails?to=${encodeURIComponent(address)}`);
      const code = items[0]?.body.match(looks)?.[0];
      if (code) return code;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    throw new Error(`no code was sent to ${address}`);
  }

  async #get(path) {
    const answer = await fetch(`${this.admin}${path}`, { headers: this.headers });
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}
