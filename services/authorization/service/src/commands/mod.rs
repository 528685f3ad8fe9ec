//! One command, one file: load, decide, append, answer.

pub(crate) mod end_flow;
pub(crate) mod end_session;
pub(crate) mod expire_flows;
pub(crate) mod give_consent;
pub(crate) mod initiate_flow;
pub(crate) mod issue_code;
pub(crate) mod start_session;
pub(crate) mod withdraw_consent;
