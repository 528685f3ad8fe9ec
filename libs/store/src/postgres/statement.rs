//! One statement made of parts: common table expressions over arrays, joined by one last query.

use sea_orm::sqlx::{
    Arguments, AssertSqlSafe, Encode, Error, PgConnection, Postgres, Row, Type,
    postgres::{PgArguments, PgRow},
    query_with,
};

/// A statement that grows. Which parts there are is all that varies in its text, so there are
/// few texts, and each is prepared once per connection.
#[derive(Default)]
pub(super) struct Statement {
    parts: Vec<String>,
    arguments: PgArguments,
    bound: usize,
}

impl Statement {
    /// Binds an array; answers its name in the text.
    pub fn array<'q, T>(&mut self, values: Vec<T>, of: &str) -> Result<String, Error>
    where
        Vec<T>: Encode<'q, Postgres> + Type<Postgres>,
    {
        self.arguments.add(values).map_err(Error::Encode)?;
        self.bound += 1;
        Ok(format!("${}::{of}[]", self.bound))
    }

    /// Binds a value; answers its name in the text.
    pub fn value<'q, T>(&mut self, value: T, of: &str) -> Result<String, Error>
    where
        T: Encode<'q, Postgres> + Type<Postgres>,
    {
        self.arguments.add(value).map_err(Error::Encode)?;
        self.bound += 1;
        Ok(format!("${}::{of}", self.bound))
    }

    /// Adds a part under a name.
    pub fn part(&mut self, name: &str, text: &str) {
        self.parts.push(format!("{name} AS ({text})"));
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Runs the parts, and then the query over them.
    pub async fn all(self, connection: &mut PgConnection, last: &str) -> Result<Vec<PgRow>, Error> {
        // Every word of it is a constant of this crate; what varies is bound.
        let text = AssertSqlSafe(format!("WITH {} {last}", self.parts.join(", ")));
        query_with(text, self.arguments).fetch_all(connection).await
    }

    /// The same, for a query with one row.
    pub async fn one(self, connection: &mut PgConnection, last: &str) -> Result<PgRow, Error> {
        self.all(connection, last).await?.pop().ok_or(Error::RowNotFound)
    }
}

/// A number that is never negative.
pub(super) fn unsigned(row: &PgRow, column: usize) -> Result<u64, Error> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|cause| Error::Decode(Box::new(cause)))
}

/// The same, small.
pub(super) fn version(row: &PgRow, column: usize) -> Result<u32, Error> {
    u32::try_from(row.try_get::<i64, _>(column)?).map_err(|cause| Error::Decode(Box::new(cause)))
}

/// As PostgreSQL stores it.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
