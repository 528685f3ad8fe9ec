use secrecy::SecretString;

use crate::*;

fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}

#[tokio::test]
async fn the_right_password_matches_and_a_wrong_one_does_not() {
    let hasher = PasswordHasher::with_limits(1, 4);
    let hash = hasher.hash(secret("correct horse")).await.unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert_eq!(hasher.verify(&hash, secret("correct horse")).await, Ok(Verdict::Match { needs_rehash: false }));
    assert_eq!(hasher.verify(&hash, secret("correct horse ")).await, Ok(Verdict::NoMatch));
    assert_eq!(hasher.verify(&hash, secret("")).await, Ok(Verdict::NoMatch));
    assert!(!needs_rehash(&hash));
    assert_ne!(hash, hasher.hash(secret("correct horse")).await.unwrap(), "salts are fresh");
}

#[tokio::test]
async fn nobody_has_no_password() {
    let hasher = PasswordHasher::with_limits(1, 4);
    assert_eq!(hasher.verify_or_dummy(None, secret("x")).await, Ok(Verdict::NoMatch));
    let hash = hasher.hash(secret("x")).await.unwrap();
    assert_eq!(hasher.verify_or_dummy(Some(&hash), secret("x")).await, Ok(Verdict::Match { needs_rehash: false }));
}

#[tokio::test]
async fn an_older_hash_matches_and_asks_for_a_new_one() {
    // The reference implementation's test vector: "password" with "somesalt", m=65536, t=2.
    let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    assert_eq!(check_imported_hash(hash), Ok(()));
    assert!(needs_rehash(hash));
    let hasher = PasswordHasher::with_limits(1, 4);
    assert_eq!(hasher.verify(hash, secret("password")).await, Ok(Verdict::Match { needs_rehash: true }));
}

#[tokio::test]
async fn an_imported_hash_cannot_ask_for_more_than_a_login_may_cost() {
    let hash =
        |alg: &str, cost: &str| format!("${alg}$v=19${cost}$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
    let answer = |alg, cost| check_imported_hash(&hash(alg, cost));
    assert_eq!(answer("argon2id", "m=65536,t=10,p=4"), Ok(()));
    assert_eq!(answer("argon2id", "m=65537,t=2,p=1"), Err(Unacceptable::TooCostly));
    assert_eq!(answer("argon2id", "m=19456,t=11,p=1"), Err(Unacceptable::TooCostly));
    assert_eq!(answer("argon2id", "m=19456,t=2,p=5"), Err(Unacceptable::TooCostly));
    assert_eq!(answer("argon2i", "m=19456,t=2,p=1"), Err(Unacceptable::Algorithm));
    assert_eq!(check_imported_hash("$2b$12$abc"), Err(Unacceptable::Malformed));
    assert_eq!(check_imported_hash("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ"), Err(Unacceptable::Malformed));
    assert_eq!(check_imported_hash(""), Err(Unacceptable::Malformed));
    let hasher = PasswordHasher::with_limits(1, 4);
    let costly = hash("argon2id", "m=4194304,t=2,p=1");
    assert_eq!(hasher.verify(&costly, secret("x")).await, Err(HashRefusal::Unusable));
}

#[tokio::test]
async fn a_full_queue_is_busy_and_serves_again_afterwards() {
    let hasher = PasswordHasher::with_limits(1, 2);
    let turn = hasher.hold_all_turns();
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.verify_or_dummy(None, secret("x")).await })
        })
        .collect();
    while hasher.depth() < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(hasher.verify_or_dummy(None, secret("x")).await, Err(HashRefusal::Busy));
    assert_eq!(hasher.hash(secret("x")).await, Err(HashRefusal::Busy));
    drop(turn);
    for task in waiting {
        assert_eq!(task.await.unwrap(), Ok(Verdict::NoMatch));
    }
    assert_eq!(hasher.depth(), 0);
    assert!(hasher.hash(secret("x")).await.is_ok());
}

#[tokio::test]
async fn a_caller_that_leaves_the_queue_makes_room() {
    let hasher = PasswordHasher::with_limits(1, 0);
    let turn = hasher.hold_all_turns();
    let task = tokio::spawn({
        let hasher = hasher.clone();
        async move { hasher.hash(secret("x")).await }
    });
    while hasher.depth() < 1 {
        tokio::task::yield_now().await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    drop(turn);
    assert_eq!(hasher.depth(), 0);
}
