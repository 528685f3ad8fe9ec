//! What holds for every page, in every language, whatever people typed.

mod samples;

use std::collections::HashSet;

use grantor_pages::{ASSETS, Lang};
use samples::{HOSTILE, LONG, PLAIN, Words};

/// One start tag: its name and its attributes, values still escaped.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// The start tags of a page. Enough of a parser because the templates quote every value and
/// escape every text, which the tests check by counting what comes out.
fn tags(html: &str) -> Vec<Tag<'_>> {
    html.split('<')
        .skip(1)
        .filter(|rest| !rest.starts_with(['/', '!']))
        .map(|rest| {
            let inside = rest.split_once('>').expect("every tag is closed").0;
            let (name, mut left) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
            let mut attributes = vec![];
            while !left.trim_start().is_empty() {
                left = left.trim_start();
                let end = left.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(left.len());
                let attribute = &left[..end];
                let (value, rest) = match left[end..].strip_prefix("=\"") {
                    Some(quoted) => quoted.split_once('"').expect("every value is closed"),
                    None => ("", &left[end..]),
                };
                attributes.push((attribute.trim_end_matches('/'), value));
                left = rest;
            }
            Tag { name: name.trim_end_matches('/'), attributes }
        })
        .collect()
}

fn each_page(check: impl Fn(&str, &str, &[Tag<'_>])) {
    for (kind, words) in [("plain", &PLAIN), ("hostile", &HOSTILE), ("long", &LONG)] {
        for lang in Lang::ALL {
            for (name, html) in samples::pages(lang, words) {
                check(&format!("{kind} {} {name}", lang.tag()), &html, &tags(&html));
            }
        }
    }
}

fn page(lang: Lang, words: &Words, wanted: &str) -> String {
    samples::pages(lang, words).into_iter().find(|(name, _)| *name == wanted).expect("the page").1
}

#[test]
fn every_page_names_its_language_and_has_one_heading_and_landmarks() {
    each_page(|name, html, tags| {
        let count = |wanted: &str| tags.iter().filter(|tag| tag.name == wanted).count();
        assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\""), "{name}: {}", &html[..40]);
        let lang = if name.contains(" de ") { "de" } else { "en" };
        assert_eq!(tags[0].get("lang"), Some(lang), "{name}");
        for landmark in ["h1", "main", "header", "footer", "title"] {
            assert_eq!(count(landmark), 1, "{name}: {landmark}");
        }
        assert!(!html.contains("<title> ·"), "{name} has an empty title");
    });
}

#[test]
fn both_languages_say_something_else() {
    for ((name, en), (_, de)) in samples::pages(Lang::En, &PLAIN).into_iter().zip(samples::pages(Lang::De, &PLAIN)) {
        let heading = |html: &str| html.split_once("<h1>").map(|(_, rest)| rest[..40].to_owned());
        assert_ne!(en, de, "{name}");
        let named_by_somebody = ["client_", "panel_client_", "panel_tenant_", "panel_user_"];
        if name != "verify" && !named_by_somebody.iter().any(|start| name.starts_with(start)) {
            assert_ne!(heading(&en), heading(&de), "{name}");
        }
    }
}

#[test]
fn pages_have_no_inline_style_or_script_and_load_only_our_assets() {
    each_page(|name, _, tags| {
        for tag in tags {
            assert!(
                !["style", "iframe", "object", "embed", "base", "img"].contains(&tag.name),
                "{name}: <{}>",
                tag.name
            );
            for (attribute, value) in &tag.attributes {
                assert!(*attribute != "style" && !attribute.starts_with("on"), "{name}: {attribute}");
                if *attribute == "src" || (tag.name == "link" && *attribute == "href") {
                    let path = value.strip_prefix("/t/financefeast").unwrap_or(value);
                    let ours = ASSETS.iter().any(|asset| asset.path == path) || path == "/assets/brand.css?v=0f6e5a";
                    assert!(ours, "{name} loads {value}");
                }
            }
            if tag.name == "script" {
                assert!(name.ends_with("form_post"), "{name} has a script");
            }
        }
    });
}

#[test]
fn every_link_and_form_stays_below_the_tenants_base() {
    each_page(|name, _, tags| {
        for tag in tags.iter().filter(|tag| ["a", "form"].contains(&tag.name)) {
            let to = tag.get("href").or(tag.get("action")).expect("a target");
            let below = to.starts_with("/t/financefeast/") || name.contains("mailbox") && to.starts_with('/');
            let to_client = ["form_post", "back"].contains(&tag.get("id").unwrap_or_default());
            let outside = tag.get("rel") == Some("noopener noreferrer") && to.starts_with("https://");
            let known = to == "#main" || to.starts_with("mailto:") || to_client || outside;
            assert!(below || known, "{name}: {to}");
        }
    });
}

#[test]
fn hostile_text_stays_text() {
    for lang in Lang::ALL {
        let calm = samples::pages(lang, &PLAIN);
        for ((name, html), (_, expected)) in samples::pages(lang, &HOSTILE).iter().zip(&calm) {
            let shape = |html: &str| -> Vec<String> {
                let keep =
                    |tag: &Tag<'_>| !(tag.name == "a" && tag.get("href").is_some_and(|h| h.starts_with("mailto:")));
                tags(html).iter().filter(|tag| keep(tag)).map(|tag| tag.name.to_owned()).collect()
            };
            assert_eq!(shape(html), shape(expected), "{name}: the page's elements changed");
            assert!(!html.contains("<script>"), "{name}");
        }
    }
}

#[test]
fn ids_are_unique_and_references_resolve() {
    each_page(|name, _, tags| {
        let mut ids = HashSet::new();
        for id in tags.iter().filter_map(|tag| tag.get("id")) {
            assert!(ids.insert(id), "{name}: {id} twice");
        }
        for tag in tags {
            for reference in ["for", "aria-describedby", "aria-labelledby"].iter().filter_map(|key| tag.get(key)) {
                for id in reference.split(' ') {
                    assert!(ids.contains(id), "{name}: nothing has the id {id}");
                }
            }
        }
    });
}

#[test]
fn every_field_has_a_label() {
    each_page(|name, _, tags| {
        let labelled: HashSet<&str> =
            tags.iter().filter(|tag| tag.name == "label").filter_map(|tag| tag.get("for")).collect();
        for tag in tags.iter().filter(|tag| ["input", "textarea", "select", "output"].contains(&tag.name)) {
            if tag.get("type") != Some("hidden") {
                let id = tag.get("id").expect("a field has an id");
                assert!(labelled.contains(id), "{name}: {id} has no label");
            }
        }
    });
}

#[test]
fn every_form_posts_with_its_token_except_the_one_to_a_client() {
    each_page(|name, _, tags| {
        let forms = tags.iter().filter(|tag| tag.name == "form");
        let (mut count, mut to_client) = (0, false);
        for form in forms {
            // A search changes nothing, and its page can be linked to.
            if form.get("role") == Some("search") {
                assert_eq!(form.get("method"), Some("get"), "{name}");
                continue;
            }
            assert_eq!(form.get("method"), Some("post"), "{name}");
            to_client |= form.get("id") == Some("form_post");
            count += 1;
        }
        let tokens = tags.iter().filter(|tag| tag.get("name") == Some("csrf")).count();
        assert_eq!(tokens, if to_client { 0 } else { count }, "{name}");
    });
}

/// The names that scripts and password managers rely on, page by page.
#[test]
fn names_are_stable() {
    let expected = [
        ("login", "csrf username password login cancel"),
        ("login_again", "csrf username password login"),
        ("sign_up", "csrf name email password signup cancel"),
        ("verify", "csrf code verify cancel resend"),
        ("forgot_password", "csrf email reset cancel"),
        ("new_password", "csrf code password change cancel resend"),
        ("consent", "csrf switch approve deny"),
        ("select_account", "csrf continue continue other cancel"),
        ("logout", "csrf logout cancel"),
        ("form_post", "code state"),
        (
            "client_form",
            "csrf name website logo_url kind kind redirect_uris scopes scopes scopes accept_terms create save_draft",
        ),
        ("client_form_edit", "csrf name website logo_url redirect_uris origins jwks scopes scopes scopes save"),
        ("client_details", "csrf rotate"),
        ("client_rejected", "csrf submit csrf retire retire"),
        ("client_draft", "csrf submit"),
        ("client_delete", "csrf delete"),
        ("widget_bank", "csrf bank bank bank choose cancel"),
        ("widget_login", "csrf username pin login cancel other_bank"),
        ("widget_factor", "csrf code verify cancel"),
        ("widget_accounts", "csrf account_1 account_2 share cancel"),
        ("widget_consent", "csrf approve cancel"),
        ("widget_confirm", "csrf agreed confirm cancel"),
        ("error", ""),
    ];
    for (wanted, names) in expected.iter().filter(|(wanted, _)| *wanted != "error") {
        let html = page(Lang::En, &PLAIN, wanted);
        let found: Vec<&str> =
            tags(&html).iter().filter(|tag| tag.name != "meta").filter_map(|tag| tag.get("name")).collect();
        assert_eq!(found.join(" "), *names, "{wanted}");
    }
}

#[test]
fn a_button_has_its_name_as_id_and_value() {
    for name in [
        "login",
        "sign_up",
        "verify",
        "forgot_password",
        "new_password",
        "consent",
        "logout",
        "client_form",
        "client_form_edit",
        "client_draft",
        "widget_bank",
        "widget_login",
        "widget_factor",
        "widget_accounts",
        "widget_consent",
        "widget_confirm",
    ] {
        let html = page(Lang::De, &PLAIN, name);
        for button in tags(&html).iter().filter(|tag| tag.name == "button") {
            assert_eq!(button.get("id"), button.get("name"), "{name}");
            assert_eq!(button.get("value"), button.get("name"), "{name}");
        }
    }
}

#[test]
fn the_first_button_of_a_form_is_not_cancel() {
    for (name, first) in [
        ("login", "login"),
        ("sign_up", "signup"),
        ("verify", "verify"),
        ("forgot_password", "reset"),
        ("new_password", "change"),
        ("widget_bank", "choose"),
        ("widget_login", "login"),
        ("widget_factor", "verify"),
        ("widget_accounts", "share"),
        ("widget_consent", "approve"),
        ("widget_confirm", "confirm"),
    ] {
        let html = page(Lang::En, &PLAIN, name);
        let buttons = tags(&html);
        let button = buttons.iter().find(|tag| tag.name == "button").expect("a button");
        assert_eq!(button.get("name"), Some(first), "the enter key must not cancel {name}");
    }
}

#[test]
fn an_error_page_shows_one_sentence_and_the_reference_only() {
    for lang in Lang::ALL {
        let mut sentences = HashSet::new();
        for kind in grantor_pages::PageError::ALL {
            let html = page(lang, &HOSTILE, kind.code());
            let (_, sentence) = html.split_once("<p id=\"error\" role=\"alert\">").expect("the sentence");
            let (sentence, _) = sentence.split_once("</p>").expect("its end");
            assert_eq!(sentence.matches(['.', '!', '?']).count(), 1, "one sentence: {sentence}");
            assert!(sentences.insert(sentence.to_owned()), "said twice: {sentence}");
            assert!(html.contains("<code id=\"reference\">7f3a-91c2-44de</code>"));
            assert!((400..=503).contains(&kind.status()));
        }
    }
}

#[test]
fn a_secret_is_shown_as_it_is() {
    let html = page(Lang::En, &PLAIN, "client_created");
    assert!(html.contains(
        "<output class=\"value code\" id=\"client_id\" translate=\"no\">fc9c55efa3924f369d6c1148e668bbe8</output>"
    ));
    assert!(html.contains("id=\"client_secret\" translate=\"no\">5b8027074d8ab434882c0806833e76508861c366</output>"));
    assert!(!page(Lang::En, &PLAIN, "public_client_created").contains("client_secret"));
}

#[test]
fn a_leading_line_break_survives_the_textarea() {
    // HTML drops one line break right after <textarea>, so the template writes one of its own.
    let html = page(Lang::En, &PLAIN, "client_form_failed");
    let (_, rest) = html.split_once("<textarea").expect("the field");
    let (_, content) = rest.split_once('>').expect("the tag's end");
    assert!(content.starts_with("\n\nhttps://"), "{}", &content[..20]);
}
