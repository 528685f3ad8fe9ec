use grantor_directory_domain::EmailAddress;
use grantor_eventsourcing::Meta;
use grantor_ids::TenantId;
use grantor_ports::{Claims, Login, PortError, SignUpTicket, VerifyRefusal};
use grantor_store::{RowChange, RowKey};

use super::birth::{Birth, NotBorn};
use crate::{
    Directory,
    profile::Profile,
    publish::{Facts, PWD},
    requests, rows,
    sign_up::{self, TRIES, Waiting},
};

/// Ends a sign-up with the code from the mail. The ticket goes in the commit that makes the
/// user, so of many who bring it at once one wins.
pub(crate) async fn finish_sign_up(
    directory: &Directory,
    tenant: TenantId,
    ticket: &SignUpTicket,
    code: &str,
    meta: &Meta,
) -> Result<Login, VerifyRefusal> {
    let keys = directory.keys.of(tenant).await?;
    let Some(waiting) = directory.waiting(tenant, &keys, ticket).await? else { return Err(VerifyRefusal::Expired) };
    let tries = requests::count_try(directory, tenant, &waiting.hash).await?;
    if tries > TRIES {
        return Err(VerifyRefusal::Expired);
    }
    let right = sign_up::is_code(&keys, &waiting.hash, code);
    if !right || waiting.pending.taken {
        return Err(if tries == TRIES { VerifyRefusal::Expired } else { VerifyRefusal::Wrong });
    }
    let Waiting { hash, pending, revision } = waiting;
    let email = EmailAddress::parse(&pending.email).map_err(|_| PortError::Unavailable)?;
    let texts = [("name", pending.name), ("locale", pending.locale)];
    let claims: Claims = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))).collect();
    let profile = Profile {
        login: None,
        made_by: None,
        email: Some(email.as_str().to_owned()),
        claims,
        attributes: Claims::new(),
    };
    let id = directory.new_user_id();
    let now = directory.clock.now(tenant);
    let login = Facts { store: &directory.store, tenant, meta, now }.login_succeeded(id);
    let ticket_row = RowKey::new(tenant, rows::SIGN_UP, hash);
    let mut rows = vec![RowChange::Delete { key: ticket_row, expected: Some(revision) }];
    let counted = pending.counted.iter().filter_map(|text| sign_up::counter_from_text(tenant, text));
    rows.extend(counted.map(|key| RowChange::Uncount { key }));
    let birth = Birth { id, email_verified: true, profile, password: Some(pending.password) };
    match directory.give_birth(tenant, &keys, birth, (rows, Some(login)), meta).await {
        Ok(user) => {
            if let Some(kind) = directory.kind(tenant).await {
                directory.logins.succeeded(kind);
            }
            Ok(Login { user, amr: vec![PWD.into()] })
        }
        // Somebody was faster, with this ticket or with this address.
        Err(NotBorn::Taken | NotBorn::Nameless | NotBorn::Conflict) => Err(VerifyRefusal::Expired),
        Err(NotBorn::Port(cause)) => Err(cause.into()),
    }
}
