//! Attackers who have a pushed request's reference (RFC 9126 7), or push what is not theirs.

use futures_util::future::join_all;
use grantor_testkit::{Browser, Pkce};
use grantor_tests_guides::Scene;
use grantor_tests_prover::Prover;
use reqwest::Method;
use serde_json::Value;

use crate::oidc::pushed::{link, push};

#[tokio::test(flavor = "multi_thread")]
async fn c06_a_reference_counts_once_and_for_a_minute_and_a_half() {
    let scene = Scene::openid().await;
    let (_, told) = push(&scene, &scene.url("openid")).await;
    let url = link(&scene, &told).url();
    let browsers = (0..8).map(|_| async { Browser::new().get(&url).await });
    let visits = join_all(browsers).await;
    assert_eq!(visits.iter().filter(|visit| visit.status == 303).count(), 1, "one of them is let in");
    let over = |visit: &&grantor_testkit::Visit| visit.page_error() == Some("interaction_expired");
    assert_eq!(visits.iter().filter(over).count(), 7);
    let (_, told) = push(&scene, &scene.url("openid")).await;
    scene.world.advance(91);
    assert_eq!(Browser::new().get(&link(&scene, &told).url()).await.page_error(), Some("interaction_expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn c06_a_reference_is_worth_nothing_to_another_client_and_is_not_spent_by_it() {
    let scene = Scene::openid().await;
    let other = scene.world.partner(&scene.tenant).await;
    let (_, told) = push(&scene, &scene.url("openid")).await;
    let url = link(&scene, &told);
    for stolen in [url.clone().with("client_id", &other.client_id), url.clone().without("client_id")] {
        let page = Browser::new().get(&stolen.url()).await;
        assert!(page.page_error().is_some() && page.location().is_none(), "{:?}", page.location());
    }
    // Nor is it a visit of its own.
    let id = told["request_uri"].as_str().and_then(|uri| uri.rsplit(':').next()).expect("an id");
    let visit = Browser::new().get(&format!("{}/interaction/{id}", scene.tenant.issuer)).await;
    assert_eq!(visit.page_error(), Some("interaction_expired"));
    let tenant = scene.world.tenant("strict").await;
    let elsewhere = url.url().replace(&scene.tenant.issuer, &tenant.issuer);
    assert!(Browser::new().get(&elsewhere).await.page_error().is_some());
    assert!(Browser::new().authorize(&url, &scene.person).await.returned("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn c26_guesses_of_a_secret_count_here_as_well() {
    let scene = Scene::openid().await;
    let wrong = scene.url("openid").with("client_secret", "wrong");
    let mut statuses = Vec::new();
    for _ in 0..31 {
        statuses.push(scene.post("/oauth/par", &wrong.pairs()).await.status);
    }
    assert_eq!((statuses[0], statuses[30]), (401, 429), "{statuses:?}");
    assert_eq!(scene.tokens().post("/oauth/token", &[("grant_type", "client_credentials")]).await.0, 429);
}

/// A push with this proof.
async fn proved(scene: &Scene, proof: &str, jkt: Option<&str>) -> Value {
    let mut request = scene.url("openid").pkce(&Pkce::of("key")).with("client_secret", &scene.partner.secret);
    if let Some(jkt) = jkt {
        request = request.with("dpop_jkt", jkt);
    }
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(request.pairs()).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("dpop", proof)];
    scene.send(Method::POST, "/oauth/par", &headers, Some(body)).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_a_code_is_bound_to_the_key_that_its_request_was_pushed_with() {
    let (scene, key, thief) = (Scene::openid().await, Prover::new(), Prover::new());
    let (par, token) = (format!("{}/oauth/par", scene.tenant.issuer), format!("{}/oauth/token", scene.tenant.issuer));
    let now = scene.world.now().timestamp();
    let proof = key.proof("POST", &par, now);
    let told = proved(&scene, &proof, None).await;
    assert_eq!(proved(&scene, &proof, None).await["error"], "invalid_dpop_proof", "it counts once");
    assert_eq!(proved(&scene, &key.proof("POST", &token, now), None).await["error"], "invalid_dpop_proof");
    let other = proved(&scene, &key.proof("POST", &par, now), Some(&thief.thumbprint())).await;
    assert_eq!(other["error"], "invalid_dpop_proof", "{other}");
    let exchange = async |told: &Value, prover: &Prover| {
        let code = Browser::new().code(&link(&scene, told), &scene.person).await;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", &scene.partner.redirect_uri),
            ("code_verifier", &Pkce::of("key").verifier),
            ("client_id", &scene.partner.client_id),
            ("client_secret", &scene.partner.secret),
        ];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let proof = prover.proof("POST", &token, now);
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("dpop", proof.as_str())];
        scene.send(Method::POST, "/oauth/token", &headers, Some(body)).await.json()
    };
    assert_eq!(exchange(&told, &thief).await["error"], "invalid_grant");
    let same = key.thumbprint();
    let told = proved(&scene, &key.proof("POST", &par, now), Some(&same)).await;
    assert_eq!(exchange(&told, &key).await["token_type"], "DPoP");
}
