use std::{fmt, net::IpAddr, time::Duration};

use async_trait::async_trait;
use grantor_ports::{Mail, MailError, Mailer};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use secrecy::{ExposeSecret, SecretString};

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SmtpSecurity {
    /// TLS from the first byte (RFC 8314 3.3), usually port 465.
    #[default]
    Tls,
    /// `STARTTLS`, and nothing is sent when the server does not offer it (RFC 3207), usually
    /// port 587.
    StartTls,
    /// None. Only to a server on this machine.
    Plain,
}

/// A login at the mail server.
#[derive(Debug, Clone)]
pub struct SmtpCredentials {
    /// The account.
    pub username: String,
    /// Its password.
    pub password: SecretString,
}

/// Where mail is handed in.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// Host name or address; the certificate must be for it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// A login, if the server wants one.
    pub credentials: Option<SmtpCredentials>,
    /// The sender's address; the sender's name is the tenant's.
    pub from: String,
    /// A certificate authority in PEM that counts beside the public ones.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// How long one mail may take, from the connection to the last answer.
    pub timeout: Duration,
}

/// Why mail cannot be sent with these settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpConfigError {
    /// The connection would leave the machine unprotected.
    #[error("mail without TLS is allowed to loopback addresses only; choose tls or starttls for `{0}`")]
    PlainOffLoopback(String),
    /// The sender is no address.
    #[error("the sender `{0}` is not a mail address")]
    From(String),
    /// The certificate authority cannot be read, or TLS cannot be set up for this host.
    #[error("TLS for the mail server cannot be set up")]
    Tls,
}

/// Hands mails to an SMTP server, one connection per mail.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
    timeout: Duration,
}

impl SmtpMailer {
    /// Checks the settings; connects to nothing yet.
    pub fn new(config: &SmtpConfig) -> Result<Self, SmtpConfigError> {
        Self::at(config, &config.host)
    }

    /// The same, with the connection to this address; the certificate is still the host's.
    pub(crate) fn at(config: &SmtpConfig, address: &str) -> Result<Self, SmtpConfigError> {
        let from = config.from.parse().map_err(|_| SmtpConfigError::From(config.from.clone()))?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address)
            .port(config.port)
            .timeout(Some(config.timeout))
            .tls(tls(config)?);
        if let Some(login) = &config.credentials {
            let password = login.password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(login.username.clone(), password));
        }
        Ok(Self { transport: builder.build(), from, timeout: config.timeout })
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let to: Address = mail.to.parse().map_err(|_| MailError::Refused)?;
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(Mailbox::new(Some(one_line(&mail.from_name)), self.from.clone()))
            .to(Mailbox::new(None, to))
            .subject(one_line(&mail.subject))
            .date(mail.at.into())
            // Keeps holiday notices from answering (RFC 3834 5).
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())
            .map_err(|_| MailError::Refused)
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        match tokio::time::timeout(self.timeout, self.transport.send(message)).await {
            Ok(Ok(_accepted)) => Ok(()),
            Ok(Err(error)) => {
                // The server's text may quote the address, so the code has to do.
                let status = error.status().map(u16::from);
                tracing::warn!(smtp.status = status, smtp.tls = error.is_tls(), "a mail was not taken");
                Err(outcome(status))
            }
            Err(_elapsed) => {
                tracing::warn!(timeout_ms = self.timeout.as_millis() as u64, "the mail server did not answer in time");
                Err(MailError::Unavailable)
            }
        }
    }
}

/// 5yz is for good (RFC 5321 4.2.1), unless it is about us and not about the mail: a login that
/// is wrong or missing (RFC 4954 6) is put right by the operator.
fn outcome(status: Option<u16>) -> MailError {
    match status {
        Some(530 | 534 | 535 | 538) => MailError::Unavailable,
        Some(500..=599) => MailError::Refused,
        _ => MailError::Unavailable,
    }
}

fn tls(config: &SmtpConfig) -> Result<Tls, SmtpConfigError> {
    if config.security == SmtpSecurity::Plain {
        let here = is_loopback(&config.host);
        return if here { Ok(Tls::None) } else { Err(SmtpConfigError::PlainOffLoopback(config.host.clone())) };
    }
    let mut parameters = TlsParameters::builder(config.host.clone());
    if let Some(pem) = &config.extra_ca_pem {
        parameters = parameters.add_root_certificate(Certificate::from_pem(pem).map_err(|_| SmtpConfigError::Tls)?);
    }
    let parameters = parameters.build_rustls().map_err(|_| SmtpConfigError::Tls)?;
    Ok(match config.security {
        SmtpSecurity::Tls => Tls::Wrapper(parameters),
        SmtpSecurity::StartTls | SmtpSecurity::Plain => Tls::Required(parameters),
    })
}

/// Addresses only: a name, `localhost` included, is what a resolver makes of it.
fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Names and subjects come from tenants; a line break would begin a header of their choice.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
