//! What cannot be told by webhook.

use std::collections::BTreeSet;

use crate::{BodyMember, Profile, validate::Findings};

/// Objects inside each other, at most.
const DEPTH: usize = 4;
/// Members of one object, at most.
const WIDTH: usize = 40;

impl Profile {
    pub(crate) fn validate_webhooks(&self, found: &mut Findings) {
        let webhooks = &self.webhooks;
        let all = webhooks.events.iter().any(|event| event == "*") && webhooks.events.len() > 1;
        found.refuse(all, "/webhooks/events", "'*' stands alone");
        let mut seen = BTreeSet::new();
        for (at, body) in webhooks.bodies.iter().enumerate() {
            let pointer = format!("/webhooks/bodies/{at}");
            found.refuse(!webhooks.offers(&body.event), format!("{pointer}/event"), "is not among the events");
            found.refuse(!seen.insert(&body.event), format!("{pointer}/event"), "has a body already");
            members(&body.members, 1, &format!("{pointer}/members"), found);
        }
    }
}

fn members(all: &[BodyMember], depth: usize, pointer: &str, found: &mut Findings) {
    found.refuse(all.is_empty() || all.len() > WIDTH, pointer, "must have 1 to 40 members");
    found.refuse(depth > DEPTH, pointer, "objects may be four deep");
    let mut seen = BTreeSet::new();
    for (at, member) in all.iter().enumerate() {
        let here = format!("{pointer}/{at}");
        let name = member.name();
        let plain = (1..=80).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
        found.refuse(!plain, format!("{here}/name"), "must be 1 to 80 visible ASCII characters");
        found.refuse(!seen.insert(name), format!("{here}/name"), "is there already");
        match member {
            BodyMember::From { prefix: Some(prefix), .. } => {
                let plain = (1..=20).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric());
                found.refuse(!plain, format!("{here}/prefix"), "must be 1 to 20 letters and digits");
            }
            BodyMember::Constant { constant, .. } => {
                found.refuse(constant.len() > 300, format!("{here}/constant"), "must be at most 300 bytes");
            }
            BodyMember::Members { members: inner, .. } => members_of(inner, depth, &here, found),
            BodyMember::From { prefix: None, .. } => {}
        }
    }
}

fn members_of(inner: &[BodyMember], depth: usize, here: &str, found: &mut Findings) {
    // A document is bounded, but what is refused already need not be walked to its end.
    if depth <= DEPTH {
        members(inner, depth + 1, &format!("{here}/members"), found);
    }
}

#[cfg(test)]
mod tests {
    use crate::Profile;

    fn found(webhooks: &serde_json::Value) -> Vec<String> {
        let mut profile = Profile::preset("finexer").expect("a preset");
        profile.webhooks = serde_json::from_value(webhooks.clone()).expect("a knob");
        profile.validate().into_iter().map(|found| found.path).collect()
    }

    #[test]
    fn a_body_that_cannot_be_written_is_refused() {
        let knob = |bodies: serde_json::Value| serde_json::json!({ "events": ["a.b.c"], "user_deleted_callback": false, "bodies": bodies });
        let member = serde_json::json!({ "name": "id", "from": "id" });
        assert!(found(&knob(serde_json::json!([{ "event": "a.b.c", "members": [member] }]))).is_empty());
        for (bodies, path) in [
            (serde_json::json!([{ "event": "d.e.f", "members": [member] }]), "/webhooks/bodies/0/event"),
            (serde_json::json!([{ "event": "a.b.c", "members": [] }]), "/webhooks/bodies/0/members"),
            (
                serde_json::json!([{ "event": "a.b.c", "members": [member, member] }]),
                "/webhooks/bodies/0/members/1/name",
            ),
            (
                serde_json::json!([{ "event": "a.b.c", "members": [{ "name": "", "constant": "x" }] }]),
                "/webhooks/bodies/0/members/0/name",
            ),
            (
                serde_json::json!([{ "event": "a.b.c", "members": [{ "name": "id", "from": "id", "prefix": "a b" }] }]),
                "/webhooks/bodies/0/members/0/prefix",
            ),
        ] {
            assert_eq!(found(&knob(bodies.clone())), [path], "{bodies}");
        }
        let mut deep = serde_json::json!([member]);
        for _ in 0..4 {
            deep = serde_json::json!([{ "name": "x", "members": deep }]);
        }
        let paths = found(&knob(serde_json::json!([{ "event": "a.b.c", "members": deep }])));
        assert_eq!(paths, ["/webhooks/bodies/0/members/0/members/0/members/0/members/0/members"]);
    }

    #[test]
    fn a_source_that_does_not_exist_is_no_knob() {
        for from in ["password", "data.", "Data", ""] {
            let member = serde_json::json!({ "name": "x", "from": from });
            assert!(serde_json::from_value::<crate::BodyMember>(member).is_err(), "{from}");
        }
    }
}
