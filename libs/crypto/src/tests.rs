use std::{collections::HashSet, os::unix::fs::PermissionsExt};

use grantor_ids::{TenantId, UserId};
use uuid::Uuid;

use super::*;

mod passwords;

const A: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
const B: TenantId = TenantId::from_uuid(Uuid::from_u128(2));
const USER: UserId = UserId::from_uuid(Uuid::from_u128(7));
const OTHER: UserId = UserId::from_uuid(Uuid::from_u128(8));
const HERE: Context<'static> = Context { tenant: A, table: "user", row: b"row-1", field: "email" };

fn roots(lines: &str) -> RootKeys {
    RootKeys::parse(lines).unwrap()
}

fn line(id: &str, byte: u8) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    format!("{id}:{}", BASE64_URL_SAFE_NO_PAD.encode([byte; 32]))
}

fn one_root() -> RootKeys {
    roots(&format!("{} active", line("root-1", 1)))
}

fn data_key() -> DataKey {
    let (tenant, _) = one_root().new_tenant_key(A);
    tenant.new_data_key(Purpose::Subject(USER)).0
}

#[test]
fn a_field_opens_where_it_belongs() {
    let key = data_key();
    let field = key.seal(&HERE, b"ada@example.org");
    assert_eq!(key.open(&HERE, &field).unwrap().as_slice(), b"ada@example.org");
    assert_eq!(field.key_id, *key.id());
    assert_eq!(key.open(&HERE, &key.seal(&HERE, b"")).unwrap().as_slice(), b"");
}

#[test]
fn a_ciphertext_moved_by_a_database_administrator_does_not_open() {
    let key = data_key();
    let field = key.seal(&HERE, b"ada@example.org");
    for elsewhere in [
        Context { tenant: B, ..HERE },
        Context { table: "client", ..HERE },
        Context { row: b"row-2", ..HERE },
        Context { field: "phone", ..HERE },
        // The same letters, cut elsewhere.
        Context { table: "userr", row: b"ow-1", ..HERE },
    ] {
        assert_eq!(key.open(&elsewhere, &field).err(), Some(OpenFailed::NotAuthentic), "{elsewhere:?}");
    }
}

#[test]
fn a_changed_ciphertext_does_not_open() {
    let key = data_key();
    let field = key.seal(&HERE, b"ada@example.org");
    for index in 0..field.ciphertext.len() {
        let mut changed = field.clone();
        changed.ciphertext[index] ^= 1;
        assert_eq!(key.open(&HERE, &changed).err(), Some(OpenFailed::NotAuthentic));
    }
    let mut changed = field.clone();
    changed.nonce[0] ^= 1;
    assert_eq!(key.open(&HERE, &changed).err(), Some(OpenFailed::NotAuthentic));
    let mut cut = field;
    cut.ciphertext.truncate(3);
    assert_eq!(key.open(&HERE, &cut).err(), Some(OpenFailed::NotAuthentic));
}

#[test]
fn a_field_of_another_key_does_not_open() {
    let (ours, theirs) = (data_key(), data_key());
    let mut field = theirs.seal(&HERE, b"x");
    assert_eq!(ours.open(&HERE, &field).err(), Some(OpenFailed::OtherKey));
    field.key_id = ours.id().clone();
    assert_eq!(ours.open(&HERE, &field).err(), Some(OpenFailed::NotAuthentic));
}

#[test]
fn sealing_twice_gives_two_ciphertexts() {
    let key = data_key();
    let all: HashSet<_> = (0..100).map(|_| key.seal(&HERE, b"x")).collect();
    assert_eq!(all.iter().map(|field| field.nonce).collect::<HashSet<_>>().len(), 100);
    assert_eq!(all.iter().map(|field| &field.ciphertext).collect::<HashSet<_>>().len(), 100);
}

#[test]
fn both_forms_of_a_field_read_back() {
    let field = data_key().seal(&HERE, b"ada@example.org");
    assert_eq!(SealedField::from_bytes(&field.to_bytes()), Ok(field.clone()));
    let json = serde_json::to_string(&field).unwrap();
    assert_eq!(serde_json::from_str::<SealedField>(&json).unwrap(), field);
    assert!(!json.contains("ada"));
}

#[test]
fn what_is_no_sealed_field_is_malformed() {
    let good = data_key().seal(&HERE, b"").to_bytes();
    assert!(SealedField::from_bytes(&good).is_ok());
    for end in 0..good.len() {
        assert_eq!(SealedField::from_bytes(&good[..end]), Err(OpenFailed::Malformed), "{end}");
    }
    let mut version = good.clone();
    version[0] = 2;
    assert_eq!(SealedField::from_bytes(&version), Err(OpenFailed::Malformed));
    let mut name = good;
    name[2] = b'/';
    assert_eq!(SealedField::from_bytes(&name), Err(OpenFailed::Malformed));
}

#[test]
fn wrapped_keys_open_for_their_tenant_and_purpose_only() {
    let roots = one_root();
    let (tenant, tenant_row) = roots.new_tenant_key(A);
    let (data, data_row) = tenant.new_data_key(Purpose::Subject(USER));
    let field = data.seal(&HERE, b"x");

    let tenant = roots.unwrap_tenant_key(A, &tenant_row).unwrap();
    let data = tenant.unwrap_data_key(Purpose::Subject(USER), &data_row).unwrap();
    assert_eq!(data.open(&HERE, &field).unwrap().as_slice(), b"x");

    assert_eq!(roots.unwrap_tenant_key(B, &tenant_row).err(), Some(OpenFailed::NotAuthentic));
    assert_eq!(tenant.unwrap_data_key(Purpose::Subject(OTHER), &data_row).err(), Some(OpenFailed::NotAuthentic));
    assert_eq!(tenant.unwrap_data_key(Purpose::TenantSecrets, &data_row).err(), Some(OpenFailed::NotAuthentic));
    assert_eq!(roots.unwrap_tenant_key(A, &data_row).err(), Some(OpenFailed::OtherKey));
    let renamed = WrappedKey { id: data_row.id.clone(), ..tenant_row };
    assert_eq!(roots.unwrap_tenant_key(A, &renamed).err(), Some(OpenFailed::NotAuthentic));
}

#[test]
fn a_wrapped_key_reads_back_from_json() {
    let (_, row) = one_root().new_tenant_key(A);
    let json = serde_json::to_vec(&row).unwrap();
    assert_eq!(serde_json::from_slice::<WrappedKey>(&json).unwrap(), row);
}

#[test]
fn rotation_rewraps_key_rows_and_nothing_else() {
    let old = one_root();
    let (tenant, row) = old.new_tenant_key(A);
    let (data, data_row) = tenant.new_data_key(Purpose::TenantSecrets);
    let field = data.seal(&HERE, b"x");
    assert_eq!(old.rewrap(A, &row), Ok(None), "nothing to do");

    let both = roots(&format!("{}\n{} active\n", line("root-1", 1), line("root-2", 2)));
    let new_row = both.rewrap(A, &row).unwrap().expect("an older key is around it");
    assert_eq!((new_row.sealed.key_id.as_str(), &new_row.id), ("root-2", &row.id));

    let new_only = roots(&format!("{} active", line("root-2", 2)));
    let tenant = new_only.unwrap_tenant_key(A, &new_row).unwrap();
    let data = tenant.unwrap_data_key(Purpose::TenantSecrets, &data_row).unwrap();
    assert_eq!(data.open(&HERE, &field).unwrap().as_slice(), b"x");
    assert_eq!(new_only.unwrap_tenant_key(A, &row).err(), Some(OpenFailed::OtherKey));
}

#[test]
fn a_proof_opens_with_the_right_root_key_only() {
    let right = one_root();
    let proof = right.prove();
    assert!(right.check_proof(&proof).is_ok());
    let wrong = roots(&format!("{} active", line("root-1", 9)));
    assert!(matches!(wrong.check_proof(&proof), Err(RootKeyError::Wrong)));
    let absent = roots(&format!("{} active", line("root-2", 1)));
    assert!(matches!(absent.check_proof(&proof), Err(RootKeyError::Absent(id)) if id.as_str() == "root-1"));
    assert!(matches!(right.check_proof(b""), Err(RootKeyError::Wrong)));
    let rotated = roots(&format!("{}\n{} active", line("root-1", 1), line("root-2", 2)));
    assert!(rotated.check_proof(&proof).is_ok(), "the older key still proves itself");
}

#[test]
fn init_makes_a_private_file_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("root.key");
    let made = RootKeys::create(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    let loaded = RootKeys::load(&path, FileMode::MustBePrivate).unwrap();
    assert!(loaded.check_proof(&made.prove()).is_ok());

    let again = RootKeys::create(&path);
    assert!(
        matches!(again, Err(RootKeyError::File { cause, .. }) if cause.kind() == std::io::ErrorKind::AlreadyExists)
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "an existing key is never replaced");
}

#[test]
fn a_missing_file_is_an_error_and_stays_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("root.key");
    assert!(matches!(RootKeys::load(&path, FileMode::MayBeShared), Err(RootKeyError::File { .. })));
    assert!(!path.exists());
}

#[test]
fn a_file_that_others_may_read_is_refused_in_production() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("root.key");
    RootKeys::create(&path).unwrap();
    for mode in [0o640, 0o604, 0o620] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let refused = RootKeys::load(&path, FileMode::MustBePrivate).unwrap_err();
        assert!(refused.to_string().contains(&format!("{mode:o}")), "{refused}");
        assert!(RootKeys::load(&path, FileMode::MayBeShared).is_ok());
        assert!(!RootKeys::is_private(&path).unwrap());
    }
}

#[test]
fn a_faulty_key_file_is_refused_with_its_line() {
    let good = line("root-1", 1);
    let at = |text: &str| RootKeys::parse(text).unwrap_err().to_string();
    assert!(at("# note\n\nroot-1:short active").contains("line 3"));
    assert!(at(&good).contains("exactly one"), "none is active");
    assert!(at(&format!("{good} active\n{} active", line("root-2", 2))).contains("exactly one"));
    assert!(at(&format!("{good} active\n{good}")).contains("`root-1` stands twice"));
    assert!(at("").contains("exactly one"));
    let secret = good.split(':').next_back().unwrap();
    assert!(!at(&format!("bad id:{secret} active")).contains(secret), "errors do not quote keys");
}

#[test]
fn keyed_hashes_differ_by_tenant_label_and_cut() {
    let roots = one_root();
    let (a, row) = roots.new_tenant_key(A);
    let (b, _) = roots.new_tenant_key(B);
    let hash = |key: &TenantKey, label| lookup_hash(&key.mac_key(label), "ada@example.org");
    assert_eq!(hash(&a, "email_lookup"), hash(&roots.unwrap_tenant_key(A, &row).unwrap(), "email_lookup"));
    assert_ne!(hash(&a, "email_lookup"), hash(&b, "email_lookup"));
    assert_ne!(hash(&a, "email_lookup"), hash(&a, "address_counter"));
    let key = a.mac_key("refresh_token");
    assert_ne!(key.mac(&[b"ab", b"c"]), key.mac(&[b"a", b"bc"]));
    assert_ne!(key.mac(&[b"ab"]), key.mac(&[b"ab", b""]));
}

#[test]
fn sha256_is_the_standards() {
    let hex: String = sha256("abc").iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn comparison_sees_every_difference() {
    assert!(constant_time_eq("abc", "abc"));
    assert!(!constant_time_eq("abc", "abd"));
    assert!(!constant_time_eq("abc", "abcd"));
}

#[test]
fn random_bytes_differ() {
    assert_ne!(random_bytes::<32>(), random_bytes::<32>());
}

#[test]
fn keys_do_not_print_themselves() {
    let roots = one_root();
    let (tenant, _) = roots.new_tenant_key(A);
    let printed = format!("{roots:?} {tenant:?} {:?} {:?}", data_key(), tenant.mac_key("x"));
    assert!(!printed.contains("1, 1, 1"), "{printed}");
    assert!(printed.contains("root-1"));
}
