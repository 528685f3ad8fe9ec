//! What happened to a tenant and its clients, for operators: who, when, and what is different since.

use grantor_bus::HandleError;
use grantor_eventsourcing::{Aggregate, AggregateType, Codec, Envelope, Position, Version};
use grantor_ids::TenantId;
use grantor_ports::{AdminError, HistoryChange, HistoryEntry, HistoryOf, Page, PageOf};
use grantor_store::{ListChange, Store};
use serde::Serialize;
use serde_json::{Value, to_vec};

use crate::{
    Registry, lists,
    publish::{ClientCodec, TenantCodec},
};

/// A tenant's events and those of its clients, newest first; by type; by client.
const HISTORY: [&str; 3] = ["history", "history_by_type", "history_by_client"];

/// Differences that an entry tells, at most.
const MOST_CHANGES: usize = 24;
/// Characters of a value that an entry tells, at most.
const LONGEST: usize = 160;

/// The entries of an event.
pub(crate) async fn entries(store: &Store, event: &Envelope) -> Result<Vec<ListChange>, HandleError> {
    let stream = store.stream(event.tenant, event.aggregate_id).await;
    let stream = stream.map_err(|cause| HandleError::Again(cause.to_string()))?;
    let (client_id, changes) = match event.aggregate_type {
        AggregateType::Tenant => {
            let (before, after) = around::<TenantCodec>(&stream, event.version)?;
            (None, changes(before.record(), after.record()))
        }
        AggregateType::Client => {
            let (before, after) = around::<ClientCodec>(&stream, event.version)?;
            let known = after.record().or_else(|| before.record());
            (known.map(|record| record.client_id.clone()), changes(before.record(), after.record()))
        }
        _ => return Ok(Vec::new()),
    };
    let owners = [Some(String::new()), Some(event.event_type.clone()), client_id.clone()];
    let entry = HistoryEntry {
        id: event.event_id,
        event: event.event_type.clone(),
        at: event.occurred_at,
        actor: event.meta.actor,
        version: event.version,
        client_id,
        changes,
    };
    let put = |(list, owner): (&'static str, Option<String>)| {
        Some(ListChange::Put {
            tenant: event.tenant,
            list,
            owner: owner?,
            sort: newest_first(event.position),
            id: event.event_id.to_string(),
            version: 1,
            data: to_vec(&entry).unwrap_or_default(),
        })
    };
    Ok(HISTORY.into_iter().zip(owners).filter_map(put).collect())
}

/// Lists are read in ascending order, so the sort key falls as the log grows.
fn newest_first(at: Position) -> String {
    format!("{:05}-{:020}-{:020}", i16::MAX - at.epoch, i64::MAX - at.txid, i64::MAX - at.seq)
}

/// The state before an event of a stream, and after it.
fn around<C: Codec>(stream: &[Envelope], version: Version) -> Result<(C::Aggregate, C::Aggregate), HandleError> {
    let mut state = C::Aggregate::default();
    for event in stream {
        let decoded = C::decode(event).map_err(|cause| HandleError::Poison(cause.to_string()))?;
        let before = (event.version == version).then(|| state.clone());
        state = state.evolve(&decoded);
        if let Some(before) = before {
            return Ok((before, state));
        }
    }
    Err(HandleError::Again("an event is not in its stream yet".to_owned()))
}

/// What is different between two records; nothing where one of them is missing.
fn changes<R: Serialize>(before: Option<&R>, after: Option<&R>) -> Vec<HistoryChange> {
    let (Some(before), Some(after)) = (before, after) else { return Vec::new() };
    let document = |record: &R| serde_json::to_value(record).unwrap_or_default();
    let mut found = Vec::new();
    compare("", &document(before), &document(after), &mut found);
    found.truncate(MOST_CHANGES);
    found
}

/// Objects are compared member by member, everything else as a whole. Digests of secrets are nobody's
/// business: which secret came or went is in the event's name.
fn compare(pointer: &str, before: &Value, after: &Value, found: &mut Vec<HistoryChange>) {
    if before == after || pointer.ends_with("/secrets") {
        return;
    }
    if let (Value::Object(old), Value::Object(new)) = (before, after) {
        let mut names: Vec<&String> = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))).collect();
        names.sort();
        for name in names {
            let member = |side: &serde_json::Map<String, Value>| side.get(name).cloned().unwrap_or_default();
            let name = name.replace('~', "~0").replace('/', "~1");
            compare(&format!("{pointer}/{name}"), &member(old), &member(new), found);
        }
        return;
    }
    found.push(HistoryChange { pointer: pointer.to_owned(), before: told(before), after: told(after) });
}

fn told(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let cut: String = text.chars().take(LONGEST).collect();
    Some(if cut.len() < text.len() { format!("{cut}…") } else { cut })
}

/// One page of what happened.
pub(crate) async fn history(
    registry: &Registry,
    reader: &'static str,
    tenant: TenantId,
    of: HistoryOf,
    page: Page,
) -> Result<PageOf<HistoryEntry>, AdminError> {
    let [all, by_type, by_client] = HISTORY;
    let (list, owner) = match of {
        HistoryOf::All => (all, String::new()),
        HistoryOf::Type(event) => (by_type, event),
        HistoryOf::Client(client_id) => (by_client, client_id),
    };
    Ok(lists::read_from(&registry.store, reader, tenant, list, &owner, page).await?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(before: &Value, after: &Value) -> Vec<(String, Option<String>, Option<String>)> {
        changes(Some(before), Some(after)).into_iter().map(|one| (one.pointer, one.before, one.after)).collect()
    }

    #[test]
    fn members_are_compared_one_by_one_and_lists_as_a_whole() {
        let before = json!({ "a": { "x": 1, "y": "old" }, "list": [1, 2], "gone": true, "same": {} });
        let after = json!({ "a": { "x": 1, "y": "new" }, "list": [2], "come": "~/", "same": {} });
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            differences(&before, &after),
            [
                ("/a/y".to_owned(), text("old"), text("new")),
                ("/come".to_owned(), None, text("~/")),
                ("/gone".to_owned(), text("true"), None),
                ("/list".to_owned(), text("[1,2]"), text("[2]")),
            ]
        );
        assert!(changes(None, Some(&after)).is_empty());
    }

    #[test]
    fn secrets_are_not_told_and_long_values_are_cut() {
        let before = json!({ "secrets": [{ "sha256": "aa" }], "text": "" });
        let after = json!({ "secrets": [{ "sha256": "bb" }], "text": "ü".repeat(500) });
        let found = differences(&before, &after);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].2.as_ref().map(|text| text.chars().count()), Some(LONGEST + 1));
    }
}
