//! `proto/CATALOGUE.md` and the topics say the same.

use std::collections::BTreeSet;

use grantor_contracts::{Carries, Keeps, TOPICS, Topic, topic_of};

const CATALOGUE: &str = include_str!("../../../proto/CATALOGUE.md");

/// A row of the tables of events.
struct Row {
    event_type: String,
    is_fact: bool,
    owner: String,
    topic: String,
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// All rows of tables whose header begins with this word.
fn tables(first: &str) -> Vec<Vec<&'static str>> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in CATALOGUE.lines() {
        let cells = if line.starts_with('|') { cells(line) } else { Vec::new() };
        match cells.first() {
            None => inside = false,
            Some(word) if *word == first => inside = true,
            Some(word) if word.starts_with("---") => {}
            Some(_) if inside => found.push(cells),
            Some(_) => {}
        }
    }
    found
}

fn rows() -> Vec<Row> {
    let read = |cells: Vec<&str>| {
        assert_eq!(cells.len(), 7, "a row has seven columns, the last is the topic: {cells:?}");
        let name = cells[0].split('`').nth(1).expect("a type in backticks");
        Row {
            event_type: name.to_owned(),
            is_fact: cells[0].ends_with("(fact)"),
            owner: cells[2].to_owned(),
            topic: cells[6].trim_matches('`').to_owned(),
        }
    };
    tables("event type").into_iter().map(read).collect()
}

#[test]
fn every_event_has_the_topic_that_the_catalogue_says() {
    let rows = rows();
    assert!(rows.len() > 40, "only {} rows: the tables are not read", rows.len());
    for row in rows {
        let topic = topic_of(&row.event_type, row.is_fact);
        assert_eq!(topic.map(|topic| topic.name), Some(row.topic.as_str()), "topic of {}", row.event_type);
        let log = if row.is_fact { format!("{}.facts", row.owner) } else { row.owner };
        assert!(topic.is_some_and(|topic| topic.from.contains(&log.as_str())), "{} comes from {log}", row.event_type);
    }
}

#[test]
fn every_topic_carries_something_and_nothing_else() {
    let used: BTreeSet<_> = rows().into_iter().map(|row| row.topic).collect();
    let known: BTreeSet<_> = TOPICS.iter().map(|topic| topic.name.to_owned()).collect();
    assert_eq!(used, known);
    let rows = rows();
    for topic in TOPICS {
        let Carries::Facts(types) = topic.carries else { continue };
        for kind in types {
            assert!(
                rows.iter().any(|row| row.is_fact && row.event_type == *kind),
                "{kind} is no fact of the catalogue"
            );
        }
    }
}

fn said(keeps: Keeps) -> String {
    match keeps {
        Keeps::Newest => "newest of each key".to_owned(),
        Keeps::Hours(24) => "24 hours".to_owned(),
        Keeps::Hours(hours) => format!("{} days", hours / 24),
    }
}

#[test]
fn the_table_of_topics_is_true() {
    let said: Vec<_> = TOPICS
        .iter()
        .map(|topic: &Topic| vec![format!("`{}`", topic.name), topic.from.join(", "), said(topic.keeps)])
        .collect();
    let written: Vec<Vec<String>> =
        tables("topic").into_iter().map(|row| row.into_iter().map(str::to_owned).collect()).collect();
    assert_eq!(written[..said.len()], said);
}

#[test]
fn what_the_catalogue_does_not_know_has_no_topic() {
    for (kind, is_fact) in [
        ("oauth.authorization.created", true),
        ("oauth.token.issued", false),
        ("nonsense", false),
        ("oauth.nonsense.happened", false),
        ("oauth.nonsense.state", true),
    ] {
        assert_eq!(topic_of(kind, is_fact), None, "{kind}");
    }
}

#[test]
fn a_reader_follows_the_topics_that_can_hold_what_it_wants() {
    let wanted = |wants: &[&str]| -> Vec<_> {
        let from = |topic: &&Topic| topic.from.contains(&"directory.facts");
        let interested = |topic: &&Topic| topic.interests(|kind| wants.contains(&kind));
        TOPICS.iter().filter(from).filter(interested).map(|topic| topic.name).collect()
    };
    assert_eq!(wanted(&["identity.user.state"]), ["identity.user.state.v1"]);
    assert_eq!(wanted(&["identity.login.failed"]), ["identity.fact.v1"]);
    assert!(wanted(&["oauth.client.state"]).is_empty());
}
