use grantor_ids::TenantId;

use crate::KeyId;

/// Where a ciphertext belongs. It is bound to it as associated data, so that a ciphertext moved
/// to another tenant, table, row or field does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'a> {
    /// Whose it is.
    pub tenant: TenantId,
    /// The table, or the event's type.
    pub table: &'a str,
    /// The row's or the event's id, as bytes.
    pub row: &'a [u8],
    /// The column, or the event's field.
    pub field: &'a str,
}

impl Context<'_> {
    /// One encoding per context: every part with its length in front.
    pub(crate) fn associated_data(&self, version: u8, key: &KeyId) -> Vec<u8> {
        let tenant = self.tenant.uuid();
        let parts: [&[u8]; 5] =
            [key.as_str().as_bytes(), tenant.as_bytes(), self.table.as_bytes(), self.row, self.field.as_bytes()];
        let mut data = vec![version];
        for part in parts {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}
