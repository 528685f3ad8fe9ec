//! Each library against a server of its own.

use grantor_tests_clients::{Running, Script};

#[test]
fn authlib_over_requests_gets_and_uses_tokens() {
    Script::python("tests/clients/python/authlib_clients.py").word("requests").check(&Running::start());
}

#[test]
fn authlib_over_httpx_gets_and_uses_tokens() {
    Script::python("tests/clients/python/authlib_clients.py").word("httpx").check(&Running::start());
}

#[test]
fn authlib_in_flask_and_starlette_logs_people_in() {
    Script::python("tests/clients/python/authlib_frameworks.py").check(&Running::start());
}

#[test]
fn authlib_and_requests_oauthlib_log_users_in_with_their_passwords() {
    Script::python("tests/clients/python/password_clients.py").check(&Running::start());
}

#[test]
fn openid_client_speaks_to_the_strict_tenant() {
    Script::node("tests/clients/node/openid_client.mjs", "tests/clients/node").check(&Running::start());
}

#[test]
fn oauth4webapi_speaks_to_the_strict_tenant() {
    Script::node("tests/clients/node/oauth4webapi.mjs", "tests/clients/node").check(&Running::start());
}

#[test]
fn oauth4webapi_signs_who_it_is() {
    Script::node("tests/clients/node/oauth4webapi_keys.mjs", "tests/clients/node").check(&Running::start());
}

#[test]
fn oauth4webapi_holds_a_key() {
    Script::node("tests/clients/node/oauth4webapi_dpop.mjs", "tests/clients/node").check(&Running::start());
}

#[test]
fn requests_oauthlib_reads_the_textbook_and_is_told_about_commas() {
    Script::python("tests/clients/python/requests_oauthlib_client.py").check(&Running::start());
}

#[test]
fn oauth4webapi_speaks_to_the_guides_tenants() {
    Script::node("tests/clients/node/oauth4webapi_guides.mjs", "tests/clients/node").check(&Running::start());
}

#[test]
fn authlib_speaks_to_the_widgets_tenant() {
    Script::python("tests/clients/python/authlib_widget.py").check(&Running::start());
}

#[test]
fn oauth4webapi_speaks_to_the_widgets_tenant() {
    Script::node("tests/clients/node/oauth4webapi_widget.mjs", "tests/clients/node").check(&Running::start());
}

#[test]
fn simple_oauth2_speaks_to_the_guides_tenants() {
    Script::node("tests/clients/node/simple_oauth2.mjs", "tests/clients/node").check(&Running::start());
}

#[test]
fn passport_oauth2_logs_people_in_at_the_guides_tenants() {
    Script::node("tests/clients/node/passport_oauth2.mjs", "tests/clients/node").check(&Running::start());
}

#[test]
fn standardwebhooks_for_node_verifies_what_arrives() {
    Script::node("tests/clients/node/webhooks.mjs", "tests/clients/node").check(&Running::start());
}

#[test]
fn standardwebhooks_for_python_verifies_what_arrives() {
    Script::python("tests/clients/python/webhooks.py").check(&Running::start());
}
