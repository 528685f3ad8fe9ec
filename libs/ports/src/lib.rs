//! Every trait a service may call, and the values that cross it.
//!
//! A service knows these traits and nothing of who is behind them: in one process they are
//! the other service's own object, apart they are HTTP. Calls that can be made while a person
//! or a password waits are here; everything else travels as events.

mod accounts;
mod admin;
mod banks;
mod directory;
mod drill;
mod effects;
mod endpoints;
mod error;
mod flows;
mod health;
mod history;
mod mail;
mod network;
mod registry;
mod reset;
mod sessions;
mod tokens;
mod webhooks;
mod wire;

pub use accounts::{AccountKind, AccountView, OpenAccount};
pub use admin::{
    ClientChange, ClientCommand, CreateTenant, CreateUser, DirectoryAdmin, NewClient, NewClientSecret, Page, PageOf,
    RegistryAdmin, RegistryFigures, SigningKeyView, TenantChange, TenantFigures, TokenAdmin, UserChange, UserCommand,
    UserView,
};
pub use banks::{Bank, BankAccount, BankChallenge, BankLogin, BankRefusal, Banks, NoBanks};
pub use directory::{
    Claims, Directory, Invitation, Login, LoginRefusal, PasswordAttempt, Person, PersonalDetails, SignUp,
    SignUpRefusal, SignUpTicket, UserState, UserStatus, VerifyRefusal,
};
pub use drill::{Drill, Drilled, NoSuchPoint, Point};
pub use effects::{Clock, Entropy, EntropyExt, FixedClock, OsEntropy, SystemClock, TenantClocks};
pub use endpoints::{EndpointAnswer, EndpointCall, Endpoints};
pub use error::{AdminError, PortError};
pub use flows::{FlowView, Flows, SharedAccounts};
pub use health::{Check, Health};
pub use history::{HistoryChange, HistoryEntry, HistoryOf};
pub use mail::{Mail, MailError, MailPassword, MailSecurity, MailServer, Mailer};
pub use network::network;
pub use registry::{
    Authority, AuthorityRole, Branding, ClientKind, ClientSecretDigest, ClientState, ClientView, Registry, StaffRole,
    TenantKind, TenantState, TenantView, Terms,
};
pub use reset::{FinishReset, FinishResetRefusal, Reset, ResetRefusal, ResetTicket};
pub use sessions::{SessionView, Sessions, session_cookie_name};
pub use tokens::{
    ClientProof, ClientRefusal, DpopCall, GrantSelector, GrantSummary, IdTokenHint, Introspection, IntrospectionCaller,
    IssueCode, KeyRefusal, RevokeReason, SecretUse, Tokens,
};
pub use webhooks::{
    AttemptView, DeliveryDetail, DeliveryState, DeliveryView, FailingWebhook, NewWebhook, WebhookChange,
    WebhookCommand, WebhookDeliveries, WebhookFormat, WebhookHealth, WebhookKeyView, WebhookSecret, WebhookSigning,
    WebhookState, WebhookView, Webhooks,
};
