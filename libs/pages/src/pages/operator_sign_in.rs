use askama::Template;

use crate::Frame;

/// Asks an operator for their token, on the operator's listener. Posts `csrf` and `token`.
#[derive(Clone, Template)]
#[template(path = "operator_sign_in.html")]
pub struct OperatorSignIn {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the browser it was sent to.
    pub csrf: String,
    /// Where the form posts to: a path, without the base.
    pub action: String,
    /// Why the last attempt failed.
    pub error: Option<OperatorSignInError>,
}

/// Why an operator was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorSignInError {
    /// Nobody's token, or a disabled operator's.
    WrongToken,
    /// Too many wrong ones from this address.
    TooManyAttempts,
    /// The form was too old or not ours; nothing was decided.
    FormExpired,
}

impl OperatorSignIn {
    fn error_text(&self) -> Option<&'static str> {
        let t = &self.frame.texts().operator_sign_in;
        Some(match self.error? {
            OperatorSignInError::WrongToken => t.wrong_token,
            OperatorSignInError::TooManyAttempts => t.too_many_attempts,
            OperatorSignInError::FormExpired => self.frame.texts().shared.form_expired,
        })
    }
}
