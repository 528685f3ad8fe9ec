//! Every text of every page, in every language. A language is a value of [`Texts`], so one that
//! lacks a text does not compile.

mod de;
mod en;
mod events;
mod panel;
mod portal;
mod team;
mod webhooks;
mod widget;

pub(crate) use events::event_label;

use chrono::{DateTime, Datelike, Timelike, Utc};

use crate::{Frame, Lang};

/// The texts of a language.
pub(crate) fn of(lang: Lang) -> &'static Texts {
    match lang {
        Lang::En => &en::TEXTS,
        Lang::De => &de::TEXTS,
    }
}

impl Frame {
    pub(crate) fn texts(&self) -> &'static Texts {
        of(self.lang)
    }

    /// A day: `21 November 2025`.
    pub(crate) fn day(&self, at: &DateTime<Utc>) -> String {
        let t = &self.texts().dates;
        let month = t.months[at.month0() as usize];
        format!("{}{} {month} {}", at.day(), t.after_day, at.year())
    }

    /// A length of time, in the largest unit that says it exactly: `10 days`.
    pub(crate) fn duration(&self, seconds: u32) -> String {
        let t = &self.texts().durations;
        let exact = |unit: u32| seconds > 0 && seconds.is_multiple_of(unit);
        match seconds {
            _ if exact(86_400) => (t.days)(seconds / 86_400),
            _ if exact(3600) => (t.hours)(seconds / 3600),
            _ if exact(60) => (t.minutes)(seconds / 60),
            _ => (t.seconds)(seconds),
        }
    }

    /// A minute: `21 November 2025, 14:05 UTC`.
    pub(crate) fn minute(&self, at: &DateTime<Utc>) -> String {
        format!("{}, {:02}:{:02} UTC", self.day(at), at.hour(), at.minute())
    }
}

/// A sentence with one place for somebody's text. The templates put that text into `<bdi>`, so
/// that a name in another writing direction does not turn the sentence around.
pub(crate) struct Around {
    pub before: &'static str,
    pub after: &'static str,
}

const fn around(before: &'static str, after: &'static str) -> Around {
    Around { before, after }
}

/// Heading and sentence of an error page.
type Said = (&'static str, &'static str);

pub(crate) struct Texts {
    pub dates: Dates,
    pub shared: Shared,
    pub login: Login,
    pub sign_up: SignUp,
    pub verify: Verify,
    pub reset: Reset,
    pub consent: Consent,
    pub details: &'static portal::Details,
    pub menu: &'static portal::Menu,
    pub developers: &'static portal::Developers,
    pub durations: &'static portal::Durations,
    pub panel: &'static panel::Panel,
    pub team: &'static team::Team,
    pub webhooks: &'static webhooks::Webhooks,
    pub scopes: Scopes,
    pub select_account: SelectAccount,
    pub explorer: Explorer,
    pub errors: Errors,
    pub logout: Logout,
    pub form_post: FormPost,
    pub client_form: ClientForm,
    pub secret: Secret,
    pub client_state: ClientState,
    pub client_details: ClientDetails,
    pub home: Home,
    pub mailbox: Mailbox,
    pub operator_sign_in: OperatorSignIn,
    pub apps: Apps,
    pub widget: &'static widget::Widget,
    pub accounts: Accounts,
}

pub(crate) struct Dates {
    pub months: [&'static str; 12],
    pub after_day: &'static str,
}

pub(crate) struct Shared {
    pub skip: &'static str,
    pub sandbox: &'static str,
    pub sandbox_means: &'static str,
    pub help: &'static str,
    /// The other language, in that language.
    pub other_language: &'static str,
    pub other_language_tag: &'static str,
    pub sign_out: &'static str,
    pub cancel: &'static str,
    pub email: &'static str,
    pub password: &'static str,
    pub name: &'static str,
    pub continue_to: Around,
    pub check_fields: &'static str,
    pub busy: &'static str,
    pub form_expired: &'static str,
    pub partner_contact: &'static str,
}

pub(crate) struct Login {
    pub title: &'static str,
    pub at_tenant: Around,
    pub submit: &'static str,
    pub no_account: &'static str,
    pub sign_up: &'static str,
    pub wrong_credentials: &'static str,
    pub too_many_attempts: &'static str,
    pub confirm_it_is_you: &'static str,
    pub password_changed: &'static str,
    pub forgot: &'static str,
}

pub(crate) struct SignUp {
    pub title: &'static str,
    pub at_tenant: Around,
    pub name_hint: &'static str,
    pub email_hint: &'static str,
    pub password_hint: fn(u32) -> String,
    pub submit: &'static str,
    pub have_account: &'static str,
    pub login: &'static str,
    pub name_missing: &'static str,
    pub name_too_long: &'static str,
    pub email_invalid: &'static str,
    pub password_too_short: &'static str,
    pub password_too_long: &'static str,
    pub password_too_easy: &'static str,
    pub too_many_attempts: &'static str,
}

pub(crate) struct Verify {
    pub title: &'static str,
    pub sent_to: Around,
    pub code: &'static str,
    pub code_hint: fn(u32) -> String,
    pub submit: &'static str,
    pub not_received: &'static str,
    pub resend: &'static str,
    pub resent: &'static str,
    pub wrong_code: &'static str,
    pub code_expired: &'static str,
    pub too_many_attempts: &'static str,
}

pub(crate) struct Reset {
    pub title: &'static str,
    pub lead: &'static str,
    pub submit: &'static str,
    pub back: &'static str,
    pub new_title: &'static str,
    pub sent_to: Around,
    pub new_password: &'static str,
    pub change: &'static str,
}

pub(crate) struct Consent {
    pub you_choose: &'static str,
    pub you_choose_also: &'static str,
    pub untick: &'static str,
    pub nothing_chosen: &'static str,
    pub for_account: &'static str,
    pub business_account: &'static str,
    pub personal_account: &'static str,
    pub title: &'static str,
    pub asks: Around,
    pub website: &'static str,
    pub no_website: &'static str,
    pub signed_in_as: &'static str,
    pub not_you: &'static str,
    pub will_be_able: &'static str,
    pub next: &'static str,
    pub for_days: fn(u32) -> String,
    pub for_minutes: fn(u32) -> String,
    pub until_withdrawn: &'static str,
    pub password_stays: &'static str,
    pub return_to: Around,
    pub approve: &'static str,
    pub deny: &'static str,
    pub trust: &'static str,
}

pub(crate) struct Scopes {
    pub openid: &'static str,
    pub profile: &'static str,
    pub email: &'static str,
    pub address: &'static str,
    pub phone: &'static str,
    pub offline_access: &'static str,
}

pub(crate) struct SelectAccount {
    pub title: &'static str,
    pub continue_as: &'static str,
    pub other: &'static str,
    pub other_hint: &'static str,
}

pub(crate) struct Errors {
    pub reference: &'static str,
    pub unknown_client: Said,
    pub client_not_approved: Said,
    pub client_suspended: Said,
    pub redirect_uri_missing: Said,
    pub redirect_uri_not_registered: Said,
    pub bad_request: Said,
    pub interaction_expired: Said,
    pub form_expired: Said,
    pub unknown_tenant: Said,
    pub tenant_suspended: Said,
    pub forbidden: Said,
    pub not_found: Said,
    pub method_not_allowed: Said,
    pub too_large: Said,
    pub too_many_attempts: Said,
    pub unavailable: Said,
}

pub(crate) struct Logout {
    pub title: &'static str,
    pub asked_by: Around,
    pub ends_session: &'static str,
    pub submit: &'static str,
    pub stay: &'static str,
    pub done_title: &'static str,
    pub done: &'static str,
    pub sign_in_again: &'static str,
}

pub(crate) struct FormPost {
    pub title: &'static str,
    pub returning: Around,
    pub press: &'static str,
    pub submit: &'static str,
}

pub(crate) struct ClientForm {
    pub title: &'static str,
    pub create_heading: &'static str,
    pub edit_heading: &'static str,
    pub create_intro: &'static str,
    pub edit_intro: &'static str,
    pub about: &'static str,
    pub name: &'static str,
    pub name_hint: &'static str,
    pub website: &'static str,
    pub website_hint: &'static str,
    pub logo_url: &'static str,
    pub logo_url_hint: &'static str,
    pub optional: &'static str,
    pub contact: &'static str,
    pub contact_hint: &'static str,
    pub technical: &'static str,
    pub kind: &'static str,
    pub kind_stays: &'static str,
    pub confidential: &'static str,
    pub confidential_hint: &'static str,
    pub native: &'static str,
    pub native_hint: &'static str,
    pub redirect_uris: &'static str,
    pub redirect_uris_hint: &'static str,
    pub origins: &'static str,
    pub origins_hint: &'static str,
    pub jwks: &'static str,
    pub jwks_hint: &'static str,
    pub scopes: &'static str,
    pub scopes_hint: &'static str,
    pub terms: &'static str,
    pub version: &'static str,
    pub accept_terms: &'static str,
    pub create: &'static str,
    pub save_draft: &'static str,
    pub save: &'static str,
    pub name_missing: &'static str,
    pub name_too_long: &'static str,
    pub name_not_allowed: &'static str,
    pub website_invalid: &'static str,
    pub logo_url_invalid: &'static str,
    pub redirect_uris_missing: &'static str,
    pub redirect_uri_invalid: fn(u32) -> String,
    pub redirect_uris_too_many: &'static str,
    pub origin_invalid: fn(u32) -> String,
    pub origins_too_many: &'static str,
    pub jwks_invalid: &'static str,
    pub jwks_of_public: &'static str,
    pub scopes_missing: &'static str,
    pub scope_unknown: &'static str,
    pub kind_invalid: &'static str,
    pub terms_not_accepted: &'static str,
    pub terms_changed: &'static str,
    pub too_many_clients: &'static str,
}

pub(crate) struct Secret {
    pub title: &'static str,
    pub created: Around,
    pub rotated: Around,
    pub created_intro: &'static str,
    pub rotated_intro: &'static str,
    pub once_title: &'static str,
    pub once: &'static str,
    pub client_id: &'static str,
    pub client_secret: &'static str,
    pub no_secret: &'static str,
    pub own_keys: &'static str,
    pub next: &'static str,
    pub pending: &'static str,
    pub go_on: &'static str,
    pub go_on_without: &'static str,
}

pub(crate) struct ClientState {
    pub draft: &'static str,
    pub pending: &'static str,
    pub approved: &'static str,
    pub rejected: &'static str,
    pub suspended: &'static str,
    pub draft_means: &'static str,
    pub pending_means: &'static str,
    pub approved_means: &'static str,
    pub rejected_means: &'static str,
    pub suspended_means: &'static str,
    pub reason: &'static str,
}

pub(crate) struct ClientDetails {
    pub back: &'static str,
    pub settings: &'static str,
    pub edit: &'static str,
    pub created: &'static str,
    pub none_given: &'static str,
    pub terms_accepted: &'static str,
    pub secrets: &'static str,
    pub secrets_intro: &'static str,
    pub keys: &'static str,
    pub keys_intro: &'static str,
    pub api_keys: &'static str,
    pub api_keys_intro: &'static str,
    pub default_address: &'static str,
    pub last_used: &'static str,
    pub never_used: &'static str,
    pub secret_from: &'static str,
    pub rotate: &'static str,
    pub rotate_hint: &'static str,
    pub retire: &'static str,
    pub retire_hint: &'static str,
    pub public_client: &'static str,
    pub submit: &'static str,
    pub resubmit: &'static str,
    pub submitted: &'static str,
    pub saved: &'static str,
    pub secret_retired: &'static str,
    pub delete: &'static str,
    pub delete_hint: &'static str,
    pub delete_asked: Around,
    pub delete_means: &'static str,
    pub delete_now: &'static str,
    pub keep: &'static str,
}

pub(crate) struct Home {
    pub title: &'static str,
    pub welcome: &'static str,
    pub welcome_name: Around,
    pub account: &'static str,
    pub email_verified: &'static str,
    pub email_unverified: &'static str,
    pub member_since: &'static str,
    pub clients: &'static str,
    pub clients_intro: &'static str,
    pub no_clients: &'static str,
    pub no_clients_hint: &'static str,
    pub create_client: &'static str,
    pub created: &'static str,
    pub open: &'static str,
    pub apps_hint: &'static str,
    pub apps_open: &'static str,
    pub signed_out_title: Around,
    pub signed_out_intro: &'static str,
    pub sign_in: &'static str,
    pub sign_up: &'static str,
}

pub(crate) struct Apps {
    pub title: &'static str,
    pub intro: &'static str,
    pub none: &'static str,
    pub none_hint: &'static str,
    pub since: &'static str,
    pub used: &'static str,
    pub remembered: &'static str,
    pub revoke: &'static str,
}

pub(crate) struct Accounts {
    pub title: &'static str,
    pub hint: &'static str,
    pub open: &'static str,
    pub intro: Around,
    pub none: &'static str,
    pub none_hint: &'static str,
    pub account_id: &'static str,
    pub disconnect: &'static str,
}

pub(crate) struct Mailbox {
    pub title: &'static str,
    pub intro: &'static str,
    pub empty: &'static str,
    pub to: &'static str,
    pub sent: &'static str,
}

pub(crate) struct OperatorSignIn {
    pub title: &'static str,
    pub intro: &'static str,
    pub token: &'static str,
    pub submit: &'static str,
    pub wrong_token: &'static str,
    pub too_many_attempts: &'static str,
}

pub(crate) struct Explorer {
    pub title: &'static str,
    pub intro: &'static str,
    pub link: &'static str,
    pub tasks: &'static str,
    pub quick_auth: &'static str,
    pub token_here: &'static str,
    pub needs_nothing: &'static str,
    pub needs_client: &'static str,
    pub needs_user: &'static str,
    pub nothing_asked: &'static str,
    pub leave_out: &'static str,
    pub run: &'static str,
    pub response: &'static str,
    pub token_kept: &'static str,
    pub headers: &'static str,
    pub curl_hint: &'static str,
    pub body: &'static str,
    pub no_body: &'static str,
    pub openapi: &'static str,
    pub postman: &'static str,
    pub none: &'static str,
    pub unreachable: &'static str,
}
