//! Every method that one service may call of another, and who may call it.
//!
//! A method more is a line here; its types need serde's derives in `libs/ports`. The compiler
//! says when one is missing, as the three forms made here implement the ports' traits.

use std::sync::Arc;

use async_trait::async_trait;
use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{AccountId, ClientKey, FlowId, SigningKeyId, TenantId, UserId, WebhookId};
use grantor_ports::*;

use crate::{
    Late, Method, Remote, Role, Served,
    call::{Arguments, Given, Kind},
    port::{lent, owned, port},
    serve::reply,
};

port!(Registry "registry" of Registry {
    Read tenant_by_authority(authority: [&str]) -> (Option<(Arc<TenantView>, AuthorityRole)>, PortError) for Directory Authorization Token Console Webhooks DemoApi;
    Read tenant_by_slug(slug: [&str]) -> (Option<Arc<TenantView>>, PortError) for Directory Authorization Token Console Webhooks DemoApi;
    Read tenant(tenant: [TenantId]) -> (Option<Arc<TenantView>>, PortError) for Directory Authorization Token Console Webhooks DemoApi;
    Read client(tenant: [TenantId], client_id: [&str]) -> (Option<Arc<ClientView>>, PortError) for Directory Authorization Token Console Webhooks;
    Read mail_password(tenant: [TenantId]) -> (Option<MailPassword>, PortError) for Directory Authorization Console;
});

port!(RegistryAdmin "registry-admin" of Registry {
    Command create_tenant(tenant: [CreateTenant], meta: [&Meta]) -> (Arc<TenantView>, AdminError) for Console;
    Command change_tenant(tenant: [TenantId], change: [TenantChange], meta: [&Meta]) -> (Arc<TenantView>, AdminError) for Console;
    List tenants(page: [Page]) -> (PageOf<TenantView>, AdminError) for Console;
    List find_tenants(words: [&str], page: [Page]) -> (PageOf<TenantView>, AdminError) for Console;
    List waiting_clients(page: [Page]) -> (PageOf<ClientView>, AdminError) for Console;
    List history(tenant: [TenantId], of: [HistoryOf], page: [Page]) -> (PageOf<HistoryEntry>, AdminError) for Console;
    List figures() -> (RegistryFigures, AdminError) for Console;
    List tenant_figures(tenant: [TenantId]) -> (TenantFigures, AdminError) for Console;
    Command create_client(tenant: [TenantId], client: [NewClient], meta: [&Meta]) -> ((Arc<ClientView>, Option<NewClientSecret>), AdminError) for Console;
    Command change_client(tenant: [TenantId], client_id: [&str], change: [ClientChange], meta: [&Meta]) -> (Arc<ClientView>, AdminError) for Console;
    Command command_client(tenant: [TenantId], client_id: [&str], command: [ClientCommand], meta: [&Meta]) -> (Arc<ClientView>, AdminError) for Console;
    Command rotate_client_secret(tenant: [TenantId], client_id: [&str], meta: [&Meta]) -> (NewClientSecret, AdminError) for Console;
    List clients(tenant: [TenantId], state: [Option<&str>], page: [Page]) -> (PageOf<ClientView>, AdminError) for Console;
});

port!(Directory "directory" of Directory {
    Write check_password(tenant: [TenantId], attempt: [PasswordAttempt], meta: [&Meta]) -> (Login, LoginRefusal) for Authorization Token;
    Write begin_sign_up(tenant: [TenantId], sign_up: [SignUp], meta: [&Meta]) -> (SignUpTicket, SignUpRefusal) for Authorization;
    Write resend_code(tenant: [TenantId], ticket: [&SignUpTicket]) -> ((), VerifyRefusal) for Authorization;
    Write finish_sign_up(tenant: [TenantId], ticket: [&SignUpTicket], code: [&str], meta: [&Meta]) -> (Login, VerifyRefusal) for Authorization;
    Write begin_reset(tenant: [TenantId], reset: [Reset], meta: [&Meta]) -> (ResetTicket, ResetRefusal) for Authorization;
    Write resend_reset(tenant: [TenantId], ticket: [&ResetTicket]) -> ((), VerifyRefusal) for Authorization;
    Write finish_reset(tenant: [TenantId], reset: [FinishReset], meta: [&Meta]) -> ((), FinishResetRefusal) for Authorization;
    Read claims(tenant: [TenantId], user: [UserId]) -> (Option<Claims>, PortError) for Registry Authorization Token;
    Write invite(tenant: [TenantId], invitation: [Invitation], meta: [&Meta]) -> ((), AdminError) for Registry;
    Write tell(tenant: [TenantId], user: [UserId], details: [PersonalDetails], meta: [&Meta]) -> ((), AdminError) for Authorization;
    Read person(tenant: [TenantId], user: [UserId]) -> (Option<Person>, PortError) for Registry Authorization;
    Status status(tenant: [TenantId], user: [UserId]) -> (Option<UserStatus>, PortError) for Authorization Token;
    Write accounts_of(tenant: [TenantId], user: [UserId], meta: [&Meta]) -> (Vec<AccountView>, PortError) for Authorization;
});

port!(DirectoryAdmin "directory-admin" of Directory {
    Command create_user(tenant: [TenantId], user: [CreateUser], meta: [&Meta]) -> (UserView, AdminError) for Console;
    Command change_user(tenant: [TenantId], user: [UserId], change: [UserChange], meta: [&Meta]) -> (UserView, AdminError) for Console;
    Command command_user(tenant: [TenantId], user: [UserId], command: [UserCommand], meta: [&Meta]) -> (UserView, AdminError) for Console;
    List user(tenant: [TenantId], user: [UserId]) -> (Option<UserView>, AdminError) for Console;
    List user_by_email(tenant: [TenantId], email: [&str]) -> (Option<UserView>, AdminError) for Console;
    Command open_account(tenant: [TenantId], account: [OpenAccount], meta: [&Meta]) -> (AccountView, AdminError) for Console;
    List account(tenant: [TenantId], account: [AccountId]) -> (Option<AccountView>, AdminError) for Console;
    Command link_account(tenant: [TenantId], account: [AccountId], user: [UserId], meta: [&Meta]) -> (AccountView, AdminError) for Console;
    Command unlink_account(tenant: [TenantId], account: [AccountId], user: [UserId], meta: [&Meta]) -> (AccountView, AdminError) for Console;
    List user_history(tenant: [TenantId], user: [UserId]) -> (Vec<HistoryEntry>, AdminError) for Console;
    List count_users(tenant: [TenantId]) -> (u64, AdminError) for Console;
    List users(tenant: [TenantId], page: [Page]) -> (PageOf<UserView>, AdminError) for Console;
});

port!(Tokens "tokens" of Token {
    Write authenticate_client(tenant: [TenantId], proof: [ClientProof]) -> (Arc<ClientView>, ClientRefusal) for Authorization;
    Write prove_key(tenant: [TenantId], call: [DpopCall]) -> (String, KeyRefusal) for Authorization;
    Write issue_code(tenant: [TenantId], request: [IssueCode], meta: [&Meta]) -> (String, PortError) for Authorization;
    Write revoke(tenant: [TenantId], which: [GrantSelector], reason: [RevokeReason], meta: [&Meta]) -> (u32, PortError) for Authorization Directory Registry Console;
    Read grants_of(tenant: [TenantId], user: [UserId]) -> (Vec<GrantSummary>, PortError) for Authorization Console;
    Read grants_of_account(tenant: [TenantId], account: [AccountId]) -> (Vec<GrantSummary>, PortError) for Authorization;
    Read grants_to(tenant: [TenantId], client_id: [&str]) -> (Vec<GrantSummary>, PortError) for Registry;
    Read secret_uses(tenant: [TenantId], client: [ClientKey]) -> (Vec<SecretUse>, PortError) for Registry;
    Read introspect(tenant: [TenantId], token: [&str], caller: [IntrospectionCaller]) -> (Introspection, PortError) for DemoApi Registry Directory;
    Read read_id_token_hint(tenant: [TenantId], hint: [&str]) -> (Option<IdTokenHint>, PortError) for Authorization;
});

port!(TokenAdmin "token-admin" of Token {
    List signing_keys(tenant: [TenantId]) -> (Vec<SigningKeyView>, AdminError) for Console;
    List signing_key_histories(tenant: [TenantId]) -> (Vec<(SigningKeyId, Vec<HistoryEntry>)>, AdminError) for Console;
    Command rotate_signing_key(tenant: [TenantId], alg: [&str], meta: [&Meta]) -> (SigningKeyView, AdminError) for Console;
    Command revoke_client_grants(tenant: [TenantId], client: [ClientKey], meta: [&Meta]) -> ((), AdminError) for Console;
});

port!(Sessions "sessions" of Authorization {
    Read session(tenant: [TenantId], cookie: [&str]) -> (Option<SessionView>, PortError) for Registry;
});

port!(Flows "flows" of Authorization {
    Read flow(tenant: [TenantId], id: [FlowId]) -> (Option<FlowView>, PortError) for Console;
    Read shared_accounts(tenant: [TenantId], id: [FlowId]) -> (Option<SharedAccounts>, PortError) for DemoApi;
});

port!(Webhooks "webhooks" of Webhooks {
    Read webhook_events(tenant: [TenantId]) -> (Vec<String>, PortError) for Registry Console;
    Read webhooks(tenant: [TenantId], client_id: [Option<&str>]) -> (Vec<WebhookView>, PortError) for Registry Console;
    Read webhook(tenant: [TenantId], id: [WebhookId]) -> (Option<WebhookView>, PortError) for Registry Console;
    List webhook_history(tenant: [TenantId], id: [WebhookId]) -> (Vec<HistoryEntry>, PortError) for Console;
    Command create_webhook(tenant: [TenantId], webhook: [NewWebhook], meta: [&Meta]) -> ((WebhookView, WebhookSecret), AdminError) for Registry Console;
    Command change_webhook(tenant: [TenantId], id: [WebhookId], change: [WebhookChange], meta: [&Meta]) -> (WebhookView, AdminError) for Registry Console;
    Command command_webhook(tenant: [TenantId], id: [WebhookId], command: [WebhookCommand], meta: [&Meta]) -> (WebhookView, AdminError) for Registry Console;
    Command rotate_webhook_secret(tenant: [TenantId], id: [WebhookId], overlap_seconds: [Option<u64>], meta: [&Meta]) -> (WebhookSecret, AdminError) for Registry Console;
    Command reveal_webhook_secret(tenant: [TenantId], id: [WebhookId], meta: [&Meta]) -> (WebhookSecret, AdminError) for Registry Console;
});

port!(WebhookDeliveries "webhook-deliveries" of Webhooks {
    Read webhook_health(tenant: [TenantId], id: [WebhookId]) -> (WebhookHealth, PortError) for Registry Console;
    List failing_webhooks(limit: [u32]) -> (Vec<FailingWebhook>, PortError) for Console;
    Command test_webhook(tenant: [TenantId], id: [WebhookId], meta: [&Meta]) -> (String, AdminError) for Registry Console;
    List webhook_deliveries(tenant: [TenantId], id: [WebhookId], state: [Option<DeliveryState>], page: [Page]) -> (PageOf<DeliveryView>, PortError) for Registry Console;
    Read webhook_delivery(tenant: [TenantId], id: [WebhookId], message_id: [&str]) -> (Option<DeliveryDetail>, PortError) for Registry Console;
    Command resend_webhook(tenant: [TenantId], id: [WebhookId], message_id: [&str], meta: [&Meta]) -> ((), AdminError) for Registry Console;
    Command recover_webhook(tenant: [TenantId], id: [WebhookId], since: [Timestamp], until: [Timestamp], meta: [&Meta]) -> (u64, AdminError) for Registry Console;
});

port!(Mailer "mailer" of Console {
    Write send(mail: [&Mail]) -> ((), MailError) for Directory Authorization;
});
