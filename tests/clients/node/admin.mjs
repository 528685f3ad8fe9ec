// The operator's side, over the admin API: clients of other kinds than the demo's own.

/**
 * Makes an approved client of a tenant. `settings` are those of the admin API's `NewClient`.
 * Answers it in the shape of the demo's tenants: with issuer, credentials and redirect URI.
 */
export async function createClient(demo, slug, settings) {
  const tenant = demo[slug];
  const wanted = { redirect_uris: [tenant.redirect_uri], ...settings };
  const answer = await fetch(`${demo.admin}/admin/v1/tenants/${slug}/clients`, {
    method: 'POST',
    headers: { authorization: `Bearer ${demo.operator_token}`, 'content-type': 'application/json' },
    body: JSON.stringify(wanted),
  });
  const made = await answer.json();
  if (answer.status !== 201) throw new Error(`the client was not made: ${answer.status} ${JSON.stringify(made)}`);
  return { ...tenant, client_id: made.client_id, client_secret: made.client_secret, redirect_uri: wanted.redirect_uris[0] };
}
