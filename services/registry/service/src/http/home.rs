use chrono::DateTime;
use grantor_pages::{Account, ClientCard, ClientState, Home, PageError, SignedOutHome};
use grantor_ports::{self as ports, ClientView, Page};
use grantor_web::{Call, error_page, page};

use super::{Outcome, client_path, create_client, create_client_path, framed, lang, unavailable, visitor};
use crate::{Registry, lists};

/// Clients shown; a developer has no more.
const SHOWN: u32 = 200;

/// `GET /`: the account and, under `#clients`, the developer's own clients (FF-07).
pub(super) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let frame = framed(call, lang(call));
    let Some(visitor) = visitor::present(registry, call).await? else {
        let sign_in_path = visitor::Next::Home.login_path().to_owned();
        let sign_up_path = call.tenant.profile.interaction.sign_up.then(|| "/signup?next=home".to_owned());
        return Ok(page(
            200,
            &SignedOutHome { frame, sign_in_path, sign_up_path, explorer_path: super::explorer::PATH.to_owned() },
        ));
    };
    let user = visitor.session.user;
    let claims = registry.directory.claims(call.tenant.id, user).await;
    let claims = claims.map_err(|_| error_page(call, PageError::Unavailable))?.unwrap_or_default();
    let newest = Page { after: None, limit: SHOWN };
    let own = lists::clients_of(&registry.store, call.tenant.id, user, newest).await.map_err(unavailable(call))?;
    let email = visitor.person.email.clone().unwrap_or_default();
    let account = Account {
        name: if visitor.person.display_name == email { String::new() } else { visitor.person.display_name.clone() },
        email,
        email_verified: claims.get("email_verified").and_then(serde_json::Value::as_bool).unwrap_or(false),
        member_since: since(user).unwrap_or(visitor.session.auth_time),
    };
    let open = create_client::is_open(&call.tenant);
    let mut frame = visitor.frame(call, frame);
    // For who has nothing to do with apps it is a page about their account.
    frame.menu = frame.menu.filter(|_| open || !own.items.is_empty() || visitor.role.is_some());
    let home = Home {
        frame,
        account,
        apps_path: "/apps".to_owned(),
        // Clients stay visible where new ones cannot be made any more.
        create_client_path: (open || !own.items.is_empty()).then(|| create_client_path(call).to_owned()),
        clients: own.items.iter().map(card).collect(),
        partner_contact: call.tenant.contact.clone(),
    };
    Ok(page(200, &home))
}

/// User ids are version 7 UUIDs: they say when the account was made.
fn since(user: grantor_ids::UserId) -> Option<grantor_eventsourcing::Timestamp> {
    let (seconds, nanos) = user.uuid().get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

fn card(client: &ClientView) -> ClientCard {
    ClientCard {
        name: client.name.clone(),
        client_id: client.client_id.clone(),
        state: state(&client.state),
        created_at: client.created_at,
        path: client_path(&client.client_id),
    }
}

/// The page's word for a state.
pub(super) fn state(state: &ports::ClientState) -> ClientState {
    match state.clone() {
        ports::ClientState::Draft => ClientState::Draft,
        ports::ClientState::Pending => ClientState::Pending,
        ports::ClientState::Approved => ClientState::Approved,
        ports::ClientState::Rejected { reason } => ClientState::Rejected { reason },
        ports::ClientState::Suspended { reason } => ClientState::Suspended { reason },
    }
}
