//! The isolation list (C31, I13): every route of the platform, with what is tried on it. A route
//! that is not here fails the test.

use std::collections::BTreeSet;

use grantor_testkit::World;

/// What of one tenant is tried at the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// A signed-in browser with an open visit: everything it holds makes it a stranger.
    Browser,
    /// The csrf token of the one, in a browser signed in at the other.
    Csrf,
    /// An `id_token_hint`.
    Hint,
    /// A code, with the other's good client credentials.
    Code,
    /// A refresh token, likewise.
    Refresh,
    /// An access token.
    Access,
    /// The secret of the same `client_id`.
    Secret,
    /// The signing keys.
    Keys,
    /// Documents name their own tenant.
    Named,
    /// The look.
    Look,
    /// The same bytes for everybody; no cookie is set.
    Public,
    /// Links, flows and their forms (`flows.rs`).
    Flow,
}

use Case::{Access, Browser, Code, Csrf, Flow, Hint, Keys, Look, Named, Public, Refresh, Secret};

/// The routes of tenants.
pub const TENANTS: &[(&str, &[Case])] = &[
    ("authorize", &[Browser, Hint]),
    ("authorize_post", &[Browser]),
    ("pushed_authorization", &[Secret]),
    ("interaction", &[Browser]),
    ("interaction_login", &[Browser, Csrf]),
    ("interaction_signup", &[Browser]),
    ("interaction_signup_post", &[Browser, Csrf]),
    ("interaction_verify", &[Browser]),
    ("interaction_verify_post", &[Browser, Csrf]),
    ("interaction_reset", &[Browser]),
    ("interaction_reset_post", &[Browser, Csrf]),
    ("interaction_password", &[Browser]),
    ("interaction_password_post", &[Browser, Csrf]),
    ("interaction_select", &[Browser, Csrf]),
    ("interaction_consent", &[Browser, Csrf]),
    ("interaction_details", &[Browser, Csrf]),
    ("reset", &[Browser]),
    ("login", &[Browser]),
    ("signup", &[Browser]),
    ("end_session", &[Browser, Hint]),
    ("end_session_post", &[Browser]),
    ("logout", &[Browser, Hint]),
    ("logout_post", &[Browser]),
    ("logout_confirm", &[Browser, Csrf]),
    ("logged_out", &[Browser]),
    ("apps", &[Browser]),
    ("apps_post", &[Browser, Csrf]),
    ("flow_start", &[Flow]),
    ("flow_start_ongoing", &[Flow]),
    ("widget", &[Flow]),
    ("widget_link", &[Flow]),
    ("flow", &[Flow]),
    ("flow_bank", &[Flow]),
    ("flow_login", &[Flow]),
    ("flow_factor", &[Flow]),
    ("flow_accounts", &[Flow]),
    ("flow_consent", &[Flow]),
    ("brand_css", &[Look]),
    ("asset", &[Public]),
    ("favicon", &[Public]),
    ("home", &[Browser]),
    ("developers", &[Browser]),
    ("developers_security", &[Browser]),
    ("developers_oauth", &[Browser]),
    ("developers_templates", &[Browser]),
    ("developers_dashboard", &[Browser]),
    ("team", &[Browser]),
    ("team_post", &[Browser, Csrf]),
    ("team_member", &[Browser]),
    ("explorer", &[Browser]),
    ("explorer_post", &[Browser]),
    ("explorer_openapi", &[Browser]),
    ("explorer_postman", &[Browser]),
    ("create_client_form", &[Browser]),
    ("create_client", &[Browser, Csrf]),
    ("client", &[Browser]),
    ("client_action", &[Browser, Csrf]),
    ("client_accounts", &[Browser]),
    ("client_accounts_post", &[Browser, Csrf]),
    ("client_webhooks", &[Browser]),
    ("client_webhooks_post", &[Browser, Csrf]),
    ("client_webhook", &[Browser]),
    ("client_webhook_post", &[Browser, Csrf]),
    ("client_webhook_delivery", &[Browser]),
    ("client_webhook_delivery_post", &[Browser, Csrf]),
    ("webhooks", &[Browser]),
    ("webhooks_post", &[Browser, Csrf]),
    ("webhook", &[Browser]),
    ("webhook_post", &[Browser, Csrf]),
    ("webhook_delivery", &[Browser]),
    ("webhook_delivery_post", &[Browser, Csrf]),
    ("edit_client_form", &[Browser]),
    ("edit_client", &[Browser, Csrf]),
    ("token", &[Code, Refresh, Secret]),
    ("revoke", &[Access, Refresh, Code, Secret]),
    ("introspect", &[Access, Refresh, Code, Secret]),
    ("userinfo", &[Access]),
    ("jwks", &[Keys]),
    ("openid_configuration", &[Named]),
    ("oauth_authorization_server", &[Named]),
    ("platform_accounts", &[Secret]),
    ("platform_account", &[Secret]),
    ("demo_eod", &[Access]),
    ("create_client_user", &[Access]),
    ("get_own_user", &[Access]),
    ("delete_own_user", &[Access]),
    ("user_verification", &[Access]),
    ("allow_password_change", &[Access]),
    ("replace_password", &[Access]),
    ("verify_client_user", &[Access]),
    ("delete_client_user", &[Access]),
    ("client_configuration", &[Access]),
    ("change_client_configuration", &[Access]),
    ("demo_customers", &[Access]),
    ("demo_accounts", &[Access]),
];

/// What an operator's route has to do with tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing: it shows and changes no tenant's data.
    None,
    /// It shows one tenant's things: the other's are not among them.
    Shows,
    /// It names a thing of a tenant: the other's thing is not found there, and is not changed.
    Thing,
    /// It changes a tenant: the other stays as it is.
    Changes,
    /// It is the operators' view of all tenants.
    All,
}

/// The routes of operators.
pub const OPERATORS: &[(&str, Reach)] = &[
    ("list_tenants", Reach::All),
    ("create_tenant", Reach::All),
    ("get_tenant", Reach::Shows),
    ("change_tenant", Reach::Changes),
    ("suspend_tenant", Reach::Changes),
    ("restore_tenant", Reach::Changes),
    ("clone_tenant", Reach::All),
    ("advance_clock", Reach::Changes),
    ("get_profile", Reach::Shows),
    ("put_profile", Reach::Changes),
    ("patch_profile", Reach::Changes),
    ("get_profile_delta", Reach::Shows),
    ("get_profile_diff", Reach::Shows),
    ("list_team", Reach::Shows),
    ("set_member", Reach::Thing),
    ("remove_member", Reach::Thing),
    ("get_mail_server", Reach::Shows),
    ("set_mail_server", Reach::Changes),
    ("remove_mail_server", Reach::Changes),
    ("test_mail_server", Reach::Changes),
    ("list_webhooks", Reach::Shows),
    ("create_webhook", Reach::Changes),
    ("get_webhook", Reach::Thing),
    ("change_webhook", Reach::Thing),
    ("delete_webhook", Reach::Thing),
    ("pause_webhook", Reach::Thing),
    ("resume_webhook", Reach::Thing),
    ("rotate_webhook_secret", Reach::Thing),
    ("reveal_webhook_secret", Reach::Thing),
    ("test_webhook", Reach::Thing),
    ("list_deliveries", Reach::Thing),
    ("get_delivery", Reach::Thing),
    ("resend_delivery", Reach::Thing),
    ("recover_webhook", Reach::Thing),
    ("list_clients", Reach::Shows),
    ("create_client", Reach::Changes),
    ("get_client", Reach::Thing),
    ("change_client", Reach::Thing),
    ("delete_client", Reach::Thing),
    ("approve_client", Reach::Thing),
    ("reject_client", Reach::Thing),
    ("suspend_client", Reach::Thing),
    ("restore_client", Reach::Thing),
    ("rotate_client_secret", Reach::Thing),
    ("list_users", Reach::Shows),
    ("create_user", Reach::Changes),
    ("get_user", Reach::Thing),
    ("change_user", Reach::Thing),
    ("lock_user", Reach::Thing),
    ("unlock_user", Reach::Thing),
    ("deactivate_user", Reach::Thing),
    ("erase_user", Reach::Thing),
    ("get_flow", Reach::Thing),
    ("open_account", Reach::Changes),
    ("get_account", Reach::Thing),
    ("link_account_user", Reach::Thing),
    ("unlink_account_user", Reach::Thing),
    ("list_keys", Reach::Shows),
    ("rotate_key", Reach::Changes),
    ("list_presets", Reach::None),
    ("get_preset", Reach::None),
    ("list_operators", Reach::None),
    ("create_operator", Reach::None),
    ("rotate_operator_token", Reach::None),
    ("disable_operator", Reach::None),
    ("list_mails", Reach::All),
    ("get_openapi", Reach::None),
    ("health", Reach::None),
    ("ready", Reach::None),
    ("metrics", Reach::None),
    // Says which endpoint a path is, of any tenant; profiles are no secret to their visitors.
    ("endpoint_of_path", Reach::None),
    ("mailbox", Reach::All),
    ("mailbox_sign_in", Reach::None),
    ("asset", Reach::None),
    ("panel", Reach::All),
    ("panel_sign_in", Reach::None),
    ("panel_sign_out", Reach::None),
    ("panel_sign_out_post", Reach::None),
    ("panel_waiting", Reach::All),
    ("panel_tenants", Reach::All),
    ("panel_new_tenant", Reach::None),
    ("panel_new_tenant_post", Reach::All),
    ("panel_tenant", Reach::Shows),
    ("panel_tenant_post", Reach::Changes),
    ("panel_profile", Reach::Shows),
    ("panel_profile_post", Reach::Changes),
    ("panel_clients", Reach::Shows),
    ("panel_client", Reach::Thing),
    ("panel_client_post", Reach::Thing),
    ("panel_users", Reach::Shows),
    ("panel_user", Reach::Thing),
    ("panel_user_post", Reach::Thing),
    ("panel_webhooks", Reach::Shows),
    ("panel_webhook", Reach::Thing),
    ("panel_webhook_post", Reach::Thing),
    ("panel_delivery", Reach::Thing),
    ("panel_delivery_post", Reach::Thing),
    ("panel_timeline", Reach::Shows),
    ("panel_operators", Reach::None),
    ("panel_operators_post", Reach::None),
];

#[tokio::test]
async fn every_route_is_in_the_isolation_list() {
    let world = World::start().await;
    let tenants: Vec<&str> = world.platform.tenants.routes().iter().map(|route| route.name).collect();
    let operators: Vec<&str> = world.platform.admin.routes().iter().map(|route| route.name).collect();
    let names: BTreeSet<_> = tenants.iter().collect();
    assert_eq!(names.len(), tenants.len(), "two routes of one name");
    same(&tenants, TENANTS.iter().map(|(name, _)| *name));
    same(&operators, OPERATORS.iter().map(|(name, _)| *name));
    assert!(TENANTS.iter().all(|(_, cases)| !cases.is_empty()));
}

fn same<'n>(routes: &[&'n str], listed: impl Iterator<Item = &'n str>) {
    let (known, listed): (BTreeSet<_>, BTreeSet<_>) = (routes.iter().copied().collect(), listed.collect());
    let missing: Vec<_> = known.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&known).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in the list: {missing:?}; no route any more: {gone:?}");
}
