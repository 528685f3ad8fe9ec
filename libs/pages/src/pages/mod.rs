//! One page, one file: the view model with its template.

mod apps;
mod client_delete;
mod client_details;
mod client_form;
mod consent;
mod details;
mod developers;
mod error;
mod explorer;
mod form_post;
mod home;
mod login;
mod logout;
mod mailbox;
mod managed_accounts;
mod operator_sign_in;
mod panel;
mod reset;
mod secret;
mod select_account;
mod sign_up;
mod team;
mod verify;
mod webhooks;
mod widget;

pub use apps::{AppCard, Apps};
pub use client_delete::ClientDelete;
pub use client_details::{ClientDetails, ClientNotice, SecretLine};
pub use client_form::{ClientFields, ClientForm, ClientFormError, ClientKind, Field, FormPurpose, ScopeChoice, Terms};
pub use consent::{AccessLength, AccountOption, Consent, KEEP, ScopeLine};
pub use details::{DETAIL, DetailError, DetailField, Details};
pub use developers::{
    Dashboard, DashboardApp, EndpointName, GettingStarted, GuideStep, OAuthReference, SecurityGuide, StepKind,
    TemplateCard, Templates,
};
pub use error::{ErrorPage, PageError};
pub use explorer::{
    Explorer, ExplorerError, ExplorerExchange, ExplorerField, ExplorerInput, ExplorerNeeds, ExplorerTask,
};
pub use form_post::FormPost;
pub use home::{Account, ClientCard, ClientState, Home, SignedOutHome};
pub use login::{Login, LoginError, LoginReason};
pub use logout::{LoggedOut, LogoutConfirm};
pub use mailbox::{Mail, Mailbox};
pub use managed_accounts::{ManagedAccount, ManagedAccounts};
pub use operator_sign_in::{OperatorSignIn, OperatorSignInError};
pub use panel::{
    PanelActor, PanelCheck, PanelClient, PanelClientNotice, PanelClientRow, PanelClients, PanelCounts, PanelEvent,
    PanelEventChange, PanelFailing, PanelFigures, PanelGrant, PanelKey, PanelNewTenant, PanelOperatorRow,
    PanelOperators, PanelOperatorsNotice, PanelOverview, PanelPerson, PanelPlace, PanelProcess, PanelProfile,
    PanelSetting, PanelTenant, PanelTenantKind, PanelTenantNotice, PanelTenantProblem, PanelTenantRow, PanelTenants,
    PanelTimeline, PanelToken, PanelUser, PanelUserNotice, PanelUserRow, PanelUserState, PanelUsers, PanelWeakness,
};
pub use reset::{ForgotPassword, ForgotPasswordError, NewPassword, NewPasswordError};
pub use secret::{ClientSecretPage, SecretReason};
pub use select_account::{AccountChoice, SelectAccount};
pub use sign_up::{SignUp, SignUpError};
pub use team::{
    StaffRoleName, Team, TeamEntry, TeamHistory, TeamInvitation, TeamJoin, TeamMember, TeamNotice, WaitingClient,
};
pub use verify::{Verify, VerifyError};
pub use webhooks::{
    DeliveryStateName, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookForm, WebhookFormProblem,
    WebhookHealthLine, WebhookKey, WebhookLogEntry, WebhookNotice, WebhookPlace, WebhookRow, WebhookSecretPage,
    WebhookSecretReason, WebhookStateName, Webhooks,
};
pub use widget::{
    WidgetAccount, WidgetAccounts, WidgetBank, WidgetBankChoice, WidgetConfirm, WidgetConsent, WidgetEnd,
    WidgetEndKind, WidgetFactor, WidgetFactorError, WidgetLogin, WidgetLoginError, WidgetStep,
};

/// A page that can be shown.
pub trait Page {
    /// The whole HTML document, to be sent as `text/html; charset=utf-8`.
    fn html(&self) -> String;
}

impl<T: askama::Template> Page for T {
    fn html(&self) -> String {
        self.render().expect("writing a template to a String cannot fail")
    }
}
