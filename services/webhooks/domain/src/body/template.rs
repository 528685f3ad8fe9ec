use grantor_profile::{BodyMember, BodySource};

use super::{Notice, Sender, json::Json, notice::instant};

/// The members that a profile names, in its order. What an event does not have is left out.
pub(super) fn body(members: &[BodyMember], notice: &Notice, sender: Sender<'_>) -> Json {
    let member = |member: &BodyMember| {
        let value = match member {
            BodyMember::Constant { constant, .. } => Json::text(constant),
            BodyMember::Members { members, .. } => body(members, notice, sender),
            BodyMember::From { from, prefix, .. } => renamed(source(from, notice, sender)?, prefix.as_deref()),
        };
        Some((member.name().to_owned(), value))
    };
    Json::Object(members.iter().filter_map(member).collect())
}

fn source(from: &BodySource, notice: &Notice, sender: Sender<'_>) -> Option<Json> {
    match from {
        BodySource::Id => Some(Json::text(&notice.id)),
        BodySource::Type => Some(Json::text(&notice.event)),
        BodySource::Timestamp => Some(Json::text(instant(notice.at))),
        BodySource::Issuer => Some(Json::text(sender.issuer)),
        BodySource::Subject => notice.subject.as_ref().map(Json::text),
        BodySource::Sequence => notice.sequence.map(|number| Json::Value(number.into())),
        BodySource::Data => Some(notice.data(sender)),
        BodySource::Member(name) => {
            notice.data.iter().find(|(known, _)| known == name).map(|(_, datum)| datum.json(sender))
        }
    }
}

/// An id by the prefix that the tenant's guide gives it: `gra_1f` with `auth` is `auth_1f`.
fn renamed(value: Json, prefix: Option<&str>) -> Json {
    match (value, prefix) {
        (Json::Value(serde_json::Value::String(id)), Some(prefix)) => {
            let rest = id.split_once('_').map_or(id.as_str(), |(_, rest)| rest);
            Json::text(format!("{prefix}_{rest}"))
        }
        (value, _) => value,
    }
}
