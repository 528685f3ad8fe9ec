//! A look into the databases, as somebody who has the files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Result, types::ValueRef};
use uuid::Uuid;

/// One value of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The service whose database it is in.
    pub service: String,
    /// `table.column`.
    pub column: String,
    /// Which kind of thing: the row's `kind`, `list` or `event_type`, if it has one.
    pub kind: String,
    /// Its bytes; text as UTF-8, numbers in decimal.
    pub bytes: Vec<u8>,
}

/// The databases of a data folder.
///
/// # Panics
/// When there is no such folder.
pub fn databases(data: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(data.join("db")).expect("the databases");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "sqlite"));
    found.sort();
    assert!(!found.is_empty(), "no databases in {}", data.display());
    found
}

fn open(path: &Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("a database")
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Invariant I3: streams whose versions are not 1..n, or whose state row says another version.
///
/// # Panics
/// When a database cannot be read.
pub fn broken_streams(data: &Path) -> Vec<String> {
    const STREAMS: &str = "
        SELECT hex(agg_id), count(*), count(DISTINCT version), min(version), max(version),
               (SELECT s.version FROM es_state s WHERE s.tenant_id = e.tenant_id AND s.agg_id = e.agg_id)
        FROM es_event e GROUP BY tenant_id, agg_id
        HAVING count(*) <> max(version) OR count(DISTINCT version) <> count(*) OR min(version) <> 1
            OR max(version) IS NOT
               (SELECT s.version FROM es_state s WHERE s.tenant_id = e.tenant_id AND s.agg_id = e.agg_id)
        UNION ALL
        SELECT hex(agg_id), 0, 0, 0, 0, version FROM es_state s WHERE version > 0 AND NOT EXISTS
            (SELECT 1 FROM es_event e WHERE e.tenant_id = s.tenant_id AND e.agg_id = s.agg_id)";
    let mut found = Vec::new();
    for path in databases(data) {
        let connection = open(&path);
        let mut statement = connection.prepare(STREAMS).expect("the tables of the store");
        let rows = statement.query_map([], |row| {
            let numbers: Vec<Option<i64>> = (1..6).map(|column| row.get(column)).collect::<Result<_>>()?;
            Ok(format!("{}: stream {}: {numbers:?}", name(&path), row.get::<_, String>(0)?))
        });
        found.extend(rows.expect("streams").map(|row| row.expect("a stream")));
    }
    found
}

/// Invariant I2 as the log tells it: grants that were redeemed more than once.
///
/// # Panics
/// When the database cannot be read.
pub fn redeemed_twice(data: &Path) -> Vec<String> {
    let path = data.join("db").join("token.sqlite");
    let connection = open(&path);
    let mut statement = connection
        .prepare(
            "SELECT hex(agg_id) || ' ' || count(*) FROM es_event WHERE event_type = 'oauth.authorization.redeemed' \
             GROUP BY tenant_id, agg_id HAVING count(*) > 1",
        )
        .expect("the tables of the store");
    statement.query_map([], |row| row.get(0)).expect("grants").map(|row| row.expect("a grant")).collect()
}

/// What a service keeps under a key; whichever tenant's it is.
///
/// # Panics
/// When the database cannot be read.
pub fn keyed_row(data: &Path, service: &str, kind: &str, key: &[u8]) -> Option<Vec<u8>> {
    let connection = open(&data.join("db").join(format!("{service}.sqlite")));
    let mut statement = connection.prepare("SELECT data FROM es_row WHERE kind = ?1 AND key = ?2").expect("the table");
    statement.query_row((kind, key), |row| row.get(0)).optional().expect("an answer")
}

/// Every value of every table of every database.
///
/// # Panics
/// When a database cannot be read.
pub fn cells(data: &Path) -> Vec<Cell> {
    let mut found = Vec::new();
    for path in databases(data) {
        let connection = open(&path);
        let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").expect("a schema");
        let tables: Vec<String> =
            tables.query_map([], |row| row.get(0)).expect("tables").map(|table| table.expect("a name")).collect();
        for table in tables {
            read_table(&connection, &name(&path), &table, &mut found).expect("a table");
        }
    }
    found
}

fn read_table(connection: &Connection, service: &str, table: &str, found: &mut Vec<Cell>) -> Result<()> {
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let kind = columns.iter().position(|column| ["kind", "list", "event_type"].contains(&column.as_str()));
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let kind: String = kind.map(|at| row.get(at)).transpose()?.unwrap_or_default();
        for (at, column) in columns.iter().enumerate() {
            let bytes = match row.get_ref(at)? {
                ValueRef::Null => continue,
                ValueRef::Integer(number) => number.to_string().into_bytes(),
                ValueRef::Real(number) => number.to_string().into_bytes(),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
            };
            let column = format!("{table}.{column}");
            found.push(Cell { service: service.to_owned(), column, kind: kind.clone(), bytes });
        }
    }
    Ok(())
}

/// Makes all tasks of a service due, while its process is down.
pub(crate) fn make_due(data: &Path, service: &str) {
    let connection = Connection::open(data.join("db").join(format!("{service}.sqlite"))).expect("a database");
    connection.execute("UPDATE es_task SET due_at = 0", []).expect("written");
}

/// Id, type and time of the events of a tenant in a service's log.
pub(crate) fn events(data: &Path, service: &str, tenant: Uuid) -> Vec<String> {
    let connection = open(&data.join("db").join(format!("{service}.sqlite")));
    let mut statement = connection
        .prepare("SELECT hex(event_id) || '|' || event_type || '|' || occurred_at FROM es_event WHERE tenant_id = ?1")
        .expect("the tables of the store");
    let rows = statement.query_map([tenant.as_bytes()], |row| row.get(0));
    rows.expect("events").map(|row| row.expect("an event")).collect()
}

/// How many tasks of a service are due.
pub(crate) fn overdue(data: &Path, service: &str) -> usize {
    let connection = open(&data.join("db").join(format!("{service}.sqlite")));
    let due = "SELECT count(*) FROM es_task WHERE due_at <= 1000 * unixepoch()";
    let found: i64 = connection.query_row(due, [], |row| row.get(0)).expect("a number");
    usize::try_from(found).expect("a count")
}
