use askama::Template;

use crate::Frame;

/// The page for people who forgot their password; it asks for their address. Posts `csrf`,
/// `email` and the pressed button's name: `reset` or, where a client waits, `cancel`.
#[derive(Clone, Template)]
#[template(path = "forgot_password.html")]
pub struct ForgotPassword {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the interaction (C25).
    pub csrf: String,
    /// Where the form posts to: a path with query, without the base.
    pub action: String,
    /// The mail address typed before.
    pub email: String,
    /// A client waits, so `cancel` is offered.
    pub cancellable: bool,
    /// What was wrong with the last attempt.
    pub error: Option<ForgotPasswordError>,
    /// Where "Back to sign in" leads: a path with query, without the base.
    pub login_path: String,
}

/// Why no code was sent. None says whether an address is known (C24).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgotPasswordError {
    /// Not a mail address.
    EmailInvalid,
    /// Too many attempts for this address or from this place (C26).
    TooManyAttempts,
    /// The service is at its limit; nothing was decided.
    Busy,
    /// The code was used or is too old: another one is needed.
    CodeExpired,
}

impl ForgotPassword {
    fn email_error(&self) -> Option<&'static str> {
        let invalid = self.error == Some(ForgotPasswordError::EmailInvalid);
        invalid.then_some(self.frame.texts().sign_up.email_invalid)
    }

    /// The sentence above the form, for what belongs to no field.
    fn error_text(&self) -> Option<&'static str> {
        let t = self.frame.texts();
        match self.error? {
            ForgotPasswordError::EmailInvalid => None,
            ForgotPasswordError::TooManyAttempts => Some(t.sign_up.too_many_attempts),
            ForgotPasswordError::Busy => Some(t.shared.busy),
            ForgotPasswordError::CodeExpired => Some(t.verify.code_expired),
        }
    }
}

/// The page that asks for the code sent by mail and the new password. Posts `csrf`, `code`,
/// `password` and the pressed button's name: `change`, `resend` or, where a client waits, `cancel`.
#[derive(Clone, Template)]
#[template(path = "new_password.html")]
pub struct NewPassword {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the interaction (C25).
    pub csrf: String,
    /// Where the form posts to: a path with query, without the base.
    pub action: String,
    /// The address the mail was sent to, as the person typed it.
    pub email: String,
    /// The code typed before, where only the password was wrong.
    pub code: String,
    /// The number of digits of the code.
    pub code_length: u32,
    /// The least number of characters of a password.
    pub password_min: u32,
    /// A client waits, so `cancel` is offered.
    pub cancellable: bool,
    /// The mail was sent again a moment ago.
    pub resent: bool,
    /// Why the last attempt failed.
    pub error: Option<NewPasswordError>,
}

/// Why a password was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewPasswordError {
    /// Not the code that was sent.
    WrongCode,
    /// The password is shorter than `password_min`.
    PasswordTooShort,
    /// The password is longer than can be hashed.
    PasswordTooLong,
    /// The password is the address, or on the list of common ones.
    PasswordTooEasy,
    /// Too many codes asked for.
    TooManyAttempts,
    /// The service is at its limit; nothing was decided.
    Busy,
}

impl NewPassword {
    fn code_error(&self) -> Option<&'static str> {
        (self.error == Some(NewPasswordError::WrongCode)).then_some(self.frame.texts().verify.wrong_code)
    }

    fn password_error(&self) -> Option<&'static str> {
        let t = &self.frame.texts().sign_up;
        match self.error? {
            NewPasswordError::PasswordTooShort => Some(t.password_too_short),
            NewPasswordError::PasswordTooLong => Some(t.password_too_long),
            NewPasswordError::PasswordTooEasy => Some(t.password_too_easy),
            _ => None,
        }
    }

    /// The sentence above the form.
    fn error_text(&self) -> Option<&'static str> {
        let t = self.frame.texts();
        Some(match self.error? {
            NewPasswordError::TooManyAttempts => t.verify.too_many_attempts,
            NewPasswordError::Busy => t.shared.busy,
            _ => t.shared.check_fields,
        })
    }
}
