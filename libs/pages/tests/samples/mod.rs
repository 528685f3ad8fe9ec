//! Sample data for every page, used by the tests and by the gallery.

mod decisions;
mod developers;
mod explorer;
mod panel;
mod webhooks;
mod widget;

use chrono::{DateTime, Utc};
use grantor_pages::*;

/// The texts that come from people, in the shape a test wants them.
pub struct Words {
    pub tenant: &'static str,
    pub client: &'static str,
    pub host: &'static str,
    pub person: &'static str,
    pub email: &'static str,
    pub free_text: &'static str,
    pub url: &'static str,
}

/// What a bank's pages look like on a good day.
pub const PLAIN: Words = Words {
    tenant: "Financefeast",
    client: "Acme Budget Planner",
    host: "budget.acme.example",
    person: "Jordan Meyer",
    email: "jordan.meyer@example.com",
    free_text: "Please use a name that stands for your own product and add your imprint to the website.",
    url: "https://budget.acme.example/oauth/callback",
};

/// Text that tries to be markup.
pub const HOSTILE: Words = Words {
    tenant: "<script>alert('tenant')</script>",
    client: "\"><script>alert(1)</script><img src=x onerror=alert(1)>",
    host: "evil.example\"><b>",
    person: "</textarea><svg/onload=alert(1)>",
    email: "\"'><script>x</script>@example.com",
    free_text: "</output></bdi><style>*{display:none}</style>&amp;{{ 7*7 }} javascript:alert(1)",
    url: "javascript:alert('\"><script>1</script>')",
};

/// Long and right-to-left text.
pub const LONG: Words = Words {
    tenant: "Vereinigte Genossenschaftsbanken Mecklenburg-Vorpommern und Umgebung eG",
    client: "شركة إدارة الأموال والميزانية الشخصية المحدودة",
    host: "a-very-long-subdomain-that-nobody-should-use.another-long-label.xn--mgbaal8b0b9b2b.example",
    person: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsmitglied",
    email: "firstname.middlename.lastname.with.a.very.long.local.part@long-department-name.example.com",
    free_text: "السبب: الاسم يشبه اسم البنك كثيراً. Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle.",
    url: "https://a-very-long-subdomain-that-nobody-should-use.example/oauth2/callback/with/a/rather/long/path?tenant=12345678901234567890",
};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_763_700_000 + seconds, 0).expect("a time in range")
}

fn frame(lang: Lang, words: &Words) -> Frame {
    Frame {
        branding: Branding { colour: Colour::parse("#0f6e5a") },
        support: Some("help@financefeast.example".to_owned()),
        other_language_path: Some("/oauth/authorize?ui_locales=de".to_owned()),
        ..Frame::new(lang, words.tenant, "/t/financefeast")
    }
}

fn signed_in(lang: Lang, words: &Words) -> Frame {
    let person = SignedIn { name: words.person.to_owned(), sign_out_path: "/logout".to_owned() };
    Frame { signed_in: Some(person), other_language_path: None, ..frame(lang, words) }
}

fn scopes(words: &Words) -> Vec<ScopeLine> {
    [("openid", ""), ("profile", ""), ("plan", words.free_text), ("offline_access", "")]
        .map(|(name, description)| ScopeLine { name: name.to_owned(), description: description.to_owned() })
        .into()
}

fn csrf() -> String {
    "3vX9k2".to_owned()
}

fn action() -> String {
    "/interaction/int_1".to_owned()
}

/// Every page in one language, by name.
pub fn pages(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let mut all = entrance(lang, words);
    all.extend(decisions::pages(lang, words));
    all.extend(developer(lang, words));
    all.extend(developers::pages(lang, words));
    all.extend(webhooks::pages(lang, words));
    all.extend(panel::pages(lang, words));
    all.extend(widget::pages(lang, words));
    all.extend(PageError::ALL.map(|kind| {
        let page = ErrorPage { frame: frame(lang, words), kind, reference: "7f3a-91c2-44de".to_owned() };
        (kind.code(), page.html())
    }));
    all
}

fn entrance(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let login = Login {
        frame: frame(lang, words),
        csrf: csrf(),
        action: action(),
        username: String::new(),
        client_name: Some(words.client.to_owned()),
        reason: None,
        error: None,
        forgot_path: "/reset".to_owned(),
        sign_up_path: Some("/sign_up".to_owned()),
    };
    let failed = Login { username: words.email.to_owned(), error: Some(LoginError::WrongCredentials), ..login.clone() };
    let again = Login {
        client_name: None,
        reason: Some(LoginReason::ConfirmItIsYou),
        frame: Frame { sandbox: true, branding: Branding::default(), ..frame(lang, words) },
        ..login.clone()
    };
    let sign_up = SignUp {
        frame: frame(lang, words),
        csrf: csrf(),
        action: action(),
        name: String::new(),
        email: String::new(),
        password_min: 12,
        client_name: Some(words.client.to_owned()),
        errors: vec![],
        login_path: "/login".to_owned(),
    };
    let sign_up_failed = SignUp {
        name: words.person.to_owned(),
        email: words.email.to_owned(),
        errors: vec![SignUpError::NameTooLong, SignUpError::EmailInvalid, SignUpError::PasswordTooShort],
        ..sign_up.clone()
    };
    let verify = Verify {
        frame: frame(lang, words),
        csrf: csrf(),
        action: action(),
        email: words.email.to_owned(),
        code_length: 6,
        cancellable: true,
        resent: false,
        error: None,
    };
    let mut all = vec![
        ("login", login.html()),
        ("login_failed", failed.html()),
        ("login_again", again.html()),
        ("sign_up", sign_up.html()),
        ("sign_up_failed", sign_up_failed.html()),
        ("verify", verify.html()),
        ("verify_resent", Verify { resent: true, ..verify.clone() }.html()),
        ("verify_failed", Verify { error: Some(VerifyError::WrongCode), ..verify }.html()),
    ];
    let changed = Login { reason: Some(LoginReason::PasswordChanged), ..login };
    all.push(("login_password_changed", changed.html()));
    all.extend(resets(lang, words));
    all
}

fn resets(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let forgot = ForgotPassword {
        frame: frame(lang, words),
        csrf: csrf(),
        action: action(),
        email: words.email.to_owned(),
        cancellable: true,
        error: None,
        login_path: "/login".to_owned(),
    };
    let invalid = ForgotPassword { error: Some(ForgotPasswordError::EmailInvalid), ..forgot.clone() };
    let expired = ForgotPassword { error: Some(ForgotPasswordError::CodeExpired), ..forgot.clone() };
    let new = NewPassword {
        frame: frame(lang, words),
        csrf: csrf(),
        action: action(),
        email: words.email.to_owned(),
        code: String::new(),
        code_length: 8,
        password_min: 8,
        cancellable: true,
        resent: false,
        error: None,
    };
    let failed = |error| NewPassword { error: Some(error), ..new.clone() };
    let easy = NewPassword { code: words.free_text.to_owned(), ..failed(NewPasswordError::PasswordTooEasy) };
    vec![
        ("forgot_password", forgot.html()),
        ("forgot_password_invalid", invalid.html()),
        ("forgot_password_expired", expired.html()),
        ("new_password", new.html()),
        ("new_password_resent", NewPassword { resent: true, ..new.clone() }.html()),
        ("new_password_wrong_code", failed(NewPasswordError::WrongCode).html()),
        ("new_password_easy", easy.html()),
        ("new_password_busy", failed(NewPasswordError::Busy).html()),
    ]
}

fn developer(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let mut all = client_forms(lang, words);
    all.extend(client_pages(lang, words));
    all.extend(homes(lang, words));
    let mail = |subject: &str, body: &str, sent| Mail {
        to: words.email.to_owned(),
        subject: subject.to_owned(),
        sent_at: at(sent),
        body: body.to_owned(),
    };
    let mails = vec![
        mail("Your code: 482 913", "Hello,\n\nyour code is 482 913. It is valid for ten minutes.\n\nFinancefeast", 90),
        mail(words.free_text, words.free_text, 0),
    ];
    let operator = Frame::new(lang, "Grantor", "");
    all.push(("mailbox", Mailbox { frame: operator.clone(), mails }.html()));
    all.push(("mailbox_empty", Mailbox { frame: operator.clone(), mails: vec![] }.html()));
    let action = "/mailbox".to_owned();
    let sign_in = OperatorSignIn { frame: operator, csrf: "c5rf".to_owned(), action, error: None };
    let wrong = OperatorSignIn { error: Some(OperatorSignInError::WrongToken), ..sign_in.clone() };
    all.push(("mailbox_sign_in", sign_in.html()));
    all.push(("mailbox_sign_in_wrong", wrong.html()));
    all
}

fn client_forms(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let choice = |name: &str, chosen| ScopeChoice {
        name: name.to_owned(),
        description: ScopeLine::standard(lang, name).unwrap_or(words.free_text).to_owned(),
        chosen,
    };
    let terms = Terms {
        version: "2025-06".to_owned(),
        text: format!("1. Access\nThe API is for customers' own data.\n\n2. Naming\n{}\n\n3. End\n…", words.free_text),
        accepted: false,
    };
    let form = ClientForm {
        frame: signed_in(lang, words),
        csrf: csrf(),
        action: "/oauth/create_client".to_owned(),
        purpose: FormPurpose::Create(terms),
        fields: ClientFields::default(),
        scopes: vec![choice("openid", true), choice("profile", true), choice("plan", false)],
        contact: format!("{} ({})", words.person, words.email),
        partner_contact: Some("partnership@financefeast.example".to_owned()),
        errors: vec![],
    };
    let fields = ClientFields {
        name: words.client.to_owned(),
        website: words.url.to_owned(),
        logo_url: words.free_text.to_owned(),
        redirect_uris: format!("\n{}\n{}", words.url, words.person),
        origins: Some(words.free_text.to_owned()),
        jwks: Some(words.free_text.to_owned()),
        kind: ClientKind::Native,
    };
    let failed = ClientForm {
        fields: fields.clone(),
        errors: vec![
            ClientFormError::NameNotAllowed,
            ClientFormError::WebsiteInvalid,
            ClientFormError::LogoUrlInvalid,
            ClientFormError::RedirectUriInvalid(2),
            ClientFormError::OriginInvalid(1),
            ClientFormError::JwksInvalid,
            ClientFormError::ScopesMissing,
            ClientFormError::KindInvalid,
            ClientFormError::TermsNotAccepted,
        ],
        ..form.clone()
    };
    let edit = ClientForm {
        purpose: FormPurpose::Edit { back_path: "/clients/fc9c55".to_owned() },
        fields,
        errors: vec![ClientFormError::Busy],
        ..form.clone()
    };
    vec![("client_form", form.html()), ("client_form_failed", failed.html()), ("client_form_edit", edit.html())]
}

fn client_pages(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let secret = ClientSecretPage {
        frame: signed_in(lang, words),
        reason: SecretReason::Created,
        client_name: words.client.to_owned(),
        client_id: "fc9c55efa3924f369d6c1148e668bbe8".to_owned(),
        secret: Some("5b8027074d8ab434882c0806833e76508861c366".to_owned()),
        own_keys: false,
        pending: true,
        partner_contact: Some("partnership@financefeast.example".to_owned()),
        client_path: "/clients/fc9c55".to_owned(),
    };
    let rotated = ClientSecretPage { reason: SecretReason::Rotated, pending: false, ..secret.clone() };
    let signing = ClientSecretPage { secret: None, own_keys: true, ..secret.clone() };
    let public = ClientSecretPage { secret: None, partner_contact: Some(words.free_text.to_owned()), ..secret.clone() };
    let line = |id: &str, made| SecretLine { id: id.to_owned(), created_at: at(made), used_at: None };
    let details = ClientDetails {
        api_key: false,
        default_redirect_uri: false,
        accounts_path: None,
        webhooks_path: None,
        frame: signed_in(lang, words),
        csrf: csrf(),
        action: "/clients/fc9c55".to_owned(),
        name: words.client.to_owned(),
        client_id: "fc9c55efa3924f369d6c1148e668bbe8".to_owned(),
        state: ClientState::Approved,
        kind: ClientKind::Confidential,
        website: words.url.to_owned(),
        logo_url: String::new(),
        redirect_uris: vec![words.url.to_owned(), "https://staging.acme.example/callback".to_owned()],
        origins: None,
        scopes: scopes(words),
        contact: format!("{} ({})", words.person, words.email),
        created_at: at(0),
        terms_version: "2025-06".to_owned(),
        secrets: vec![line("sec_1", 0)],
        keys: vec![],
        edit_path: None,
        partner_contact: None,
        notice: None,
    };
    let signing_details =
        ClientDetails { secrets: vec![], keys: vec!["2026-11".to_owned(), words.url.to_owned()], ..details.clone() };
    let rejected = ClientDetails {
        state: ClientState::Rejected { reason: words.free_text.to_owned() },
        edit_path: Some("/clients/fc9c55/edit".to_owned()),
        partner_contact: Some("partnership@financefeast.example".to_owned()),
        secrets: vec![line("sec_1", 0), line("sec_2", 90_000)],
        notice: Some(ClientNotice::SecretRetired),
        ..details.clone()
    };
    let mut platform = ClientDetails {
        api_key: true,
        default_redirect_uri: true,
        accounts_path: Some("/clients/fc9c55/accounts".to_owned()),
        webhooks_path: Some("/clients/fc9c55/webhooks".to_owned()),
        origins: Some(vec!["https://shop.example".to_owned()]),
        ..details.clone()
    };
    if let Some(secret) = platform.secrets.first_mut() {
        secret.used_at = Some(at(0));
    }
    let draft = ClientDetails {
        state: ClientState::Draft,
        kind: ClientKind::Native,
        secrets: vec![],
        notice: Some(ClientNotice::FormExpired),
        ..details.clone()
    };
    let delete = ClientDelete {
        frame: frame(lang, words),
        csrf: csrf(),
        action: details.action.clone(),
        name: words.client.to_owned(),
        client_id: details.client_id.clone(),
    };
    vec![
        ("client_delete", delete.html()),
        ("client_created", secret.html()),
        ("secret_rotated", rotated.html()),
        ("public_client_created", public.html()),
        ("signing_client_created", signing.html()),
        ("client_details", details.html()),
        ("client_details_keys", signing_details.html()),
        ("client_details_platform", platform.html()),
        ("client_rejected", rejected.html()),
        ("client_draft", draft.html()),
    ]
}

fn homes(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let card = |n: i64, name: &str, state| ClientCard {
        name: name.to_owned(),
        client_id: format!("fc9c55efa3924f369d6c1148e668bbe{n}"),
        state,
        created_at: at(n * 1_000_000),
        path: format!("/clients/{n}"),
    };
    let home = Home {
        frame: signed_in(lang, words),
        account: Account {
            name: words.person.to_owned(),
            email: words.email.to_owned(),
            email_verified: true,
            member_since: at(-40_000_000),
        },
        apps_path: "/apps".to_owned(),
        clients: vec![
            card(5, words.client, ClientState::Pending),
            card(4, "Ledger Sync", ClientState::Approved),
            card(3, "Konto & Co.", ClientState::Rejected { reason: words.free_text.to_owned() }),
            card(2, "Payday", ClientState::Suspended { reason: String::new() }),
            card(1, words.person, ClientState::Draft),
        ],
        create_client_path: Some("/oauth/create_client".to_owned()),
        partner_contact: Some("partnership@financefeast.example".to_owned()),
    };
    let app = |name: &str, since| AppCard {
        name: name.to_owned(),
        client_id: format!("app-{}", name.len()),
        scopes: vec![
            ScopeLine { name: "openid".to_owned(), description: String::new() },
            ScopeLine { name: "plan".to_owned(), description: words.free_text.to_owned() },
        ],
        since,
        used: since,
    };
    let account = |tail: u32| ManagedAccount {
        id: format!("acc_0192f0c1d2e3f4a5b6c7d8e9{tail:08}"),
        scopes: vec![ScopeLine { name: "plan".to_owned(), description: words.free_text.to_owned() }],
        since: at(-4_000_000),
        used: at(0),
    };
    let managed = ManagedAccounts {
        frame: signed_in(lang, words),
        csrf: "token".to_owned(),
        action: "/clients/fc9c55/accounts".to_owned(),
        client_name: words.client.to_owned(),
        client_path: "/clients/fc9c55".to_owned(),
        accounts: vec![account(1), account(2)],
    };
    let no_accounts = ManagedAccounts { accounts: vec![], ..managed.clone() };
    let apps = Apps {
        frame: signed_in(lang, words),
        csrf: "token".to_owned(),
        action: "/apps".to_owned(),
        apps: vec![app(words.client, Some(at(0))), app("Ledger Sync", None)],
    };
    let no_apps = Apps { apps: vec![], ..apps.clone() };
    let no_clients = Home { clients: vec![], ..home.clone() };
    let mut user = Home { create_client_path: None, ..home.clone() };
    user.account.name.clear();
    user.account.email_verified = false;
    let signed_out = SignedOutHome {
        frame: frame(lang, words),
        sign_in_path: "/login".to_owned(),
        sign_up_path: Some("/sign_up".to_owned()),
        explorer_path: "/explorer".to_owned(),
    };
    vec![
        ("explorer", explorer::explorer(lang, words, true).html()),
        ("explorer_fresh", explorer::explorer(lang, words, false).html()),
        ("apps", apps.html()),
        ("no_apps", no_apps.html()),
        ("managed_accounts", managed.html()),
        ("no_managed_accounts", no_accounts.html()),
        ("home", home.html()),
        ("home_no_clients", no_clients.html()),
        ("home_user", user.html()),
        ("signed_out_home", signed_out.html()),
    ]
}
