//! The negative twins of finX.

use super::walk::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_code_at_3601_seconds_is_refused() {
    let scene = finx().await;
    let code = code(&scene).await;
    scene.world.advance(3601);
    let late = exchange(&scene, &code).await;
    assert_eq!((late.status, late.error().as_str()), (400, "invalid_grant"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_refresh_token_after_the_grace_kills_the_family() {
    let scene = finx().await;
    let first = member(&exchange(&scene, &code(&scene).await).await, "refresh_token");
    let answer = refresh(&scene, &first).await;
    let (second, access) = (member(&answer, "refresh_token"), member(&answer, "access_token"));
    scene.world.advance(61);
    let old = refresh(&scene, &first).await;
    assert_eq!((old.status, old.error().as_str()), (400, "invalid_grant"));
    assert_eq!(refresh(&scene, &second).await.error(), "invalid_grant", "the whole family is dead");
    assert_eq!(scene.api(&access).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_used_twice_revokes_what_it_gave() {
    let scene = finx().await;
    let code = code(&scene).await;
    let answer = exchange(&scene, &code).await;
    assert_eq!(exchange(&scene, &code).await.error(), "invalid_grant");
    assert_eq!(scene.api(&member(&answer, "access_token")).await.status, 401);
    assert_eq!(refresh(&scene, &member(&answer, "refresh_token")).await.error(), "invalid_grant");
}
