use super::{Notice, Sender, json::Json, notice::instant};

/// `{"id","type","timestamp","data"}`.
pub(super) fn body(notice: &Notice, sender: Sender<'_>) -> Json {
    Json::Object(vec![
        ("id".to_owned(), Json::text(&notice.id)),
        ("type".to_owned(), Json::text(&notice.event)),
        ("timestamp".to_owned(), Json::text(instant(notice.at))),
        ("data".to_owned(), notice.data(sender)),
    ])
}
