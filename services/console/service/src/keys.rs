use grantor_keyring::TenantKeys;

/// By which a mail or network address is found without being stored.
pub(crate) fn address_hash(keys: &TenantKeys, what: &str, address: &str) -> [u8; 32] {
    keys.mac_key("console_address").mac(&[what.as_bytes(), address.as_bytes()])
}
