//! Which step of a visit to the authorize endpoint is due (OpenID Connect Core 3.1.2.1, 3.1.2.3,
//! 3.1.2.4, 5.5.1.1).

use chrono::TimeDelta;
use grantor_eventsourcing::Timestamp;
use grantor_ids::UserId;
use grantor_oauth::{ErrorCode, MaxAge, Prompt, Prompts, ProtocolError, ScopeSet};
use serde::{Deserialize, Serialize};

use crate::Consent;

/// What a request demands of the person in front of the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demands {
    /// `prompt`.
    pub prompts: Prompts,
    /// `max_age`.
    pub max_age: Option<MaxAge>,
    /// Who it must be.
    pub subject: Subject,
    /// Which `acr` it must be.
    pub acr: AcrDemand,
    /// What the consent must cover: the requested scopes, and those behind requested claims.
    pub reach: ScopeSet,
}

/// Whom a request is about: `id_token_hint`, or the `sub` claim with a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Whoever is there.
    #[default]
    Anyone,
    /// This user.
    Only(UserId),
    /// Somebody this tenant does not know.
    Stranger,
}

/// `acr` as an essential claim; `acr_values` is voluntary and demands nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AcrDemand {
    /// Whatever was reached.
    #[default]
    Any,
    /// One of these.
    OneOf(Vec<String>),
}

/// Who is signed in, by a session that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Who.
    pub user: UserId,
    /// When they proved it.
    pub auth_time: Timestamp,
    /// The class that the login reached.
    pub acr: Option<String>,
}

/// What has been done within this visit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// The person present has logged in within it.
    pub proved: bool,
    /// The person present was chosen on the account page.
    pub chosen: bool,
    /// Another account was asked for, and nobody has logged in since.
    pub other: bool,
    /// The consent page was just approved.
    pub approved: bool,
}

/// The tenant's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether people are asked.
    pub consent: ConsentRule,
    /// The classes that a login can reach here.
    pub reachable: Vec<String>,
}

/// Knob 42.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentRule {
    /// Asked once for the same or fewer scopes, until the consent ends.
    Remembered,
    /// Asked every time.
    EveryTime,
    /// Nobody is asked.
    Never,
}

/// All that decides on the next step.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    /// The request.
    pub demands: &'a Demands,
    /// So far.
    pub progress: Progress,
    /// Who is there.
    pub present: Option<&'a Present>,
    /// Whether the tenant demands something of them that they have not told.
    pub details_missing: bool,
    /// What they agreed to for this client.
    pub consent: &'a Consent,
    /// The tenant's rules.
    pub policy: &'a Policy,
    /// Now.
    pub now: Timestamp,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The login page.
    Login(LoginCause),
    /// The account page.
    SelectAccount,
    /// The page that asks for what the tenant demands and does not know.
    Details,
    /// The consent page.
    Consent,
    /// A code.
    Issue,
    /// An error to the client.
    Refuse(Refusal),
}

/// Why the login page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginCause {
    /// Nobody is signed in.
    NobodyThere,
    /// `prompt=login` or `max_age`.
    Again,
    /// Somebody else is wanted: by the request, or by the person.
    SomebodyElse,
    /// An essential `acr` was not reached.
    Stronger,
}

/// Why the client gets an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `prompt=none` and a login is due, or another user than the wanted one logged in.
    LoginRequired,
    /// `prompt=none` and something must be asked.
    InteractionRequired,
    /// `prompt=none` and consent is due.
    ConsentRequired,
    /// An essential `acr` that cannot be reached.
    UnmetAuthenticationRequirements,
}

impl Refusal {
    /// The error of OpenID Connect Core 3.1.2.6 and Unmet Authentication Requirements 1.0.
    pub fn error(self) -> ProtocolError {
        match self {
            Self::LoginRequired => ErrorCode::LoginRequired.because("the user must log in"),
            Self::InteractionRequired => ErrorCode::InteractionRequired.because("the user must provide something"),
            Self::ConsentRequired => ErrorCode::ConsentRequired.because("the user must consent"),
            Self::UnmetAuthenticationRequirements => ErrorCode::UnmetAuthenticationRequirements
                .because("the requested authentication context class cannot be reached"),
        }
    }
}

/// Which step is due.
pub fn next_step(visit: &Visit<'_>) -> Step {
    let demands = visit.demands;
    let silent = demands.prompts.is_none();
    if cannot_be_met(visit) {
        return Step::Refuse(Refusal::UnmetAuthenticationRequirements);
    }
    let Some(present) = visit.present else {
        let stranger = demands.subject == Subject::Stranger;
        return login(silent || stranger, LoginCause::NobodyThere);
    };
    let settled = visit.progress.chosen || visit.progress.proved || visit.progress.other;
    if demands.prompts.has(Prompt::SelectAccount) && !settled {
        return Step::SelectAccount;
    }
    match login_due(visit, present) {
        Some(Due::Page(cause)) => login(silent, cause),
        Some(Due::Refused(refusal)) => Step::Refuse(refusal),
        None if visit.details_missing && silent => Step::Refuse(Refusal::InteractionRequired),
        None if visit.details_missing => Step::Details,
        None if !consent_due(visit) => Step::Issue,
        None if silent => Step::Refuse(Refusal::ConsentRequired),
        None => Step::Consent,
    }
}

fn login(silent: bool, cause: LoginCause) -> Step {
    if silent { Step::Refuse(Refusal::LoginRequired) } else { Step::Login(cause) }
}

fn cannot_be_met(visit: &Visit<'_>) -> bool {
    match &visit.demands.acr {
        AcrDemand::Any => false,
        AcrDemand::OneOf(wanted) => !wanted.iter().any(|class| visit.policy.reachable.contains(class)),
    }
}

enum Due {
    Page(LoginCause),
    Refused(Refusal),
}

/// Whether the person present is not enough. A login within this visit settles `prompt=login`
/// and `max_age`; one as the wrong person, or one that was too weak, is the end.
fn login_due(visit: &Visit<'_>, present: &Present) -> Option<Due> {
    let (demands, proved) = (visit.demands, visit.progress.proved);
    if visit.progress.other {
        return Some(Due::Page(LoginCause::SomebodyElse));
    }
    match demands.subject {
        Subject::Stranger => return Some(Due::Refused(Refusal::LoginRequired)),
        Subject::Only(wanted) if wanted != present.user => {
            let page = Due::Page(LoginCause::SomebodyElse);
            return Some(if proved { Due::Refused(Refusal::LoginRequired) } else { page });
        }
        Subject::Anyone | Subject::Only(_) => {}
    }
    if !proved && (demands.prompts.has(Prompt::Login) || too_old(visit, present)) {
        return Some(Due::Page(LoginCause::Again));
    }
    match (&demands.acr, &present.acr) {
        (AcrDemand::OneOf(wanted), reached) if !reached.as_ref().is_some_and(|class| wanted.contains(class)) => {
            let page = Due::Page(LoginCause::Stronger);
            Some(if proved { Due::Refused(Refusal::UnmetAuthenticationRequirements) } else { page })
        }
        _ => None,
    }
}

/// `max_age=0` asks for a login as `prompt=login` does.
fn too_old(visit: &Visit<'_>, present: &Present) -> bool {
    visit.demands.max_age.is_some_and(|MaxAge(seconds)| {
        seconds == 0 || visit.now - present.auth_time > TimeDelta::seconds(seconds.into())
    })
}

fn consent_due(visit: &Visit<'_>) -> bool {
    if visit.progress.approved {
        return false;
    }
    let asked_for = visit.demands.prompts.has(Prompt::Consent);
    match visit.policy.consent {
        ConsentRule::Never => false,
        ConsentRule::EveryTime => true,
        ConsentRule::Remembered => asked_for || !visit.consent.covers(&visit.demands.reach, visit.now),
    }
}
