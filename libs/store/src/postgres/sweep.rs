//! What time takes away: expired rows after a day, inbox entries after 14, what was told to others
//! after 30, facts after 90 with
//! their day's partition. Makes the partitions of the days to come.

use chrono::{Days, NaiveDate, TimeDelta};
use grantor_eventsourcing::Timestamp;
use sea_orm::sqlx::{AssertSqlSafe, Connection, Error, PgConnection, PgPool, Row, query, query_scalar};

/// Rows per statement.
const SLICE: i64 = 500;
const KEEP_INBOX: Days = Days::new(14);
const KEEP_FACTS: Days = Days::new(90);
const KEEP_DELIVERIES: TimeDelta = TimeDelta::days(30);
/// Partitions made ahead.
const AHEAD: u64 = 7;
/// Writers that have been silent for so long are no more.
const KEEP_WRITERS: TimeDelta = TimeDelta::days(30);

/// One slice; answers how many rows went. Several processes may sweep: each takes other rows.
pub(super) async fn sweep(pool: PgPool, now: Timestamp) -> Result<u64, Error> {
    let mut connection = pool.acquire().await?;
    let today = now.date_naive();
    let rows = query(
        "DELETE FROM es_row WHERE ctid = ANY(ARRAY(SELECT ctid FROM es_row WHERE expires_at < $1 \
         ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
    )
    .bind(now - TimeDelta::days(1))
    .bind(SLICE)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let inbox = query(
        "DELETE FROM es_inbox WHERE ctid = ANY(ARRAY(SELECT ctid FROM es_inbox WHERE day < $1 \
         LIMIT $2 FOR UPDATE SKIP LOCKED))",
    )
    .bind(today.checked_sub_days(KEEP_INBOX))
    .bind(SLICE)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let told = deliveries(&mut connection, now).await?;
    query("DELETE FROM es_writer WHERE seen_at < $1").bind(now - KEEP_WRITERS).execute(&mut *connection).await?;
    let facts = match days(&mut connection, today).await {
        Ok(gone) => gone,
        Err(cause) => {
            // Somebody else is at it, or reads: the next sweep comes in a minute.
            tracing::info!(%cause, "the days of the fact log are left as they are for now");
            0
        }
    };
    Ok(rows + inbox + told + facts)
}

/// What was told to others, and every attempt at it.
async fn deliveries(connection: &mut PgConnection, now: Timestamp) -> Result<u64, Error> {
    let mut gone = 0;
    for (text, bound) in [
        (
            "DELETE FROM wh_message WHERE ctid = ANY(ARRAY(SELECT ctid FROM wh_message WHERE expires_at < $1 \
          ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
        ),
        (
            "DELETE FROM wh_delivery WHERE ctid = ANY(ARRAY(SELECT ctid FROM wh_delivery WHERE created_at < $1 \
          ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now - KEEP_DELIVERIES,
        ),
        (
            "DELETE FROM wh_attempt WHERE ctid = ANY(ARRAY(SELECT ctid FROM wh_attempt WHERE started_at < $1 \
          ORDER BY started_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now - KEEP_DELIVERIES,
        ),
    ] {
        gone += query(text).bind(bound).bind(SLICE).execute(&mut *connection).await?.rows_affected();
    }
    Ok(gone)
}

/// Drops the days that are over and makes those that come; one process at a time.
async fn days(connection: &mut PgConnection, today: NaiveDate) -> Result<u64, Error> {
    let over = today.checked_sub_days(KEEP_FACTS).unwrap_or(NaiveDate::MIN);
    let mut transaction = connection.begin().await?;
    // Who waits for a table's lock keeps everybody behind it waiting: better another time.
    query("SET LOCAL lock_timeout = '200ms'").execute(&mut *transaction).await?;
    let alone = "SELECT pg_try_advisory_xact_lock(hashtextextended('fact log days', 0))";
    if !query_scalar::<_, bool>(alone).fetch_one(&mut *transaction).await? {
        return Ok(0);
    }
    let mut gone = query(
        "DELETE FROM es_fact_log_default WHERE ctid = ANY(ARRAY(SELECT ctid FROM es_fact_log_default \
         WHERE day < $1 LIMIT $2))",
    )
    .bind(over)
    .bind(SLICE)
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    let known = known_days(&mut transaction).await?;
    for day in known.iter().filter(|day| **day < over) {
        let name = partition(*day);
        let count = AssertSqlSafe(format!("SELECT count(*) FROM {name}"));
        let rows: i64 = query_scalar(count).fetch_one(&mut *transaction).await?;
        query(AssertSqlSafe(format!("DROP TABLE {name}"))).execute(&mut *transaction).await?;
        gone += u64::try_from(rows).unwrap_or_default();
    }
    for day in (0..=AHEAD).filter_map(|ahead| today.checked_add_days(Days::new(ahead))) {
        if !known.contains(&day) {
            make(&mut transaction, day).await?;
        }
    }
    transaction.commit().await?;
    Ok(gone)
}

/// A day whose facts are in the default partition already stays there.
async fn make(connection: &mut PgConnection, day: NaiveDate) -> Result<(), Error> {
    let strays = query("SELECT 1 FROM es_fact_log_default WHERE day = $1 LIMIT 1").bind(day);
    if strays.fetch_optional(&mut *connection).await?.is_some() {
        return Ok(());
    }
    let (name, next) = (partition(day), day.succ_opt().unwrap_or(day));
    let text = format!(
        "CREATE TABLE IF NOT EXISTS {name} PARTITION OF es_fact_log FOR VALUES FROM ('{day}') TO ('{next}') \
         WITH (autovacuum_vacuum_insert_scale_factor = 0.05)"
    );
    query(AssertSqlSafe(text)).execute(connection).await.map(drop)
}

async fn known_days(connection: &mut PgConnection) -> Result<Vec<NaiveDate>, Error> {
    let names = query(
        "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
         WHERE i.inhparent = 'es_fact_log'::regclass",
    )
    .fetch_all(connection)
    .await?;
    let read = |name: String| NaiveDate::parse_from_str(name.strip_prefix("es_fact_log_")?, "%Y%m%d").ok();
    Ok(names.iter().filter_map(|row| read(row.try_get(0).ok()?)).collect())
}

fn partition(day: NaiveDate) -> String {
    format!("es_fact_log_{}", day.format("%Y%m%d"))
}
