use crate::{Branding, Menu, Monogram, branding::Colour};

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English, also for everyone whose languages we do not speak.
    #[default]
    En,
    /// German, with formal address.
    De,
}

impl Lang {
    /// Every language, in the order the language switch offers them.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// Chooses a language: first the request's `ui_locales` (space-separated BCP 47 tags in order
    /// of preference, OpenID Connect Core 3.1.2.1), then the `Accept-Language` header
    /// (RFC 9110, 12.5.4), then English. Garbage is skipped.
    pub fn choose(ui_locales: Option<&str>, accept_language: Option<&str>) -> Self {
        ui_locales
            .and_then(|tags| tags.split_ascii_whitespace().find_map(Self::from_tag))
            .or_else(|| accept_language.and_then(Self::from_accept_language))
            .unwrap_or_default()
    }

    /// The language of one BCP 47 tag (`de`, `de-AT`, `en-GB`), if it is one of ours.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split('-').next()?;
        Self::ALL.into_iter().find(|lang| primary.eq_ignore_ascii_case(lang.tag()))
    }

    /// The BCP 47 tag, for `<html lang>` and `Content-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for range in header.split(',').take(32) {
            let mut parts = range.split(';');
            let Some(lang) = parts.next().and_then(Self::from_tag) else { continue };
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(Some(1000), quality);
            // The first of equals wins, as the header's order is the reader's.
            match weight {
                Some(weight) if weight > best.map_or(0, |(known, _)| known) => best = Some((weight, lang)),
                _ => {}
            }
        }
        best.map(|(_, lang)| lang)
    }
}

/// A quality value of `Accept-Language` in thousandths; `None` for what is not one.
fn quality(text: &str) -> Option<u16> {
    let value: f32 = text.trim().parse().ok()?;
    // In range by the check, so the cast cannot lose more than the fraction.
    (0.0..=1.0).contains(&value).then_some((value * 1000.0) as u16)
}

/// Who is signed in, as the header of a page shows it.
#[derive(Clone)]
pub struct SignedIn {
    /// The person's name, or their address when no name is known.
    pub name: String,
    /// Where "Sign out" leads: a path on this tenant, without the base (`/logout`).
    pub sign_out_path: String,
}

/// What every page shares. Fill what you know, take the rest from [`Frame::new`]:
/// `Frame { sandbox: true, ..Frame::new(lang, "Financefeast", "") }`.
#[derive(Clone)]
pub struct Frame {
    /// The page's language.
    pub lang: Lang,
    /// The tenant's display name; the deployment's name where no tenant is known.
    pub tenant_name: String,
    /// Prefix of every link and form action, without a trailing slash: `""` or `/t/openid`.
    /// Paths in the view models are given without it.
    pub base: String,
    /// The tenant's colours.
    pub branding: Branding,
    /// Where a person gets help: a mail address (becomes a link) or a line of text.
    pub support: Option<String>,
    /// Shows the sandbox mark: nothing on this tenant is real.
    pub sandbox: bool,
    /// Who is signed in; `None` hides the account line of the header.
    pub signed_in: Option<SignedIn>,
    /// The developers' menu, on the wide pages of the portal.
    pub menu: Option<Menu>,
    /// Where the same page is found in the other language: a path with query, without the base.
    /// `None` hides the switch.
    pub other_language_path: Option<String>,
}

impl Frame {
    /// A frame with the default colours, nobody signed in and no help address.
    pub fn new(lang: Lang, tenant_name: impl Into<String>, base: impl Into<String>) -> Self {
        Self {
            lang,
            tenant_name: tenant_name.into(),
            base: base.into(),
            branding: Branding::default(),
            support: None,
            sandbox: false,
            signed_in: None,
            menu: None,
            other_language_path: None,
        }
    }

    pub(crate) fn monogram(&self) -> Monogram {
        Monogram::of(&self.tenant_name)
    }

    /// The tenant's stylesheet; its query changes with the colour, so it can be cached.
    pub(crate) fn brand_css_href(&self) -> Option<String> {
        let colour: Colour = self.branding.colour?;
        Some(format!("{}{}?v={:06x}", self.base, crate::BRAND_CSS_PATH, colour.rgb()))
    }

    /// A `mailto:` link for a contact, only where it is plainly a mail address.
    pub(crate) fn mail_link(contact: &str) -> Option<String> {
        let (local, domain) = contact.split_once('@')?;
        let plain = |text: &str, extra: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
        };
        (plain(local, "._+-") && plain(domain, ".-")).then(|| format!("mailto:{contact}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_outranks_the_browser() {
        assert_eq!(Lang::choose(Some("fr de-CH en"), Some("en")), Lang::De);
        assert_eq!(Lang::choose(Some("fr"), Some("de;q=0.9, en;q=0.1")), Lang::De);
        assert_eq!(Lang::choose(None, Some("en;q=0.3, de-AT;q=0.8")), Lang::De);
        assert_eq!(Lang::choose(None, Some("de;q=0, en;q=0.1")), Lang::En);
    }

    #[test]
    fn garbage_gives_english() {
        for header in ["", ",,,", ";q=1", "de;q=x", "de;q=7", "*", "\u{0}", "tlh"] {
            assert_eq!(Lang::choose(Some(header.trim_end_matches("de;q=7")), Some(header)), Lang::En, "{header}");
        }
    }

    #[test]
    fn only_a_plain_mail_address_becomes_a_link() {
        assert_eq!(Frame::mail_link("help@bank.example").as_deref(), Some("mailto:help@bank.example"));
        for contact in ["call us", "a@b@c", "a@b?bcc=x", "@b", "a@", "javascript:alert(1)@x"] {
            assert_eq!(Frame::mail_link(contact), None, "{contact}");
        }
    }
}
