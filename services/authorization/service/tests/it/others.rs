//! The other services, as their ports say.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{ClientKey, GrantId, TenantId, UserId};
use grantor_ports::{
    AuthorityRole, Claims, ClientProof, ClientRefusal, ClientView, Clock, Directory, DpopCall, FinishReset,
    FinishResetRefusal, FixedClock, GrantSelector, GrantSummary, IdTokenHint, Introspection, IntrospectionCaller,
    IssueCode, KeyRefusal, Login, LoginRefusal, PasswordAttempt, Person, PortError, Registry, Reset, ResetRefusal,
    ResetTicket, RevokeReason, SignUp, SignUpRefusal, SignUpTicket, TenantView, Tokens, UserState, UserStatus,
    VerifyRefusal,
};
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::world::{ADA, BOB, PASSWORD, TENANT};

/// The registry.
pub struct Shop {
    tenant: Arc<TenantView>,
    pub client: Mutex<ClientView>,
}

impl Shop {
    pub fn new(tenant: Arc<TenantView>, client: ClientView) -> Self {
        Self { tenant, client: Mutex::new(client) }
    }

    /// A change that the copies have not heard of yet.
    pub fn change(&self, change: impl FnOnce(&mut ClientView)) {
        let mut client = self.client.lock();
        change(&mut client);
        client.version += 1;
    }
}

#[async_trait]
impl Registry for Shop {
    async fn mail_password(&self, _: TenantId) -> Result<Option<grantor_ports::MailPassword>, PortError> {
        Ok(None)
    }
    async fn tenant_by_authority(&self, _: &str) -> Result<Option<(Arc<TenantView>, AuthorityRole)>, PortError> {
        Ok(None)
    }
    async fn tenant_by_slug(&self, _: &str) -> Result<Option<Arc<TenantView>>, PortError> {
        Ok(None)
    }
    async fn tenant(&self, tenant: TenantId) -> Result<Option<Arc<TenantView>>, PortError> {
        Ok((tenant == TENANT).then(|| Arc::clone(&self.tenant)))
    }
    async fn client(&self, _: TenantId, client_id: &str) -> Result<Option<Arc<ClientView>>, PortError> {
        let client = self.client.lock();
        Ok((client.client_id == client_id).then(|| Arc::new(client.clone())))
    }
}

/// One user of the directory.
struct Human {
    id: UserId,
    email: String,
    name: String,
    password: SecretString,
    state: UserState,
    not_before: Option<Timestamp>,
}

/// The directory: Ada and Bob, and whoever signs up with the code 12345678; with it a password is
/// reset, too.
pub struct People {
    clock: Arc<FixedClock>,
    humans: Mutex<Vec<Human>>,
    waiting: Mutex<HashMap<String, SignUp>>,
    /// Who forgot their password, by ticket.
    resets: Mutex<HashMap<String, String>>,
    pub throttled: Mutex<bool>,
}

impl People {
    pub fn new(clock: Arc<FixedClock>) -> Self {
        let human = |id, name: &str, email: &str| Human {
            id,
            email: email.into(),
            name: name.into(),
            password: SecretString::from(PASSWORD),
            state: UserState::Active,
            not_before: None,
        };
        let humans = vec![human(ADA, "Ada Marker", "ada@example.org"), human(BOB, "Bob Marker", "bob@example.org")];
        Self {
            clock,
            humans: Mutex::new(humans),
            waiting: Mutex::default(),
            resets: Mutex::default(),
            throttled: Mutex::new(false),
        }
    }

    pub fn set_state(&self, user: UserId, state: UserState) {
        self.with(user, |human| human.state = state);
    }

    pub fn change_password(&self, user: UserId) {
        let now = self.clock.now(TENANT);
        self.with(user, |human| human.not_before = Some(now));
    }

    pub fn not_before(&self, user: UserId) -> Option<Timestamp> {
        self.with(user, |human| human.not_before).flatten()
    }

    fn with<T>(&self, user: UserId, act: impl FnOnce(&mut Human) -> T) -> Option<T> {
        self.humans.lock().iter_mut().find(|human| human.id == user).map(act)
    }
}

#[async_trait]
impl Directory for People {
    async fn check_password(&self, _: TenantId, attempt: PasswordAttempt, _: &Meta) -> Result<Login, LoginRefusal> {
        if *self.throttled.lock() {
            return Err(LoginRefusal::Throttled { retry_after: 60 });
        }
        let humans = self.humans.lock();
        let known = humans.iter().find(|human| human.email == attempt.username && human.state == UserState::Active);
        match known {
            Some(human) if human.password.expose_secret() == attempt.password.expose_secret() => {
                Ok(Login { user: human.id, amr: vec!["pwd".into()] })
            }
            _ => Err(LoginRefusal::Wrong),
        }
    }

    async fn begin_sign_up(&self, _: TenantId, sign_up: SignUp, _: &Meta) -> Result<SignUpTicket, SignUpRefusal> {
        if !sign_up.email.contains('@') {
            return Err(SignUpRefusal::Email);
        }
        let ticket = Uuid::from_u128(self.waiting.lock().len() as u128).to_string();
        self.waiting.lock().insert(ticket.clone(), sign_up);
        Ok(SignUpTicket(ticket))
    }

    async fn resend_code(&self, _: TenantId, ticket: &SignUpTicket) -> Result<(), VerifyRefusal> {
        if self.waiting.lock().contains_key(&ticket.0) { Ok(()) } else { Err(VerifyRefusal::Expired) }
    }

    async fn finish_sign_up(
        &self,
        _: TenantId,
        ticket: &SignUpTicket,
        code: &str,
        _: &Meta,
    ) -> Result<Login, VerifyRefusal> {
        if code == "00000000" {
            self.waiting.lock().remove(&ticket.0);
            return Err(VerifyRefusal::Expired);
        }
        if code != "12345678" {
            return Err(VerifyRefusal::Wrong);
        }
        let new = self.waiting.lock().remove(&ticket.0).ok_or(VerifyRefusal::Expired)?;
        let id = UserId::from_uuid(Uuid::from_u128(0x1000 + self.humans.lock().len() as u128));
        self.humans.lock().push(Human {
            id,
            email: new.email,
            name: new.name.unwrap_or_default(),
            password: new.password,
            state: UserState::Active,
            not_before: None,
        });
        Ok(Login { user: id, amr: vec!["pwd".into()] })
    }

    async fn begin_reset(&self, _: TenantId, reset: Reset, _: &Meta) -> Result<ResetTicket, ResetRefusal> {
        if *self.throttled.lock() {
            return Err(ResetRefusal::Throttled { retry_after: 60 });
        }
        if !reset.email.contains('@') {
            return Err(ResetRefusal::Email);
        }
        let ticket = Uuid::from_u128(self.resets.lock().len() as u128).to_string();
        self.resets.lock().insert(ticket.clone(), reset.email);
        Ok(ResetTicket(ticket))
    }

    async fn resend_reset(&self, _: TenantId, ticket: &ResetTicket) -> Result<(), VerifyRefusal> {
        if self.resets.lock().contains_key(&ticket.0) { Ok(()) } else { Err(VerifyRefusal::Expired) }
    }

    async fn finish_reset(&self, _: TenantId, reset: FinishReset, _: &Meta) -> Result<(), FinishResetRefusal> {
        if reset.password.expose_secret() == "password" {
            return Err(FinishResetRefusal::Password);
        }
        if reset.code == "00000000" {
            self.resets.lock().remove(&reset.ticket.0);
            return Err(FinishResetRefusal::Expired);
        }
        if reset.code != "12345678" {
            return Err(FinishResetRefusal::Wrong);
        }
        let email = self.resets.lock().remove(&reset.ticket.0).ok_or(FinishResetRefusal::Expired)?;
        let now = self.clock.now(TENANT);
        let mut humans = self.humans.lock();
        let human = humans.iter_mut().find(|human| human.email == email).ok_or(FinishResetRefusal::Wrong)?;
        human.password = reset.password;
        human.not_before = Some(now);
        Ok(())
    }

    async fn claims(&self, _: TenantId, _: UserId) -> Result<Option<Claims>, PortError> {
        Ok(None)
    }

    async fn invite(
        &self,
        _: TenantId,
        _: grantor_ports::Invitation,
        _: &grantor_eventsourcing::Meta,
    ) -> Result<(), grantor_ports::AdminError> {
        Err(PortError::Unavailable.into())
    }
    async fn tell(
        &self,
        _: TenantId,
        _: UserId,
        _: grantor_ports::PersonalDetails,
        _: &grantor_eventsourcing::Meta,
    ) -> Result<(), grantor_ports::AdminError> {
        Err(PortError::Unavailable.into())
    }

    async fn person(&self, _: TenantId, user: UserId) -> Result<Option<Person>, PortError> {
        Ok(self.with(user, |human| Person { user, display_name: human.name.clone(), email: Some(human.email.clone()) }))
    }

    async fn status(&self, _: TenantId, user: UserId) -> Result<Option<UserStatus>, PortError> {
        Ok(self.with(user, |human| UserStatus { user, state: human.state, not_before: human.not_before, version: 1 }))
    }
    async fn accounts_of(
        &self,
        _: TenantId,
        _: UserId,
        _: &grantor_eventsourcing::Meta,
    ) -> Result<Vec<grantor_ports::AccountView>, PortError> {
        Ok(Vec::new())
    }
}

/// The token service: keeps what it was asked for.
#[derive(Default)]
pub struct Vault {
    pub issued: Mutex<Vec<IssueCode>>,
    pub revoked: Mutex<Vec<(GrantSelector, RevokeReason)>>,
    pub down: Mutex<bool>,
}

#[async_trait]
impl Tokens for Vault {
    async fn authenticate_client(&self, _: TenantId, _: ClientProof) -> Result<Arc<ClientView>, ClientRefusal> {
        Err(ClientRefusal::Wrong)
    }

    async fn prove_key(&self, _: TenantId, _: DpopCall) -> Result<String, KeyRefusal> {
        Err(PortError::Unavailable.into())
    }

    async fn issue_code(&self, _: TenantId, request: IssueCode, _: &Meta) -> Result<String, PortError> {
        if *self.down.lock() {
            return Err(PortError::Unavailable);
        }
        let mut issued = self.issued.lock();
        issued.push(request);
        Ok(format!("code-{}", issued.len()))
    }

    async fn revoke(&self, _: TenantId, which: GrantSelector, why: RevokeReason, _: &Meta) -> Result<u32, PortError> {
        self.revoked.lock().push((which, why));
        Ok(1)
    }

    async fn grants_of(&self, _: TenantId, user: UserId) -> Result<Vec<GrantSummary>, PortError> {
        let revoked = self.revoked.lock();
        let gone =
            |client: ClientKey| revoked.iter().any(|(which, _)| *which == GrantSelector::UserAndClient(user, client));
        let issued = self.issued.lock();
        let mine = issued.iter().filter(|grant| grant.user == user && !gone(grant.client));
        Ok(mine
            .map(|grant| GrantSummary {
                id: GrantId::from_uuid(Uuid::from_u128(1)),
                client_id: grant.client_id.clone(),
                account: grant.account,
                scope: grant.scope.clone(),
                created_at: grant.auth_time,
                used_at: grant.auth_time,
            })
            .collect())
    }

    async fn introspect(&self, _: TenantId, _: &str, _: IntrospectionCaller) -> Result<Introspection, PortError> {
        Ok(Introspection::Inactive)
    }

    /// `user client`, unsigned: the signature is the token service's to test.
    async fn read_id_token_hint(&self, _: TenantId, hint: &str) -> Result<Option<IdTokenHint>, PortError> {
        let read = hint.split_once(' ').and_then(|(user, client)| Some((user.parse().ok()?, client)));
        Ok(read.map(|(user, client)| IdTokenHint { user, client_id: client.to_owned(), session: None }))
    }
    async fn grants_of_account(
        &self,
        _: TenantId,
        _: grantor_ids::AccountId,
    ) -> Result<Vec<grantor_ports::GrantSummary>, PortError> {
        Ok(Vec::new())
    }
    async fn grants_to(&self, _: TenantId, _: &str) -> Result<Vec<grantor_ports::GrantSummary>, PortError> {
        Ok(Vec::new())
    }
    async fn secret_uses(
        &self,
        _: TenantId,
        _: grantor_ids::ClientKey,
    ) -> Result<Vec<grantor_ports::SecretUse>, PortError> {
        Ok(Vec::new())
    }
}
