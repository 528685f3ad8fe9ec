//! C22: an attacker who has read the database.

use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use grantor_testkit::Browser;
use grantor_tests_guides::Scene;

/// Every file of the platform but its root key, which is a secret itself.
fn at_rest(scene: &Scene) -> Vec<(String, Vec<u8>)> {
    let mut folders = vec![scene.world.folder().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_none_or(|name| name != "root.key") {
                files.push((path.display().to_string(), std::fs::read(&path).expect("a file")));
            }
        }
    }
    assert!(
        files.iter().any(|(name, _)| name.contains("token")),
        "{:?}",
        files.iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
    files
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

#[tokio::test(flavor = "multi_thread")]
async fn c22_a_database_administrator_reads_no_secret() {
    let scene = Scene::openid().await;
    let mut browser = Browser::new();
    let url = scene.url("openid offline_access");
    let unredeemed = browser.code(&url, &scene.person).await;
    let redeemed = browser.code(&url, &scene.person).await;
    let (_, body) = scene.tokens().exchange(&redeemed, &[]).await;
    let text = |name: &str| body[name].as_str().expect("a token").to_owned();
    let (_, next) = scene.tokens().refresh(&text("refresh_token")).await;
    let cookies: Vec<String> = browser.cookies("127.0.0.1").into_iter().map(|(_, value)| value.to_owned()).collect();
    let mut secrets = vec![
        unredeemed,
        redeemed,
        text("access_token"),
        text("refresh_token"),
        next["refresh_token"].as_str().expect("a token").to_owned(),
        text("id_token"),
        scene.partner.secret.clone(),
        scene.person.password.clone(),
        scene.world.operator_token.clone(),
    ];
    assert_eq!(cookies.len(), 2);
    secrets.extend(cookies);
    scene.world.settle().await;
    let files = at_rest(&scene);
    for (name, bytes) in &files {
        for secret in &secrets {
            assert!(!holds(bytes, secret.as_bytes()), "{name} holds {secret}");
            assert!(!holds(bytes, STANDARD.encode(secret).as_bytes()), "{name} holds {secret}, encoded");
            if let Ok(raw) = URL_SAFE_NO_PAD.decode(secret).as_deref().map(<[u8]>::to_vec)
                && raw.len() >= 16
            {
                assert!(!holds(bytes, &raw), "{name} holds the bytes of {secret}");
            }
        }
        assert!(!holds(bytes, b"PRIVATE KEY") && !holds(bytes, b"\"d\":\""), "{name} holds a private key");
        assert!(!holds(bytes, b"$argon2") || name.contains("directory"), "{name} holds a password hash");
    }
    // What stands there instead is a digest: it opens nothing.
    let digest = grantor_tests_guides::sha256_hex(&scene.partner.secret);
    let mut thief = scene.partner.clone();
    thief.secret = digest;
    let tokens = grantor_testkit::Tokens::new(&scene.tenant, &thief);
    assert_eq!(tokens.post("/oauth/token", &[("grant_type", "client_credentials")]).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn c22_tokens_codes_and_secrets_are_long_and_never_alike() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid offline_access").await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let code = browser.code(&scene.url("openid offline_access"), &scene.person).await;
        let (_, body) = scene.tokens().exchange(&code, &[]).await;
        for text in
            [code.as_str(), body["access_token"].as_str().expect("one"), body["refresh_token"].as_str().expect("one")]
        {
            // 43 characters of base64url are 256 bits.
            assert!(text.len() >= 43 && seen.insert(text.to_owned()), "{text}");
        }
    }
    assert!(scene.partner.secret.len() >= 43);
    for cookie in browser.cookies("127.0.0.1") {
        assert!(cookie.1.len() >= 43, "{cookie:?}");
    }
}
