use grantor_ports::{AdminError, Page, PageOf};
use grantor_store::Log;

use crate::{
    Console, DEPLOYMENT, LOG,
    consume::{OPERATORS, OperatorItem, READER},
    failure::not_read,
};

impl Console {
    /// All operators, oldest first.
    pub(crate) async fn operators(&self, page: Page) -> Result<PageOf<OperatorItem>, AdminError> {
        // Whoever made an operator a moment ago finds them here.
        self.store.wait_until_read(READER, LOG, Log::Events).await;
        // One more than asked for says whether there is another page.
        let after = page.after.as_deref();
        let mut found = self.store.list(DEPLOYMENT, OPERATORS, "", after, page.limit + 1).await?;
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = if more { found.last().map(|(_, cursor)| cursor.clone()) } else { None };
        let read = |(data, _): &(Vec<u8>, String)| serde_json::from_slice(data).map_err(not_read("operator"));
        let items = found.iter().map(read).collect::<Result<_, _>>()?;
        Ok(PageOf { items, next })
    }
}
