//! What is wrong with a portal, and with the texts of mails.

use crate::{
    MailText, Mails, Profile,
    validate::{Findings, are_words},
};

const MOST: usize = 20;

impl Profile {
    pub(crate) fn validate_portal(&self, found: &mut Findings) {
        let portal = &self.portal;
        found.refuse(portal.links.len() > MOST, "/portal/links", "must be 20 or fewer");
        for (at, link) in portal.links.iter().enumerate() {
            found.refuse(!are_words(&link.label), format!("/portal/links/{at}/label"), LINE);
            found.refuse(!is_web(&link.url), format!("/portal/links/{at}/url"), WEB);
        }
        let help = portal.support.as_deref();
        found.refuse(help.is_some_and(|url| !is_web(url)), "/portal/support", WEB);
        found.refuse(portal.templates.len() > MOST, "/portal/templates", "must be 20 or fewer");
        for (at, template) in portal.templates.iter().enumerate() {
            let path = |member: &str| format!("/portal/templates/{at}/{member}");
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
            let named = (1..=40).contains(&template.id.len()) && template.id.bytes().all(plain);
            found.refuse(!named, path("id"), "must be 1 to 40 of a-z 0-9 _ -");
            let taken = portal.templates[..at].iter().any(|other| other.id == template.id);
            found.refuse(taken, path("id"), "is there twice");
            found.refuse(!are_words(&template.title), path("title"), LINE);
            found.refuse(!are_words(&template.description), path("description"), LINE);
            for (index, scope) in template.scopes.iter().enumerate() {
                let unknown = self.scopes.entry(scope).is_none();
                found.refuse(unknown, path(&format!("scopes/{index}")), "is not in the catalogue");
            }
            for (index, uri) in template.redirect_uris.iter().enumerate() {
                let odd = uri.is_empty() || uri.len() > 2048 || uri.chars().any(|c| c.is_control() || c == ' ');
                found.refuse(odd, path(&format!("redirect_uris/{index}")), "must be an absolute URI");
            }
            for (member, url) in [("website", &template.website), ("logo_url", &template.logo_url)] {
                found.refuse(url.as_deref().is_some_and(|url| !is_web(url)), path(member), WEB);
            }
        }
    }
}

impl Profile {
    pub(crate) fn validate_mails(&self, found: &mut Findings) {
        let Mails { verification, reset, revocation } = &self.mails;
        for (name, mail, code) in
            [("verification", verification, true), ("reset", reset, true), ("revocation", revocation, false)]
        {
            let Some(MailText { subject, text }) = mail else { continue };
            found.refuse(!are_words(subject), format!("/mails/{name}/subject"), LINE);
            let long = |text: &str| !(1..=4000).contains(&text.chars().count());
            let odd = |text: &str| long(text) || text.chars().any(|c| c.is_control() && c != '\n');
            let wrong = odd(&text.en) || odd(&text.de);
            found.refuse(wrong, format!("/mails/{name}/text"), "must be 1 to 4000 characters of plain text");
            let lacks = code && ![&text.en, &text.de].into_iter().all(|text| text.contains("{code}"));
            found.refuse(lacks, format!("/mails/{name}/text"), "must have {code}, which is what the mail is for");
        }
    }
}

const LINE: &str = "must be 1 to 300 characters of one line";
const WEB: &str = "must be an https address";

/// An address that a link may lead to: no scheme that runs or shows something by itself.
fn is_web(url: &str) -> bool {
    let host = url.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
        && url.len() <= 2048
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
}
