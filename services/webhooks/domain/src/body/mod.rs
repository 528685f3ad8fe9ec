//! The bodies of calls. Rendered once for an event and a form, stored, and sent byte for byte as
//! often as it takes.

mod cloud_events;
mod json;
mod notice;
mod standard;
mod template;

use grantor_profile::Profile;
use serde::{Deserialize, Serialize};

pub use notice::{Datum, Notice};

/// In which form a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// As the tenant's profile says (knob 44); where it says nothing of the event, as
    /// [`Format::Standard`].
    #[default]
    Tenant,
    /// `id`, `type`, `timestamp`, `data` (Standard Webhooks).
    Standard,
    /// CloudEvents 1.0, structured mode.
    CloudEvents,
}

impl Format {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Tenant, Self::Standard, Self::CloudEvents];

    /// The word in events and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Standard => "standard",
            Self::CloudEvents => "cloud_events",
        }
    }

    /// The form of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// `Content-Type` of bodies in this form.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Tenant | Self::Standard => "application/json",
            Self::CloudEvents => "application/cloudevents+json; charset=utf-8",
        }
    }
}

/// A tenant, as far as bodies show it.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// Its issuer identifier.
    pub issuer: &'a str,
    /// How it writes scopes, and its own forms.
    pub profile: &'a Profile,
}

/// The body that tells of this in that form.
pub fn render(format: Format, notice: &Notice, sender: Sender<'_>) -> Vec<u8> {
    let body = match format {
        Format::Standard => standard::body(notice, sender),
        Format::CloudEvents => cloud_events::body(notice, sender),
        Format::Tenant => match sender.profile.webhooks.body_of(&notice.event) {
            Some(members) => template::body(members, notice, sender),
            None => standard::body(notice, sender),
        },
    };
    body.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use grantor_ids::GrantId;
    use grantor_oauth::ScopeSet;
    use uuid::Uuid;

    use super::*;

    fn revoked() -> Notice {
        let at = "2026-11-28T21:40:00.123Z".parse().expect("an instant");
        let text = |text: &str| Datum::Text(text.to_owned());
        Notice {
            id: "evt_0192f0c1".into(),
            event: "oauth.authorization.revoked".into(),
            at,
            subject: Some(GrantId::from_uuid(Uuid::from_u128(7)).to_string()),
            sequence: Some(3),
            trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
            data: vec![
                ("id", text("gra_00000000000000000000000000000007")),
                ("account_id", text("acc_00000000000000000000000000000008")),
                ("client_id", text("app_1234567890abc")),
                ("scope", Datum::Scope(ScopeSet::from_spaced("customer_read customer_write").expect("scopes"))),
                ("revoked_at", Datum::Time(at)),
                ("revoked_by", text("account_holder")),
            ],
        }
    }

    fn rendered(format: Format, preset: &str, notice: &Notice) -> String {
        let profile = Profile::preset(preset).expect("a preset");
        let sender = Sender { issuer: "https://bank.example", profile: &profile };
        String::from_utf8(render(format, notice, sender)).expect("UTF-8")
    }

    #[test]
    fn the_standard_form_keeps_its_order() {
        assert_eq!(
            rendered(Format::Standard, "openid", &revoked()),
            concat!(
                r#"{"id":"evt_0192f0c1","type":"oauth.authorization.revoked","timestamp":"2026-11-28T21:40:00.123Z","#,
                r#""data":{"id":"gra_00000000000000000000000000000007","account_id":"acc_00000000000000000000000000000008","#,
                r#""client_id":"app_1234567890abc","scope":"customer_read customer_write","#,
                r#""revoked_at":"2026-11-28T21:40:00.123Z","revoked_by":"account_holder","sequence":3}}"#
            )
        );
    }

    #[test]
    fn a_tenant_writes_it_as_its_profile_says() {
        assert_eq!(
            rendered(Format::Tenant, "finexer", &revoked()),
            concat!(
                r#"{"id":"evt_0192f0c1","type":"oauth.authorization.revoked","created_at":"2026-11-28T21:40:00.123Z","#,
                r#""timestamp":"2026-11-28T21:40:00.123Z","data":{"object":"authorization","#,
                r#""id":"auth_00000000000000000000000000000007","account_id":"acc_00000000000000000000000000000008","#,
                r#""client_id":"app_1234567890abc","scope":"customer_read,customer_write","#,
                r#""revoked_at":"2026-11-28T21:40:00.123Z","revoked_by":"account_holder","sequence":3}}"#
            )
        );
        let mut other = revoked();
        other.event = "oauth.client.approved".into();
        assert_eq!(
            rendered(Format::Tenant, "finexer", &other),
            rendered(Format::Standard, "finexer", &other),
            "what the profile does not speak of has the standard form"
        );
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let mut notice = revoked();
        notice.data.retain(|(name, _)| *name != "account_id");
        notice.sequence = None;
        let text = rendered(Format::Tenant, "finexer", &notice);
        assert!(!text.contains("account_id") && !text.contains("sequence") && !text.contains("null"), "{text}");
    }

    #[test]
    fn a_cloud_event_names_its_source_and_subject() {
        let text = rendered(Format::CloudEvents, "openid", &revoked());
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        for (name, expected) in [
            ("specversion", "1.0"),
            ("id", "evt_0192f0c1"),
            ("source", "https://bank.example"),
            ("type", "oauth.authorization.revoked"),
            ("subject", "gra_00000000000000000000000000000007"),
            ("partitionkey", "gra_00000000000000000000000000000007"),
            ("time", "2026-11-28T21:40:00.123Z"),
            ("datacontenttype", "application/json"),
            ("sequence", "3"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ] {
            assert_eq!(value[name], expected, "{name}");
        }
        assert_eq!(value["data"]["revoked_by"], "account_holder");
    }

    #[test]
    fn words_of_strangers_stay_inside_their_member() {
        let mut notice = revoked();
        notice.data[1].1 = Datum::Text("\",\"id\":\"x\u{0}\u{2028}".into());
        for format in Format::ALL {
            let text = rendered(format, "finexer", &notice);
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(value["data"]["account_id"], "\",\"id\":\"x\u{0}\u{2028}");
        }
    }
}
