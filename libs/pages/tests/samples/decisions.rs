use grantor_pages::*;

use super::{Words, action, csrf, frame, scopes};

/// What people decide on: access, accounts, leaving.
pub fn pages(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let consent = Consent {
        accounts: Vec::new(),
        frame: frame(lang, words),
        csrf: csrf(),
        action: action(),
        client_name: words.client.to_owned(),
        website_host: Some(words.host.to_owned()),
        text: None,
        scopes: scopes(words),
        optional: Vec::new(),
        nothing_chosen: false,
        user: words.email.to_owned(),
        access: AccessLength::Days(10),
        return_host: words.host.to_owned(),
    };
    let account = |id: &str, name: &str, business| AccountOption { id: id.to_owned(), name: name.to_owned(), business };
    let bare = Consent {
        accounts: vec![account("acc_1", words.person, false), account("acc_2", "Analytical Engines Ltd", true)],
        website_host: None,
        access: AccessLength::UntilWithdrawn,
        frame: Frame { sandbox: true, ..frame(lang, words) },
        ..consent.clone()
    };
    let choice = Consent {
        text: Some(words.free_text.to_owned()),
        scopes: scopes(words)[..1].to_vec(),
        optional: scopes(words)[1..].to_vec(),
        ..consent.clone()
    };
    let nothing = Consent { scopes: Vec::new(), optional: scopes(words), nothing_chosen: true, ..consent.clone() };
    let field = |name: &str, value: &str, error| DetailField {
        name: name.to_owned(),
        label: (name == "plan").then(|| words.free_text.to_owned()),
        value: value.to_owned(),
        error,
    };
    let details = Details {
        frame: frame(lang, words),
        csrf: csrf(),
        action: action(),
        client_name: words.client.to_owned(),
        user: words.person.to_owned(),
        fields: vec![field("birthdate", "", None), field("phone_number", "", None), field("plan", "", None)],
    };
    let wrong = vec![
        field("given_name", "", Some(DetailError::Missing)),
        field("phone_number", words.free_text, Some(DetailError::Invalid)),
    ];
    let details_failed = Details { fields: wrong, ..details.clone() };
    let account = |id: &str, name: &str| AccountChoice {
        id: id.to_owned(),
        name: name.to_owned(),
        email: words.email.to_owned(),
    };
    let select = SelectAccount {
        frame: frame(lang, words),
        csrf: csrf(),
        action: action(),
        client_name: words.client.to_owned(),
        accounts: vec![account("ses_1", words.person), account("ses_2", "")],
    };
    let logout = LogoutConfirm {
        frame: frame(lang, words),
        csrf: csrf(),
        action: "/logout".to_owned(),
        user: words.person.to_owned(),
        client_name: Some(words.client.to_owned()),
    };
    let form_post = FormPost {
        frame: frame(lang, words),
        client_name: words.client.to_owned(),
        redirect_uri: words.url.to_owned(),
        parameters: vec![("code".to_owned(), "abc".to_owned()), ("state".to_owned(), words.free_text.to_owned())],
    };
    vec![
        ("consent", consent.html()),
        ("consent_bare", bare.html()),
        ("consent_choice", choice.html()),
        ("consent_nothing", nothing.html()),
        ("details", details.html()),
        ("details_failed", details_failed.html()),
        ("select_account", select.html()),
        ("logout", logout.html()),
        ("logged_out", LoggedOut { frame: frame(lang, words), sign_in_path: Some("/".to_owned()) }.html()),
        ("form_post", form_post.html()),
    ]
}
