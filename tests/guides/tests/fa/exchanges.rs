//! The guide's six exchanges, byte for byte apart from what is random by its nature: the files
//! under `finapi/` say what that is.

use grantor_testkit::World;
use grantor_tests_guides::{Raw, Values, compare, exchange, fill};

/// A request as its file says, with the line ends and the length that HTTP wants.
fn request(file: &str, values: &Values) -> Vec<u8> {
    let text = fill(file, values);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let body = body.trim_end_matches('\n');
    let head = head.replace("%length%", &body.len().to_string()).trim_end().replace('\n', "\r\n");
    format!("{head}\r\n\r\n{body}").into_bytes()
}

async fn send(authority: &str, file: &str, values: &Values) -> Raw {
    exchange(authority, &request(file, values)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_six_exchanges_of_the_guide_hold_byte_for_byte() {
    let world = World::start().await;
    let tenant = world.tenant("finapi").await;
    let partner = world.partner_with(&tenant, |client| client.password_grant = true).await;
    let access = tenant.issuer.trim_start_matches("http://").to_owned();
    let mut values = Values::from([
        ("access".into(), access.clone()),
        ("client_id".into(), partner.client_id.clone()),
        ("client_secret".into(), partner.secret.clone()),
    ]);
    for (asked, answered) in [
        ("finapi/1-client-token.request", "finapi/2-client-token.response"),
        ("finapi/3-create-user.request", "finapi/4-create-user.response"),
        ("finapi/5-user-token.request", "finapi/6-user-token.response"),
    ] {
        let answer = send(&access, asked, &values).await;
        compare(answered, &answer.text(), &mut values);
    }
    assert_ne!(values["client_token"], values["user_token"]);
}
