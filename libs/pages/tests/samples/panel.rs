use grantor_pages::*;

use super::{Words, at, csrf, signed_in};

/// The operators' dashboard.
pub fn pages(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let mut all = clients(lang, words);
    all.extend(overview(lang, words));
    all.extend(tenants(lang, words));
    all.extend(users(lang, words));
    all.extend(timeline(lang, words));
    all.extend(operators(lang, words));
    all
}

fn framed(lang: Lang, words: &Words, current: MenuPage) -> Frame {
    let pages = vec![
        (MenuPage::Overview, "/".to_owned()),
        (MenuPage::Waiting, "/waiting".to_owned()),
        (MenuPage::Tenants, "/tenants".to_owned()),
        (MenuPage::Operators, "/operators".to_owned()),
        (MenuPage::Mailbox, "/mailbox".to_owned()),
    ];
    let menu = Menu { pages, links: Vec::new(), support: None, current: Some(current) };
    Frame { menu: Some(menu), support: None, ..signed_in(lang, words) }
}

pub fn place(words: &Words) -> PanelPlace {
    PanelPlace { slug: "financefeast".to_owned(), name: words.tenant.to_owned(), suspended: true }
}

fn rows(words: &Words) -> Vec<PanelClientRow> {
    let row = |n: i64, name: &str, state| PanelClientRow {
        tenant: words.tenant.to_owned(),
        name: name.to_owned(),
        client_id: format!("fc9c55efa3924f369d6c1148e668bbe{n}"),
        website: (n > 1).then(|| format!("https://{}", words.host)),
        state,
        created_at: at(n * 1000),
        path: format!("/tenants/financefeast/clients/{n}"),
    };
    vec![
        row(3, words.client, ClientState::Pending),
        row(2, words.person, ClientState::Suspended { reason: words.free_text.to_owned() }),
        row(1, "Ledger Sync", ClientState::Approved),
    ]
}

fn clients(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let queue = PanelClients {
        frame: framed(lang, words, MenuPage::Waiting),
        place: None,
        only: None,
        rows: rows(words),
        next: Some("/waiting?after=x".to_owned()),
    };
    let list = PanelClients {
        place: Some(place(words)),
        only: Some("approved"),
        next: None,
        frame: framed(lang, words, MenuPage::Tenants),
        ..queue.clone()
    };
    let empty = PanelClients { rows: Vec::new(), next: None, ..queue.clone() };
    let pending = PanelClient {
        frame: framed(lang, words, MenuPage::Tenants),
        csrf: csrf(),
        place: place(words),
        action: "/tenants/financefeast/clients/fc9c55".to_owned(),
        name: words.client.to_owned(),
        client_id: "fc9c55efa3924f369d6c1148e668bbe8".to_owned(),
        state: ClientState::Pending,
        kind: ClientKind::Confidential,
        website: Some(format!("https://{}", words.host)),
        redirect_uris: vec![words.url.to_owned(), "https://ledger.example/cb".to_owned()],
        scopes: vec!["openid".to_owned(), "profile".to_owned()],
        contact: Some(PanelPerson { name: words.person.to_owned(), email: words.email.to_owned() }),
        secrets: 1,
        keys: vec![],
        created_at: at(0),
        notice: Some(PanelClientNotice::ReasonWrong),
        reason: words.free_text.to_owned(),
    };
    let approved = PanelClient {
        state: ClientState::Approved,
        contact: None,
        keys: vec!["2026-11".to_owned()],
        notice: Some(PanelClientNotice::Approved),
        ..pending.clone()
    };
    let suspended = PanelClient {
        state: ClientState::Suspended { reason: words.free_text.to_owned() },
        kind: ClientKind::Native,
        website: None,
        notice: Some(PanelClientNotice::NotPossible),
        ..pending.clone()
    };
    vec![
        ("panel_waiting", queue.html()),
        ("panel_waiting_empty", empty.html()),
        ("panel_clients", list.html()),
        ("panel_client_pending", pending.html()),
        ("panel_client_approved", approved.html()),
        ("panel_client_suspended", suspended.html()),
    ]
}

fn overview(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let check = |name: &str, ready, note: Option<&str>| PanelCheck {
        name: name.to_owned(),
        ready,
        aside: u64::from(!ready) * 3,
        note: note.map(str::to_owned),
    };
    let process = |services: &[&str], checks| PanelProcess {
        services: services.iter().map(|service| (*service).to_owned()).collect(),
        checks,
    };
    let well = PanelOverview {
        frame: framed(lang, words, MenuPage::Overview),
        figures: Some(PanelFigures { active: 41, suspended: 2, waiting: 12 }),
        waiting: Some(rows(words)),
        failing: Some(vec![PanelFailing {
            tenant: words.tenant.to_owned(),
            url: words.url.to_owned(),
            since: Some(at(0)),
            next: Some(at(60)),
            pending: 12,
            path: "/tenants/financefeast/webhooks/whe_1".to_owned(),
        }]),
        processes: vec![
            process(&["registry", "console"], Some(vec![check("registry.store", true, None)])),
            process(&["token"], Some(vec![check("relay of token", true, Some("sends"))])),
        ],
    };
    let ill = PanelOverview {
        figures: None,
        waiting: None,
        failing: None,
        processes: vec![
            process(&["registry", "console"], Some(vec![check("registry.store", false, Some(words.free_text))])),
            process(&["directory", "authorization", "webhooks", "token"], None),
        ],
        ..well.clone()
    };
    vec![("panel_overview", well.html()), ("panel_overview_ill", ill.html())]
}

fn tenants(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let row = |name: &str, kind, suspended| PanelTenantRow {
        slug: "financefeast".to_owned(),
        name: name.to_owned(),
        kind,
        suspended,
        issuer: "https://identity.financefeast.example".to_owned(),
    };
    let list = PanelTenants {
        frame: framed(lang, words, MenuPage::Tenants),
        words: words.client.to_owned(),
        rows: vec![
            row(words.tenant, PanelTenantKind::Production, false),
            row("Sandbox Bank", PanelTenantKind::Sandbox, true),
        ],
        next: Some("/tenants?after=x".to_owned()),
    };
    let nothing = PanelTenants { rows: Vec::new(), next: None, ..list.clone() };
    let new = PanelNewTenant {
        frame: framed(lang, words, MenuPage::Tenants),
        csrf: csrf(),
        slug: "acme".to_owned(),
        name: words.tenant.to_owned(),
        kind: "sandbox".to_owned(),
        issuer: words.url.to_owned(),
        contact: words.email.to_owned(),
        preset: "openid".to_owned(),
        presets: vec![
            ("strict".to_owned(), "The strict default".to_owned()),
            ("openid".to_owned(), "OpenID".to_owned()),
        ],
        wrong: Some(PanelTenantProblem::Field("issuer")),
    };
    let taken = PanelNewTenant { wrong: Some(PanelTenantProblem::Taken), ..new.clone() };
    let key = |kid: &str, state: &str, days| PanelKey {
        kid: kid.to_owned(),
        alg: "ES256".to_owned(),
        state: state.to_owned(),
        created_at: at(0),
        days,
        events: vec![PanelEvent { id: format!("evt_of_{kid}"), ..events(words).remove(4) }],
    };
    let tenant = PanelTenant {
        frame: framed(lang, words, MenuPage::Tenants),
        csrf: csrf(),
        place: PanelPlace { suspended: false, ..place(words) },
        kind: PanelTenantKind::Sandbox,
        issuer: "https://identity.financefeast.example".to_owned(),
        api: "https://api.financefeast.example".to_owned(),
        authorities: vec!["identity.financefeast.example".to_owned()],
        endpoints: vec![("token".to_owned(), "https://identity.financefeast.example/oauth/token".to_owned())],
        contact: Some(words.email.to_owned()),
        terms: words.free_text.to_owned(),
        preset: "financefeast".to_owned(),
        differences: 3,
        clock_ahead: 86_400,
        counts: PanelCounts { clients: Some(12_408), waiting: Some(0), users: None, webhooks: Some(3) },
        keys: Some(vec![key("NzbLsXh8uDCcd", "pending", 0), key("9RdbvZw1", "active", 1), key("0fRx", "retired", 90)]),
        notice: Some(PanelTenantNotice::NotSure),
    };
    let suspended = PanelTenant {
        place: place(words),
        keys: None,
        contact: None,
        notice: Some(PanelTenantNotice::Suspended),
        ..tenant.clone()
    };
    let setting = |pointer: &str, here: Option<&str>, there: Option<&str>| PanelSetting {
        pointer: pointer.to_owned(),
        here: here.map(str::to_owned),
        there: there.map(str::to_owned),
    };
    let profile = PanelProfile {
        frame: framed(lang, words, MenuPage::Tenants),
        csrf: csrf(),
        place: place(words),
        preset: "openid".to_owned(),
        presets: vec!["strict".to_owned(), "openid".to_owned()],
        settings: vec![
            setting("/codes/ttl_seconds", Some("60"), Some("30")),
            setting("/hosts/widget", None, Some("true")),
        ],
        weak: vec![PanelWeakness {
            id: "no_pkce".to_owned(),
            severity: "legacy_unsafe".to_owned(),
            what: words.free_text.to_owned(),
        }],
        document: format!("{{\n  \"version\": 1,\n  \"text\": \"{}\"\n}}", words.free_text),
        version: 3,
        wrong: vec![("/codes/ttl_seconds".to_owned(), words.free_text.to_owned())],
        done: false,
    };
    let same =
        PanelProfile { settings: Vec::new(), weak: Vec::new(), wrong: Vec::new(), done: true, ..profile.clone() };
    vec![
        ("panel_tenants", list.html()),
        ("panel_tenants_none", nothing.html()),
        ("panel_new", new.html()),
        ("panel_new_taken", taken.html()),
        ("panel_tenant_active", tenant.html()),
        ("panel_tenant_suspended", suspended.html()),
        ("panel_profile", profile.html()),
        ("panel_profile_saved", same.html()),
    ]
}

pub fn events(words: &Words) -> Vec<PanelEvent> {
    let event = |n: i64, event: &str, actor| PanelEvent {
        id: format!("evt_{n}"),
        event: event.to_owned(),
        at: at(-1000 * n),
        actor,
        version: 3,
        client_id: None,
        changes: Vec::new(),
    };
    let change = |pointer: &str, before: Option<&str>, after: Option<&str>| PanelEventChange {
        pointer: pointer.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    let user = PanelActor::User { id: "usr_0192f0c1".to_owned(), path: "/tenants/financefeast/users/usr_1".to_owned() };
    vec![
        PanelEvent {
            client_id: Some("fc9c55efa3924f369d6c1148e668bbe8".to_owned()),
            changes: vec![
                change("/settings/name", Some(words.person), Some(words.client)),
                change("/settings/website", Some(words.url), None),
                change("/status", None, Some(words.free_text)),
            ],
            ..event(1, "oauth.client.updated", user)
        },
        event(2, "platform.tenant.profile_changed", PanelActor::Operator(words.person.to_owned())),
        event(3, "oauth.client.registered", PanelActor::Client("cli_1".to_owned())),
        event(4, "something.new", PanelActor::Anonymous),
        event(5, "platform.tenant.created", PanelActor::System),
    ]
}

fn timeline(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let all = PanelTimeline {
        frame: framed(lang, words, MenuPage::Tenants),
        place: place(words),
        client: None,
        only: "oauth.client.updated".to_owned(),
        events: events(words),
        next: Some("/tenants/financefeast/timeline?after=x".to_owned()),
    };
    let of_client = PanelTimeline {
        client: Some("fc9c55".to_owned()),
        events: Vec::new(),
        next: None,
        only: String::new(),
        ..all.clone()
    };
    vec![("panel_timeline", all.html()), ("panel_timeline_client", of_client.html())]
}

fn users(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let row = |name: &str, email: &str, state| PanelUserRow {
        id: "usr_0192f0c1d2e3f4a5b6c7d8e900000001".to_owned(),
        name: name.to_owned(),
        email: email.to_owned(),
        state,
        created_at: at(0),
        path: "/tenants/financefeast/users/usr_1".to_owned(),
    };
    let list = PanelUsers {
        frame: framed(lang, words, MenuPage::Tenants),
        place: place(words),
        words: words.email.to_owned(),
        rows: vec![
            row(words.person, words.email, PanelUserState::Active),
            row("", words.email, PanelUserState::Locked),
            row("", "", PanelUserState::Erased),
        ],
        next: Some("/tenants/financefeast/users?after=x".to_owned()),
    };
    let nobody = PanelUsers { rows: Vec::new(), next: None, ..list.clone() };
    let grant = |n: i64| PanelGrant {
        id: format!("gra_{n}"),
        client_id: format!("fc9c55efa3924f369d6c1148e668bbe{n}"),
        client_path: format!("/tenants/financefeast/clients/{n}"),
        scopes: vec!["openid".to_owned(), "profile".to_owned()],
        since: at(-n),
        used: at(n),
    };
    let active = PanelUser {
        frame: framed(lang, words, MenuPage::Tenants),
        csrf: csrf(),
        place: place(words),
        action: "/tenants/financefeast/users/usr_1".to_owned(),
        id: "usr_0192f0c1d2e3f4a5b6c7d8e900000001".to_owned(),
        name: words.person.to_owned(),
        email: words.email.to_owned(),
        email_verified: true,
        state: PanelUserState::Active,
        created_at: at(0),
        grants: Some(vec![grant(1), grant(2)]),
        events: Some(events(words)),
        notice: Some(PanelUserNotice::NotSure),
    };
    let locked = PanelUser {
        name: String::new(),
        email_verified: false,
        state: PanelUserState::Locked,
        grants: Some(Vec::new()),
        events: None,
        notice: Some(PanelUserNotice::Locked),
        ..active.clone()
    };
    let erased = PanelUser {
        name: String::new(),
        email: String::new(),
        state: PanelUserState::Erased,
        grants: None,
        events: None,
        notice: Some(PanelUserNotice::NotPossible),
        ..active.clone()
    };
    vec![
        ("panel_users", list.html()),
        ("panel_users_none", nobody.html()),
        ("panel_user_active", active.html()),
        ("panel_user_locked", locked.html()),
        ("panel_user_erased", erased.html()),
    ]
}

fn operators(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let row = |n: i64, name: &str, active| PanelOperatorRow {
        id: format!("opr_{n}"),
        name: name.to_owned(),
        active,
        created_at: at(n),
        you: n == 1,
    };
    let list = PanelOperators {
        frame: framed(lang, words, MenuPage::Operators),
        csrf: csrf(),
        rows: vec![row(1, words.person, true), row(2, words.client, true), row(3, "Night shift", false)],
        next: None,
        name: words.free_text.to_owned(),
        notice: Some(PanelOperatorsNotice::NameWrong),
    };
    let disabled = PanelOperators {
        next: Some("/operators?after=x".to_owned()),
        notice: Some(PanelOperatorsNotice::Disabled),
        ..list.clone()
    };
    let token = PanelToken {
        frame: framed(lang, words, MenuPage::Operators),
        name: words.person.to_owned(),
        token: "grantor_op_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYq".to_owned(),
        own: true,
    };
    vec![("panel_operators", list.html()), ("panel_operators_disabled", disabled.html()), ("panel_token", token.html())]
}
