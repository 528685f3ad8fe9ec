//! The rules of the authorization service: browser sessions, consents, flows of the widget, and
//! which step of a visit to the authorize endpoint is due. Pure.

mod consent;
mod end_flow;
mod end_session;
mod flow;
mod give_consent;
mod initiate_flow;
mod next_step;
mod session;
mod start_session;
mod withdraw_consent;

pub use consent::{Consent, ConsentEvent, Terms, consent_id};
pub use end_flow::{EndFlow, FlowOver, end_flow};
pub use end_session::{EndSession, end_session};
pub use flow::{Flow, FlowEnd, FlowEvent, FlowFailure, FlowKind, FlowTerms};
pub use give_consent::{GiveConsent, give_consent};
pub use initiate_flow::initiate_flow;
pub use next_step::{
    AcrDemand, ConsentRule, Demands, LoginCause, Policy, Present, Progress, Refusal, Step, Subject, Visit, next_step,
};
pub use session::{EndReason, Live, Session, SessionEvent, Standing, acr_of};
pub use start_session::{StartSession, start_session};
pub use withdraw_consent::{NothingToWithdraw, WithdrawConsent, withdraw_consent};
