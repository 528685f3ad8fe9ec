//! Ports between services that need each other: named first, bound once both are there.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use grantor_eventsourcing::Meta;
use grantor_ids::{TenantId, UserId};
use grantor_ports::{
    Claims, Directory, FinishReset, FinishResetRefusal, Login, LoginRefusal, PasswordAttempt, Person, PortError, Reset,
    ResetRefusal, ResetTicket, SessionView, Sessions, SignUp, SignUpRefusal, SignUpTicket, UserStatus, VerifyRefusal,
};

/// A port that is bound later. Until then it is unavailable.
pub(crate) struct Late<T: ?Sized>(OnceLock<Arc<T>>);

impl<T: ?Sized> Default for Late<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T: ?Sized> Late<T> {
    /// Binds it; the second time has no effect.
    pub(crate) fn bind(&self, port: Arc<T>) {
        let _ = self.0.set(port);
    }

    fn port(&self) -> Result<&Arc<T>, PortError> {
        self.0.get().ok_or(PortError::Unavailable)
    }
}

#[async_trait]
impl Sessions for Late<dyn Sessions> {
    async fn session(&self, tenant: TenantId, cookie: &str) -> Result<Option<SessionView>, PortError> {
        self.port()?.session(tenant, cookie).await
    }

    fn cookie_name(&self, tenant: TenantId, https: bool) -> String {
        self.port().map(|port| port.cookie_name(tenant, https)).unwrap_or_default()
    }
}

#[async_trait]
impl Directory for Late<dyn Directory> {
    async fn check_password(
        &self,
        tenant: TenantId,
        attempt: PasswordAttempt,
        meta: &Meta,
    ) -> Result<Login, LoginRefusal> {
        self.port()?.check_password(tenant, attempt, meta).await
    }

    async fn begin_sign_up(
        &self,
        tenant: TenantId,
        sign_up: SignUp,
        meta: &Meta,
    ) -> Result<SignUpTicket, SignUpRefusal> {
        self.port()?.begin_sign_up(tenant, sign_up, meta).await
    }

    async fn resend_code(&self, tenant: TenantId, ticket: &SignUpTicket) -> Result<(), VerifyRefusal> {
        self.port()?.resend_code(tenant, ticket).await
    }

    async fn finish_sign_up(
        &self,
        tenant: TenantId,
        ticket: &SignUpTicket,
        code: &str,
        meta: &Meta,
    ) -> Result<Login, VerifyRefusal> {
        self.port()?.finish_sign_up(tenant, ticket, code, meta).await
    }

    async fn begin_reset(&self, tenant: TenantId, reset: Reset, meta: &Meta) -> Result<ResetTicket, ResetRefusal> {
        self.port()?.begin_reset(tenant, reset, meta).await
    }

    async fn resend_reset(&self, tenant: TenantId, ticket: &ResetTicket) -> Result<(), VerifyRefusal> {
        self.port()?.resend_reset(tenant, ticket).await
    }

    async fn finish_reset(&self, tenant: TenantId, reset: FinishReset, meta: &Meta) -> Result<(), FinishResetRefusal> {
        self.port()?.finish_reset(tenant, reset, meta).await
    }

    async fn claims(&self, tenant: TenantId, user: UserId) -> Result<Option<Claims>, PortError> {
        self.port()?.claims(tenant, user).await
    }

    async fn person(&self, tenant: TenantId, user: UserId) -> Result<Option<Person>, PortError> {
        self.port()?.person(tenant, user).await
    }

    async fn status(&self, tenant: TenantId, user: UserId) -> Result<Option<UserStatus>, PortError> {
        self.port()?.status(tenant, user).await
    }
}
