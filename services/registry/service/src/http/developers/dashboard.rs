use futures_util::future::try_join_all;
use grantor_pages::{Dashboard, DashboardApp, PageError};
use grantor_ports::{ClientView, Page, PortError};
use grantor_web::{Call, error_page, page};

use crate::{
    Registry,
    http::{
        Outcome, client_path, create_client, create_client_path, framed, home, lang, unavailable,
        visitor::{self, Next},
    },
    lists,
};

/// Clients whose figures are asked for; each costs two calls.
const SHOWN: u32 = 20;

/// `GET /developers/dashboard`: a developer's newest clients, what they were given and when they
/// were last used.
pub(in crate::http) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let visitor = visitor::required(registry, call, Next::Dashboard).await?;
    let newest = Page { after: None, limit: SHOWN };
    let own = lists::clients_of(&registry.store, call.tenant.id, visitor.session.user, newest).await;
    let own = own.map_err(unavailable(call))?.items;
    let apps = try_join_all(own.iter().map(|client| app(registry, call, client))).await;
    let model = Dashboard {
        frame: visitor.frame(call, framed(call, lang(call))),
        apps: apps.map_err(|_| error_page(call, PageError::Unavailable))?,
        create_path: create_client::is_open(&call.tenant).then(|| create_client_path(call).to_owned()),
    };
    Ok(page(200, &model))
}

async fn app(registry: &Registry, call: &Call, client: &ClientView) -> Result<DashboardApp, PortError> {
    let tenant = call.tenant.id;
    let grants = registry.tokens.grants_to(tenant, &client.client_id).await?;
    let secrets = registry.tokens.secret_uses(tenant, client.key).await?;
    let used = grants.iter().map(|grant| grant.used_at).chain(secrets.iter().map(|secret| secret.at)).max();
    Ok(DashboardApp {
        name: client.name.clone(),
        client_id: client.client_id.clone(),
        state: home::state(&client.state),
        grants: u32::try_from(grants.len()).unwrap_or(u32::MAX),
        used,
        path: client_path(&client.client_id),
    })
}
