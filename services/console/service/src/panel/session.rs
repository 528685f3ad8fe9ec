//! Signing in with an operator's token, and out again.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use grantor_crypto::constant_time_eq;
use grantor_pages::{LogoutConfirm, OperatorSignIn, OperatorSignInError, Page};
use grantor_ports::{EntropyExt, PortError};
use grantor_web::{Answer, Request, SetCookie};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;

use super::{OPERATOR, Outcome, Visit, cookie_name, frame};
use crate::{
    Console,
    access::{Denied, SESSION},
    http::Problem,
};

const FORM: &str = "form";
/// A form that is older was left lying about.
const FORM_SECONDS: i64 = 3600;

/// Takes the token of a form, once, and opens a session. `home` is where it leads; without one, the
/// page that asked for the token says so.
pub(crate) async fn sign_in(console: &Console, request: &Request, home: Option<&str>) -> Answer {
    let wrong = |status, error| sign_in_form(console, request, status, Some(error), home);
    let Ok(params) = request.form_params() else { return wrong(400, OperatorSignInError::FormExpired) };
    // The form must have come from here: its value is in a cookie that no other site can set.
    let bound = request.cookie(&cookie_name(FORM, request)).unwrap_or_default();
    if bound.is_empty() || !constant_time_eq(&bound, params.get("csrf").unwrap_or_default()) {
        return wrong(400, OperatorSignInError::FormExpired);
    }
    let token = SecretString::from(params.get("token").unwrap_or_default().trim());
    match console.operator_with(&token, request.peer).await {
        Ok(operator) => match console.open_session(operator).await {
            Ok(session) => Answer::see_other(home.unwrap_or(&wanted(request)))
                .strict_cookie(cookie(OPERATOR, session, SESSION.num_seconds(), request))
                .strict_cookie(cookie(FORM, String::new(), 0, request)),
            Err(cause) => unavailable(cause),
        },
        Err(Denied::Throttled(seconds)) => {
            wrong(429, OperatorSignInError::TooManyAttempts).header("retry-after", &seconds.to_string())
        }
        Err(Denied::Port(cause)) => unavailable(cause),
        Err(_) => wrong(401, OperatorSignInError::WrongToken),
    }
}

/// The form that asks for the token; once it is given, it leads back to the page that was asked for.
pub(crate) fn sign_in_form(
    console: &Console,
    request: &Request,
    status: u16,
    error: Option<OperatorSignInError>,
    home: Option<&str>,
) -> Answer {
    let csrf = B64.encode(console.entropy.bytes::<32>());
    let back = if request.path == "/" && request.method == grantor_web::Method::POST {
        wanted(request)
    } else {
        request.path.clone()
    };
    let action = match home {
        Some(home) => home.to_owned(),
        None if back == "/" => back,
        None => format!("/?next={}", utf8_percent_encode(&back, NON_ALPHANUMERIC)),
    };
    let page = OperatorSignIn { frame: frame(request), csrf: csrf.clone(), action, error };
    let answer = Answer::html(status, page.html()).strict_cookie(cookie(FORM, csrf, FORM_SECONDS, request));
    if status == 401 { answer.header("www-authenticate", "Bearer realm=\"grantor\"") } else { answer }
}

/// The page that was asked for before the token: a path of this listener, or its first page.
fn wanted(request: &Request) -> String {
    let query = request.query_params().unwrap_or_default();
    let plain = |path: &&str| {
        let letters = path.chars().all(|letter| letter.is_ascii_alphanumeric() || "/-_.~%@".contains(letter));
        path.starts_with('/') && !path.starts_with("//") && letters
    };
    query.get("next").filter(plain).unwrap_or("/").to_owned()
}

/// `GET /sign-out`: asks.
pub(super) async fn ask(_: &Console, visit: &Visit) -> Outcome {
    let page = LogoutConfirm {
        frame: grantor_pages::Frame { menu: None, signed_in: None, ..visit.frame(None) },
        csrf: visit.csrf(),
        action: "/sign-out".to_owned(),
        user: visit.name.clone(),
        client_name: None,
    };
    Ok(Answer::html(200, page.html()))
}

/// `POST /sign-out`.
pub(super) async fn leave(console: &Console, visit: &Visit) -> Outcome {
    let answer = Answer::see_other("/");
    if visit.form.get("logout").is_none() {
        return Ok(answer);
    }
    console.close_session(&visit.cookie).await?;
    Ok(answer.strict_cookie(cookie(OPERATOR, String::new(), 0, &visit.request)))
}

fn unavailable(cause: PortError) -> Answer {
    Problem::from(cause).into_answer()
}

fn cookie(what: &str, value: String, seconds: i64, request: &Request) -> SetCookie {
    SetCookie { name: cookie_name(what, request), value, max_age: Some(seconds), secure: request.https, framed: false }
}
