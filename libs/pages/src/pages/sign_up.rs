use askama::Template;

use crate::Frame;

/// The sign-up page. Posts `csrf`, `name`, `email`, `password` and the pressed button's name:
/// `signup` or, where a client waits, `cancel`.
#[derive(Clone, Template)]
#[template(path = "sign_up.html")]
pub struct SignUp {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the interaction (C25).
    pub csrf: String,
    /// Where the form posts to: a path with query, without the base.
    pub action: String,
    /// The name typed before.
    pub name: String,
    /// The mail address typed before.
    pub email: String,
    /// The least number of characters of a password.
    pub password_min: u32,
    /// The client to which the person will continue; `None` hides `cancel`.
    pub client_name: Option<String>,
    /// What was wrong with the last attempt; several may be wrong at once.
    pub errors: Vec<SignUpError>,
    /// Where "Log in instead" leads: a path with query, without the base.
    pub login_path: String,
}

/// What was wrong with a sign-up. None says whether an address is known already (C24).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignUpError {
    /// No name, or only spaces.
    NameMissing,
    /// The name is longer than can be kept.
    NameTooLong,
    /// Not a mail address.
    EmailInvalid,
    /// The password is shorter than `password_min`.
    PasswordTooShort,
    /// The password is longer than can be hashed.
    PasswordTooLong,
    /// The password is the address or the name, or on the list of common ones.
    PasswordTooEasy,
    /// Too many attempts from this address (C26).
    TooManyAttempts,
    /// The service is at its limit; nothing was decided.
    Busy,
    /// The form was too old or not ours; nothing was decided.
    FormExpired,
}

impl SignUp {
    fn name_error(&self) -> Option<&'static str> {
        let t = &self.frame.texts().sign_up;
        self.errors.iter().find_map(|error| match error {
            SignUpError::NameMissing => Some(t.name_missing),
            SignUpError::NameTooLong => Some(t.name_too_long),
            _ => None,
        })
    }

    fn email_error(&self) -> Option<&'static str> {
        self.errors.contains(&SignUpError::EmailInvalid).then_some(self.frame.texts().sign_up.email_invalid)
    }

    fn password_error(&self) -> Option<&'static str> {
        let t = &self.frame.texts().sign_up;
        self.errors.iter().find_map(|error| match error {
            SignUpError::PasswordTooShort => Some(t.password_too_short),
            SignUpError::PasswordTooLong => Some(t.password_too_long),
            SignUpError::PasswordTooEasy => Some(t.password_too_easy),
            _ => None,
        })
    }

    /// The sentence above the form, for what belongs to no field.
    fn error_text(&self) -> Option<&'static str> {
        let t = self.frame.texts();
        self.errors.iter().find_map(|error| match error {
            SignUpError::TooManyAttempts => Some(t.sign_up.too_many_attempts),
            SignUpError::Busy => Some(t.shared.busy),
            SignUpError::FormExpired => Some(t.shared.form_expired),
            _ => None,
        })
    }
}
