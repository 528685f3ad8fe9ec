use askama::Template;

use crate::Frame;

/// The page that asks for the code sent by mail. Posts `csrf`, `code` and the pressed button's
/// name: `verify`, `resend` or, where a client waits, `cancel`.
#[derive(Clone, Template)]
#[template(path = "verify.html")]
pub struct Verify {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the interaction (C25).
    pub csrf: String,
    /// Where the form posts to: a path with query, without the base.
    pub action: String,
    /// The address the code was sent to, as the person typed it.
    pub email: String,
    /// The number of digits of the code.
    pub code_length: u32,
    /// A client waits, so `cancel` is offered.
    pub cancellable: bool,
    /// Another code was sent a moment ago.
    pub resent: bool,
    /// Why the last attempt failed.
    pub error: Option<VerifyError>,
}

/// Why a code was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyError {
    /// Not the code that was sent.
    WrongCode,
    /// The code was right once, but too long ago.
    CodeExpired,
    /// Too many wrong codes, or too many codes asked for.
    TooManyAttempts,
    /// The service is at its limit; nothing was decided.
    Busy,
    /// The form was too old or not ours; nothing was decided.
    FormExpired,
}

impl Verify {
    fn error_text(&self) -> Option<&'static str> {
        let t = &self.frame.texts().verify;
        Some(match self.error? {
            VerifyError::WrongCode => t.wrong_code,
            VerifyError::CodeExpired => t.code_expired,
            VerifyError::TooManyAttempts => t.too_many_attempts,
            VerifyError::Busy => self.frame.texts().shared.busy,
            VerifyError::FormExpired => self.frame.texts().shared.form_expired,
        })
    }
}
