//! One command, one file: load, decide, append, answer.

mod allow_password_change;
mod begin_reset;
mod begin_sign_up;
mod birth;
mod change_user;
mod check_password;
mod create_client_user;
mod create_user;
mod credential;
mod erase_user;
mod finish_reset;
mod finish_sign_up;
mod known_address;
mod replace_password;
mod resend_code;
mod resend_reset;
mod set_user_state;

pub(crate) use allow_password_change::allow_password_change;
pub(crate) use begin_reset::begin_reset;
pub(crate) use begin_sign_up::begin_sign_up;
pub(crate) use change_user::change_user;
pub(crate) use check_password::check_password;
pub(crate) use create_client_user::create_client_user;
pub(crate) use create_user::create_user;
pub(crate) use erase_user::{SCRUB, erase_user};
pub(crate) use finish_reset::finish_reset;
pub(crate) use finish_sign_up::finish_sign_up;
pub(crate) use replace_password::replace_password;
pub(crate) use resend_code::resend_code;
pub(crate) use resend_reset::resend_reset;
pub(crate) use set_user_state::{Change, set_user_state};
