use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use grantor_ports::{Mail, MailError, MailSecurity, MailServer, Mailer, Registry};
use secrecy::SecretString;

use crate::{Reach, SmtpConfig, SmtpCredentials, SmtpMailer, SmtpSecurity};

/// Ports at which mail is handed in (RFC 5321, RFC 6409, RFC 8314), and the usual other one.
const PORTS: [u16; 4] = [25, 465, 587, 2525];
/// How long one mail may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends a tenant's mails over its own mail server, where it has one, and others as the
/// deployment does.
pub struct TenantMailer {
    tenants: Arc<dyn Registry>,
    otherwise: Arc<dyn Mailer>,
    reach: Reach,
}

impl TenantMailer {
    /// `reach` bounds where the tenants' servers may stand.
    pub fn new(tenants: Arc<dyn Registry>, otherwise: Arc<dyn Mailer>, reach: Reach) -> Self {
        Self { tenants, otherwise, reach }
    }

    async fn own(&self, mail: &Mail, server: &MailServer) -> Result<(), MailError> {
        let password = match &server.username {
            Some(_) => self.tenants.mail_password(mail.tenant).await?.map(|password| password.0),
            None => None,
        };
        if self.reach == Reach::Public && !PORTS.contains(&server.port) {
            return Err(blocked());
        }
        // What was looked at is what is connected to: a second look-up could say something else.
        let found = tokio::time::timeout(TIMEOUT, self.reach.resolve(&server.host, server.port)).await;
        let addresses = found.map_err(|_| MailError::Unavailable)?.map_err(|_| blocked())?;
        let address = addresses.first().ok_or(MailError::Unavailable)?.to_string();
        let mailer = SmtpMailer::at(&config(server, password), &address).map_err(|cause| {
            tracing::warn!(%cause, "a tenant's mail server cannot be used");
            MailError::Unavailable
        })?;
        mailer.send(mail).await
    }
}

fn blocked() -> MailError {
    tracing::warn!("a tenant's mail server is nowhere or where it may not be");
    MailError::Unavailable
}

fn config(server: &MailServer, password: Option<SecretString>) -> SmtpConfig {
    let login = server.username.clone().zip(password);
    SmtpConfig {
        host: server.host.clone(),
        port: server.port,
        security: match server.security {
            MailSecurity::Tls => SmtpSecurity::Tls,
            MailSecurity::StartTls => SmtpSecurity::StartTls,
            MailSecurity::Plain => SmtpSecurity::Plain,
        },
        credentials: login.map(|(username, password)| SmtpCredentials { username, password }),
        from: server.from.clone(),
        extra_ca_pem: None,
        timeout: TIMEOUT,
    }
}

#[async_trait]
impl Mailer for TenantMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let tenant = self.tenants.tenant(mail.tenant).await?;
        match tenant.as_ref().and_then(|tenant| tenant.mail_server.as_ref()) {
            Some(server) => self.own(mail, server).await,
            None => self.otherwise.send(mail).await,
        }
    }
}
