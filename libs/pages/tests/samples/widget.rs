//! The widget's pages.

use grantor_pages::*;

use super::{Words, action, at, csrf, frame, scopes};

fn step(words: &Words) -> WidgetStep {
    WidgetStep { csrf: csrf(), action: action(), client_name: words.client.to_owned() }
}

fn account(words: &Words, number: &str, chosen: bool) -> WidgetAccount {
    WidgetAccount {
        name: if chosen { "Girokonto".to_owned() } else { words.free_text.to_owned() },
        number: number.to_owned(),
        holder: words.person.to_owned(),
        chosen,
    }
}

fn accounts(words: &Words) -> Vec<WidgetAccount> {
    vec![account(words, "DE82900948150000002881", true), account(words, "DE66900948150000702881", false)]
}

pub fn pages(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let sandbox = || Frame { sandbox: true, ..frame(lang, words) };
    let choice = |id: &str, name: &str, detail: &str| WidgetBankChoice {
        id: id.to_owned(),
        name: name.to_owned(),
        detail: detail.to_owned(),
    };
    let bank = WidgetBank {
        frame: sandbox(),
        step: step(words),
        banks: vec![
            choice("nord", "Sandbox Bank Nord", "Hamburg · BLZ 90094815"),
            choice("sued", words.tenant, words.free_text),
            choice("direkt", "Sandbox Direktbank", "Online · BLZ 90094849"),
        ],
        missing: false,
    };
    let login = WidgetLogin {
        frame: frame(lang, words),
        step: step(words),
        bank_name: words.tenant.to_owned(),
        username: String::new(),
        sandbox_hint: Some("mara.brandt / 13579".to_owned()),
        error: None,
    };
    let wrong = WidgetLogin {
        username: words.person.to_owned(),
        sandbox_hint: None,
        error: Some(WidgetLoginError::Wrong),
        ..login.clone()
    };
    let over = WidgetLogin { error: Some(WidgetLoginError::Over), ..login.clone() };
    let factor =
        WidgetFactor { frame: frame(lang, words), step: step(words), sent_to: words.email.to_owned(), error: None };
    let factor_wrong = WidgetFactor { error: Some(WidgetFactorError::Wrong), ..factor.clone() };
    let choose = WidgetAccounts {
        frame: frame(lang, words),
        step: step(words),
        bank_name: "Sandbox Bank Nord".to_owned(),
        accounts: accounts(words),
        missing: false,
    };
    let consent = WidgetConsent {
        frame: frame(lang, words),
        step: step(words),
        website_host: Some(words.host.to_owned()),
        accounts: accounts(words),
        scopes: scopes(words),
        history_days: 90,
        until: Some(at(90 * 86_400)),
    };
    let once = WidgetConsent { website_host: None, until: None, ..consent.clone() };
    let confirm = WidgetConfirm { frame: frame(lang, words), step: step(words), accounts: 2, missing: false };
    let unticked = WidgetConfirm { accounts: 1, missing: true, ..confirm.clone() };
    let mut all = vec![
        ("widget_bank", bank.html()),
        ("widget_bank_missing", WidgetBank { missing: true, ..bank.clone() }.html()),
        ("widget_login", login.html()),
        ("widget_login_wrong", wrong.html()),
        ("widget_login_over", over.html()),
        ("widget_factor", factor.html()),
        ("widget_factor_wrong", factor_wrong.html()),
        ("widget_accounts", choose.html()),
        ("widget_accounts_missing", WidgetAccounts { missing: true, ..choose.clone() }.html()),
        ("widget_consent", consent.html()),
        ("widget_consent_once", once.html()),
        ("widget_confirm", confirm.html()),
        ("widget_confirm_unticked", unticked.html()),
    ];
    all.extend(WidgetEndKind::ALL.map(|kind| {
        let end = WidgetEnd {
            frame: frame(lang, words),
            kind,
            client_name: words.client.to_owned(),
            back: "https://budget.acme.example/callback?state=x&success=false".to_owned(),
        };
        let name = match kind {
            WidgetEndKind::Success => "widget_end_success",
            WidgetEndKind::Cancelled => "widget_end_cancelled",
            WidgetEndKind::BankRefused => "widget_end_bank_refused",
            WidgetEndKind::BankUnavailable => "widget_end_bank_unavailable",
            WidgetEndKind::NoAccounts => "widget_end_no_accounts",
            WidgetEndKind::NoBank => "widget_end_no_bank",
        };
        (name, end.html())
    }));
    all
}
