//! Each story against a server of its own.

use grantor_tests_clients::{Running, Script};

#[test]
fn a_partner_gets_from_registration_to_a_working_token() {
    Script::node("tests/browser/partner.mjs", "tests/browser").check(&Running::start());
}

#[test]
fn the_strict_tenants_pages_speak_german_and_need_no_javascript() {
    Script::node("tests/browser/strict.mjs", "tests/browser").check(&Running::start());
}

#[test]
fn accounts_are_connected_and_let_go_by_both_sides() {
    Script::node("tests/browser/accounts.mjs", "tests/browser").check(&Running::start());
}

#[test]
fn the_widget_runs_alone_and_in_frames_of_registered_origins_only() {
    Script::node("tests/browser/widget.mjs", "tests/browser").check(&Running::start());
}

#[test]
fn the_explorer_makes_real_calls_and_looks_finished() {
    Script::node("tests/browser/explorer.mjs", "tests/browser").check(&Running::start());
}

#[test]
fn a_tenants_staff_judges_applications_and_its_portal_shows_the_way() {
    Script::node("tests/browser/staff.mjs", "tests/browser").check(&Running::start());
}

#[test]
fn a_platform_sees_what_its_webhooks_were_sent_and_sends_it_again() {
    Script::node("tests/browser/webhooks.mjs", "tests/browser").check(&Running::start());
}

#[test]
fn operators_run_the_deployment_from_their_dashboard() {
    Script::node("tests/browser/panel.mjs", "tests/browser").check(&Running::start());
}
