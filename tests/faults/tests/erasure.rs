//! Erasing a user: what is left in the files cannot be read any more, by anybody.

use std::path::Path;

use grantor_tests_faults::{Partner, keyed_row};
use uuid::Uuid;

use crate::{
    canary::{raw, talkative},
    collector::Collector,
    marks::Marks,
    run::{sign_up, somebody, use_tokens},
};

/// What opens a person's sealed data, or leads to them.
const OF_THE_PERSON: [&str; 3] = ["subject_key", "password", "known_address"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_user_cannot_be_recovered_from_the_files() {
    let collector = Collector::start();
    let server = talkative(&collector);
    let partner = Partner::of(server.demo(), "openid");
    let mut marks = Marks::default();
    let made = somebody(&partner, &mut marks, "erased").await;
    use_tokens(&partner, &made, &mut marks).await;
    let newcomer = sign_up(&partner, &mut marks).await;
    for person in [&made, &newcomer] {
        let keys = secrets_of(&server.data(), &person.id);
        assert!(!keys.is_empty(), "nothing belongs to {}", person.id);
        assert!(keys.iter().all(|key| is_in_files(&server.data(), key)), "the search would not find what is there");
        let path = format!("/admin/v1/tenants/openid/users/{}/erase", person.id);
        let (status, answer) = partner.admin("POST", &path, None).await.expect("an answer");
        assert_eq!(status, 200, "{answer}");
        for key in &keys {
            assert!(!is_in_files(&server.data(), key), "a key or a secret of {} is still in a file", person.id);
        }
        assert!(secrets_of(&server.data(), &person.id).is_empty());
        let path = format!("/admin/v1/tenants/openid/users/{}", person.id);
        let (_, shown) = partner.admin("GET", &path, None).await.expect("an answer");
        assert!(!shown.to_string().contains("canary"), "{shown}");
        let (_, mails) =
            partner.admin("GET", &format!("/admin/v1/mails?to={}", person.email), None).await.expect("mails");
        assert_eq!(mails["items"].as_array().map(Vec::len), Some(0), "{mails}");
    }
    let search = marks.search();
    for (file, bytes) in raw(&server.data()) {
        let found = search.found_in(&bytes);
        assert!(found.is_empty(), "{file}: {found:?}");
    }
}

/// The stored keys and secrets of a user, as they stand in the database.
fn secrets_of(data: &Path, user: &str) -> Vec<Vec<u8>> {
    let id = Uuid::parse_str(user.trim_start_matches("usr_")).expect("a user's id");
    let stored = OF_THE_PERSON.iter().filter_map(|kind| keyed_row(data, "directory", kind, id.as_bytes()));
    stored.filter(|bytes| !bytes.is_empty()).collect()
}

fn is_in_files(data: &Path, bytes: &[u8]) -> bool {
    raw(data).iter().any(|(_, file)| file.windows(bytes.len()).any(|window| window == bytes))
}
