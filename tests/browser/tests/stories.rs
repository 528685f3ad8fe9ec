

#[test]
fn a_platform_sees_what_its_webhooks_were_sent_and_sends_it_again() {
    Script::node("tests/browser/webhooks.mjs", "tests/browser").check(&Running::start());
}
