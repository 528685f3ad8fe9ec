use super::{Notice, Sender, json::Json, notice::instant};

/// An event in the JSON format of CloudEvents 1.0, with the extensions `partitionkey`, `sequence`
/// (a string there) and `traceparent`.
pub(super) fn body(notice: &Notice, sender: Sender<'_>) -> Json {
    let some = |name: &str, text: &Option<String>| text.as_ref().map(|text| (name.to_owned(), Json::text(text)));
    let mut members = vec![
        ("specversion".to_owned(), Json::text("1.0")),
        ("id".to_owned(), Json::text(&notice.id)),
        ("source".to_owned(), Json::text(sender.issuer)),
        ("type".to_owned(), Json::text(&notice.event)),
    ];
    members.extend(some("subject", &notice.subject));
    members.push(("time".to_owned(), Json::text(instant(notice.at))));
    members.push(("datacontenttype".to_owned(), Json::text("application/json")));
    members.extend(some("partitionkey", &notice.subject));
    members.extend(notice.sequence.map(|number| ("sequence".to_owned(), Json::text(number.to_string()))));
    members.extend(some("traceparent", &notice.trace));
    members.push(("data".to_owned(), notice.data(sender)));
    Json::Object(members)
}
