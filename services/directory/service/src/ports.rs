//! The directory as the other services call it.

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use grantor_eventsourcing::Meta;
use grantor_ids::{AccountId, TenantId, UserId};
use grantor_ports::{
    AccountView, AdminError, Claims, CreateUser, DirectoryAdmin, FinishReset, FinishResetRefusal, HistoryEntry,
    Invitation, Login, LoginRefusal, OpenAccount, Page, PageOf, PasswordAttempt, Person, PersonalDetails, PortError,
    Reset, ResetRefusal, ResetTicket, SignUp, SignUpRefusal, SignUpTicket, UserChange, UserCommand, UserStatus,
    UserView, VerifyRefusal,
};
use grantor_store::Log;

use crate::{
    Directory, LOG,
    commands::{self, Change},
    consume::{READER, USERS, UserItem},
    failure::not_read,
    profile::login_key,
    view,
};

/// Events of a user that are told, at most.
const MOST_HISTORY: usize = 200;

#[async_trait]
impl grantor_ports::Directory for Directory {
    async fn check_password(
        &self,
        tenant: TenantId,
        attempt: PasswordAttempt,
        meta: &Meta,
    ) -> Result<Login, LoginRefusal> {
        commands::check_password(self, tenant, attempt, meta).await
    }

    async fn begin_sign_up(&self, tenant: TenantId, sign_up: SignUp, _: &Meta) -> Result<SignUpTicket, SignUpRefusal> {
        commands::begin_sign_up(self, tenant, sign_up).await
    }

    async fn resend_code(&self, tenant: TenantId, ticket: &SignUpTicket) -> Result<(), VerifyRefusal> {
        commands::resend_code(self, tenant, ticket).await
    }

    async fn finish_sign_up(
        &self,
        tenant: TenantId,
        ticket: &SignUpTicket,
        code: &str,
        meta: &Meta,
    ) -> Result<Login, VerifyRefusal> {
        commands::finish_sign_up(self, tenant, ticket, code, meta).await
    }

    async fn begin_reset(&self, tenant: TenantId, reset: Reset, _: &Meta) -> Result<ResetTicket, ResetRefusal> {
        commands::begin_reset(self, tenant, reset).await
    }

    async fn resend_reset(&self, tenant: TenantId, ticket: &ResetTicket) -> Result<(), VerifyRefusal> {
        commands::resend_reset(self, tenant, ticket).await
    }

    async fn finish_reset(&self, tenant: TenantId, reset: FinishReset, meta: &Meta) -> Result<(), FinishResetRefusal> {
        commands::finish_reset(self, tenant, reset, meta).await
    }

    async fn claims(&self, tenant: TenantId, user: UserId) -> Result<Option<Claims>, PortError> {
        self.find(tenant, user).await?.as_ref().map_or(Ok(None), view::claims)
    }

    async fn invite(&self, tenant: TenantId, invitation: Invitation, _: &Meta) -> Result<(), AdminError> {
        commands::invite(self, tenant, invitation).await
    }

    async fn tell(
        &self,
        tenant: TenantId,
        user: UserId,
        details: PersonalDetails,
        meta: &Meta,
    ) -> Result<(), AdminError> {
        let PersonalDetails { claims, attributes } = details;
        let change = UserChange { claims, attributes, ..UserChange::default() };
        commands::change_user(self, tenant, user, change, meta).await.map(drop)
    }

    async fn person(&self, tenant: TenantId, user: UserId) -> Result<Option<Person>, PortError> {
        self.find(tenant, user).await?.as_ref().map_or(Ok(None), view::person)
    }

    async fn status(&self, tenant: TenantId, user: UserId) -> Result<Option<UserStatus>, PortError> {
        Ok(self.find(tenant, user).await?.and_then(|found| view::status(user, &found.state, found.version)))
    }

    async fn accounts_of(&self, tenant: TenantId, user: UserId, meta: &Meta) -> Result<Vec<AccountView>, PortError> {
        commands::accounts_of(self, tenant, user, meta).await
    }
}

#[async_trait]
impl DirectoryAdmin for Directory {
    async fn create_user(&self, tenant: TenantId, user: CreateUser, meta: &Meta) -> Result<UserView, AdminError> {
        commands::create_user(self, tenant, user, meta).await
    }

    async fn change_user(
        &self,
        tenant: TenantId,
        user: UserId,
        change: UserChange,
        meta: &Meta,
    ) -> Result<UserView, AdminError> {
        commands::change_user(self, tenant, user, change, meta).await
    }

    async fn command_user(
        &self,
        tenant: TenantId,
        user: UserId,
        command: UserCommand,
        meta: &Meta,
    ) -> Result<UserView, AdminError> {
        let change = match command {
            UserCommand::Lock => Change::Lock,
            UserCommand::Unlock => Change::Unlock,
            UserCommand::Deactivate => Change::Deactivate,
            UserCommand::Erase => return commands::erase_user(self, tenant, user, meta).await,
        };
        commands::set_user_state(self, tenant, user, change, meta).await
    }

    async fn user(&self, tenant: TenantId, user: UserId) -> Result<Option<UserView>, AdminError> {
        Ok(self.find(tenant, user).await?.as_ref().map_or(Ok(None), view::admin)?)
    }

    async fn user_by_email(&self, tenant: TenantId, email: &str) -> Result<Option<UserView>, AdminError> {
        let keys = self.keys.of(tenant).await?;
        match self.find_id(tenant, &keys.email_hash(&login_key(email))).await? {
            Some(user) => self.user(tenant, user).await,
            None => Ok(None),
        }
    }

    async fn open_account(
        &self,
        tenant: TenantId,
        account: OpenAccount,
        meta: &Meta,
    ) -> Result<AccountView, AdminError> {
        commands::open_account(self, tenant, account, meta).await
    }

    async fn account(&self, tenant: TenantId, account: AccountId) -> Result<Option<AccountView>, AdminError> {
        Ok(self.account_view(tenant, account).await?)
    }

    async fn link_account(
        &self,
        tenant: TenantId,
        account: AccountId,
        user: UserId,
        meta: &Meta,
    ) -> Result<AccountView, AdminError> {
        commands::link_account(self, tenant, account, user, meta).await
    }

    async fn unlink_account(
        &self,
        tenant: TenantId,
        account: AccountId,
        user: UserId,
        meta: &Meta,
    ) -> Result<AccountView, AdminError> {
        commands::unlink_account(self, tenant, account, user, meta).await
    }

    async fn user_history(&self, tenant: TenantId, user: UserId) -> Result<Vec<HistoryEntry>, AdminError> {
        let stream = self.store.stream(tenant, user.uuid()).await?;
        // What changed is personal, and sealed.
        Ok(stream.into_iter().rev().take(MOST_HISTORY).map(HistoryEntry::from).collect())
    }

    async fn count_users(&self, tenant: TenantId) -> Result<u64, AdminError> {
        self.store.wait_until_read(READER, LOG, Log::Events).await;
        Ok(self.store.count(tenant, USERS, "").await?)
    }

    async fn users(&self, tenant: TenantId, page: Page) -> Result<PageOf<UserView>, AdminError> {
        let after = page.after.as_deref().map(read_cursor).transpose()?;
        let limit = page.limit.clamp(1, 200);
        // So that an operator sees whom they have just made.
        self.store.wait_until_read(READER, LOG, Log::Events).await;
        let mut rows = self.store.list(tenant, USERS, "", after.as_deref(), limit + 1).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|(_, cursor)| B64.encode(cursor));
        let mut items = Vec::with_capacity(rows.len());
        for (data, _) in rows {
            let item: UserItem = serde_json::from_slice(&data).map_err(not_read("list item"))?;
            items.extend(self.user(tenant, item.id).await?);
        }
        Ok(PageOf { items, next })
    }
}

fn read_cursor(text: &str) -> Result<String, AdminError> {
    let bytes = B64.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    bytes.ok_or_else(|| AdminError::invalid("/after", "is not a place in this list"))
}
