//! Clients: knobs 39 and 40.

use serde::{Deserialize, Serialize};

use crate::Shape;

/// How clients come to be and what their ids look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clients {
    /// Knob 39: `client_id`.
    pub id_shape: Shape,
    /// Knob 39: `client_secret`.
    pub secret_shape: Shape,
    /// Knob 39: the secret is also the platform's API key.
    pub secret_is_api_key: bool,
    /// Knob 40: onboarding.
    pub onboarding: Onboarding,
    /// Knob 40: versioned terms must be accepted when a client is created.
    pub terms_required: bool,
}

/// Knob 40.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Onboarding {
    /// Developers register on a page, the operator approves.
    SelfServiceWithApproval,
    /// Developers create applications on a dashboard; no approval.
    SelfService,
    /// The operator issues clients.
    Issued,
}
