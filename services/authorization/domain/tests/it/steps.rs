use grantor_authorization_domain::{
    AcrDemand, Consent, ConsentEvent, ConsentRule, Demands, LoginCause, Policy, Present, Progress, Refusal, Step,
    Subject, Terms, Visit, next_step,
};
use grantor_eventsourcing::fold;
use grantor_oauth::{MaxAge, Prompts};

use crate::{CLIENT, OTHER, USER, at, scopes};

/// One line of the table; the default is a signed-in user who has agreed before.
struct Row {
    prompt: &'static str,
    max_age: Option<u32>,
    subject: Subject,
    acr: AcrDemand,
    progress: Progress,
    present: Option<Present>,
    missing: bool,
    agreed: Option<(&'static str, Option<i64>)>,
    rule: ConsentRule,
    step: Step,
}

const NOTHING: Progress = Progress { proved: false, chosen: false, other: false, approved: false };
const PROVED: Progress = Progress { proved: true, ..NOTHING };
const LOGIN_REQUIRED: Step = Step::Refuse(Refusal::LoginRequired);

fn row(step: Step) -> Row {
    Row {
        prompt: "",
        max_age: None,
        subject: Subject::Anyone,
        acr: AcrDemand::Any,
        progress: NOTHING,
        present: Some(Present { user: USER, auth_time: at(0), acr: Some("pwd".into()) }),
        missing: false,
        agreed: Some(("openid profile", None)),
        rule: ConsentRule::Remembered,
        step,
    }
}

fn check(rows: Vec<Row>) {
    for (index, row) in rows.into_iter().enumerate() {
        let demands = Demands {
            prompts: Prompts::parse(Some(row.prompt)).expect("a prompt"),
            max_age: row.max_age.map(MaxAge),
            subject: row.subject,
            acr: row.acr,
            reach: scopes("openid profile"),
        };
        let consent: Consent = row.agreed.map_or(Consent::None, |(names, end)| {
            fold(&[ConsentEvent::Granted(Terms {
                user: USER,
                client: CLIENT,
                client_id: "partner".into(),
                scopes: scopes(names),
                text_version: "v1".into(),
                expires_at: end.map(at),
            })])
        });
        let policy = Policy { consent: row.rule, reachable: vec!["pwd".into()] };
        let (present, progress) = (row.present.as_ref(), row.progress);
        let visit = Visit {
            demands: &demands,
            progress,
            present,
            details_missing: row.missing,
            consent: &consent,
            policy: &policy,
            now: at(100),
        };
        assert_eq!(next_step(&visit), row.step, "row {index}");
    }
}

#[test]
fn somebody_who_agreed_before_is_not_asked_again() {
    check(vec![
        row(Step::Issue),
        Row { agreed: None, ..row(Step::Consent) },
        Row { agreed: Some(("openid", None)), ..row(Step::Consent) },
        Row { agreed: Some(("openid profile plan", None)), ..row(Step::Issue) },
        Row { agreed: Some(("openid profile", Some(100))), ..row(Step::Consent) },
        Row { agreed: Some(("openid profile", Some(101))), ..row(Step::Issue) },
        Row { rule: ConsentRule::EveryTime, ..row(Step::Consent) },
        Row { rule: ConsentRule::Never, agreed: None, ..row(Step::Issue) },
        Row { agreed: None, progress: Progress { approved: true, ..NOTHING }, ..row(Step::Issue) },
    ]);
}

#[test]
fn what_the_tenant_demands_is_asked_before_consent() {
    let row = |step| Row { missing: true, ..row(step) };
    check(vec![
        row(Step::Details),
        Row { agreed: None, ..row(Step::Details) },
        Row { agreed: None, progress: Progress { approved: true, ..NOTHING }, ..row(Step::Details) },
        Row { rule: ConsentRule::Never, ..row(Step::Details) },
        Row { present: None, ..row(Step::Login(LoginCause::NobodyThere)) },
        Row { prompt: "login", ..row(Step::Login(LoginCause::Again)) },
        Row { prompt: "none", ..row(Step::Refuse(Refusal::InteractionRequired)) },
    ]);
}

#[test]
fn prompt_none_shows_nothing() {
    let row = |step| Row { prompt: "none", ..row(step) };
    check(vec![
        row(Step::Issue),
        Row { present: None, ..row(LOGIN_REQUIRED) },
        Row { agreed: None, ..row(Step::Refuse(Refusal::ConsentRequired)) },
        Row { agreed: Some(("openid profile", Some(99))), ..row(Step::Refuse(Refusal::ConsentRequired)) },
        Row { rule: ConsentRule::EveryTime, ..row(Step::Refuse(Refusal::ConsentRequired)) },
        Row { max_age: Some(99), ..row(LOGIN_REQUIRED) },
        Row { max_age: Some(100), ..row(Step::Issue) },
        Row { max_age: Some(0), ..row(LOGIN_REQUIRED) },
        Row { subject: Subject::Only(USER), ..row(Step::Issue) },
        Row { subject: Subject::Only(OTHER), ..row(LOGIN_REQUIRED) },
        Row { subject: Subject::Stranger, ..row(LOGIN_REQUIRED) },
    ]);
}

#[test]
fn prompt_login_asks_once() {
    let row = |step| Row { prompt: "login", ..row(step) };
    check(vec![
        Row { present: None, ..row(Step::Login(LoginCause::NobodyThere)) },
        row(Step::Login(LoginCause::Again)),
        Row { progress: PROVED, ..row(Step::Issue) },
        Row { progress: PROVED, agreed: None, ..row(Step::Consent) },
        Row { prompt: "login consent", progress: PROVED, ..row(Step::Consent) },
        Row { prompt: "login select_account", ..row(Step::SelectAccount) },
        Row {
            prompt: "login select_account",
            progress: Progress { chosen: true, ..NOTHING },
            ..row(Step::Login(LoginCause::Again))
        },
    ]);
}

#[test]
fn prompt_consent_asks_although_it_is_remembered() {
    let row = |step| Row { prompt: "consent", ..row(step) };
    check(vec![
        row(Step::Consent),
        Row { present: None, ..row(Step::Login(LoginCause::NobodyThere)) },
        Row { progress: Progress { approved: true, ..NOTHING }, ..row(Step::Issue) },
    ]);
}

#[test]
fn prompt_select_account_shows_who_is_there() {
    let row = |step| Row { prompt: "select_account", ..row(step) };
    check(vec![
        row(Step::SelectAccount),
        Row { present: None, ..row(Step::Login(LoginCause::NobodyThere)) },
        Row { progress: Progress { chosen: true, ..NOTHING }, ..row(Step::Issue) },
        Row { progress: PROVED, ..row(Step::Issue) },
        Row { progress: Progress { other: true, ..NOTHING }, ..row(Step::Login(LoginCause::SomebodyElse)) },
    ]);
}

#[test]
fn max_age_asks_for_a_login_when_the_last_is_too_old() {
    check(vec![
        Row { max_age: Some(100), ..row(Step::Issue) },
        Row { max_age: Some(99), ..row(Step::Login(LoginCause::Again)) },
        Row { max_age: Some(99), progress: PROVED, ..row(Step::Issue) },
        Row { max_age: Some(0), ..row(Step::Login(LoginCause::Again)) },
        Row { max_age: Some(0), progress: PROVED, ..row(Step::Issue) },
    ]);
}

#[test]
fn the_wanted_user_must_be_the_one() {
    check(vec![
        Row { subject: Subject::Only(USER), ..row(Step::Issue) },
        Row { subject: Subject::Only(OTHER), ..row(Step::Login(LoginCause::SomebodyElse)) },
        Row { subject: Subject::Only(OTHER), progress: PROVED, ..row(LOGIN_REQUIRED) },
        Row { subject: Subject::Only(OTHER), present: None, ..row(Step::Login(LoginCause::NobodyThere)) },
        Row { subject: Subject::Stranger, ..row(LOGIN_REQUIRED) },
        Row { subject: Subject::Stranger, present: None, ..row(LOGIN_REQUIRED) },
    ]);
}

#[test]
fn an_essential_acr_is_met_or_refused() {
    let demand = |classes: &[&str]| AcrDemand::OneOf(classes.iter().map(|class| (*class).to_owned()).collect());
    let weak = || Some(Present { user: USER, auth_time: at(0), acr: None });
    let unmet = Step::Refuse(Refusal::UnmetAuthenticationRequirements);
    check(vec![
        Row { acr: demand(&["pwd"]), ..row(Step::Issue) },
        Row { acr: demand(&["phr", "pwd"]), ..row(Step::Issue) },
        Row { acr: demand(&["phr"]), ..row(unmet) },
        Row { acr: demand(&["phr"]), present: None, ..row(unmet) },
        Row { acr: demand(&["phr"]), prompt: "none", ..row(unmet) },
        Row { acr: demand(&["pwd"]), present: weak(), ..row(Step::Login(LoginCause::Stronger)) },
        Row { acr: demand(&["pwd"]), present: weak(), prompt: "none", ..row(LOGIN_REQUIRED) },
        Row { acr: demand(&["pwd"]), present: weak(), progress: PROVED, ..row(unmet) },
    ]);
}

#[test]
fn not_you_leads_to_the_login() {
    check(vec![Row { progress: Progress { other: true, ..NOTHING }, ..row(Step::Login(LoginCause::SomebodyElse)) }]);
}

#[test]
fn refusals_have_the_codes_of_their_specifications() {
    let code = |refusal: Refusal| refusal.error().code().as_str();
    assert_eq!(code(Refusal::LoginRequired), "login_required");
    assert_eq!(code(Refusal::ConsentRequired), "consent_required");
    assert_eq!(code(Refusal::UnmetAuthenticationRequirements), "unmet_authentication_requirements");
}
