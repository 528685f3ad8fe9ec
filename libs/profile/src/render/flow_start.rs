//! The JSON request that starts a flow (knob 2), and the answer to it.

use grantor_oauth::{JsonRefusal, ProtocolError, parse_json};
use serde_json::{Map, Value};

use crate::{AccountRef, BodyKind, Incoming, Locale, Profile, Widget, WireAnswer};

/// A request body is no longer than this.
const MAX_BYTES: usize = 16 * 1024;
/// Accounts that can be named at most.
const MAX_ACCOUNTS: usize = 10;

/// What a partner asks for when it starts a flow. Members that are not known are ignored.
#[derive(Debug, Clone)]
pub struct FlowRequest {
    /// As sent; to be found among the client's own by exact comparison (C1).
    pub redirect_uri: String,
    /// The language of the widget.
    pub language: Locale,
    /// What the partner knows of the person's accounts.
    pub accounts: Vec<AccountRef>,
    /// Days of transaction history.
    pub sync_period: u16,
    /// To be echoed unchanged.
    pub state: Option<String>,
    /// The partner's own name of the person, for ongoing access.
    pub user_id: Option<String>,
}

impl Profile {
    /// Reads the request. Refusals are `invalid_request`: another content type, a body that is no
    /// JSON object or repeats a member, `redirect_uri` missing, a member of the wrong type or out
    /// of bounds. Nothing of an account is repeated.
    pub fn parse_flow_request(&self, incoming: &Incoming<'_>, ongoing: bool) -> Result<FlowRequest, ProtocolError> {
        let wrong = |text: &str| ProtocolError::invalid_request(text);
        let widget = self.interaction.widget.as_ref().ok_or_else(|| wrong("flows are not started here"))?;
        if BodyKind::of(incoming.content_type) != Some(BodyKind::Json) {
            return Err(wrong("the content type must be application/json"));
        }
        let document = parse_json(incoming.body, MAX_BYTES, 8).map_err(|refusal| match refusal {
            JsonRefusal::TooLong => wrong("the body is too long"),
            JsonRefusal::Malformed => wrong("the body is no JSON, or has a member twice"),
        })?;
        let members = document.as_object().ok_or_else(|| wrong("the body is not a JSON object"))?;
        let user_id = text(members, "user_id", 128)?;
        if ongoing && user_id.is_none() {
            return Err(wrong("the member 'user_id' is missing"));
        }
        let redirect_uri = text(members, "redirect_uri", 2000)?;
        Ok(FlowRequest {
            redirect_uri: redirect_uri.ok_or_else(|| wrong("the member 'redirect_uri' is missing"))?,
            language: language(members, widget)?,
            accounts: accounts(members)?,
            sync_period: sync_period(members, widget)?,
            state: text(members, "state", 2000)?,
            user_id: user_id.filter(|_| ongoing),
        })
    }

    /// The answer to a flow that was started.
    pub fn flow_started(&self, location: &str, id: &str) -> WireAnswer {
        WireAnswer::json(200, vec![("location", location.into()), ("id", id.into())])
    }
}

/// A text member; absent and `null` are the same.
fn text(members: &Map<String, Value>, name: &str, most: usize) -> Result<Option<String>, ProtocolError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() && text.len() <= most => Ok(Some(text.clone())),
        Some(_) => {
            Err(ProtocolError::invalid_request(format!("the member '{name}' must be a text of 1 to {most} characters")))
        }
    }
}

fn language(members: &Map<String, Value>, widget: &Widget) -> Result<Locale, ProtocolError> {
    let asked = text(members, "language", 35)?;
    Ok(asked.and_then(|tag| Locale::of_tag(&tag)).unwrap_or(widget.language))
}

fn sync_period(members: &Map<String, Value>, widget: &Widget) -> Result<u16, ProtocolError> {
    let most = widget.sync_period_max_days;
    match members.get("sync_period") {
        None | Some(Value::Null) => Ok(widget.sync_period_days),
        Some(value) => value
            .as_u64()
            .and_then(|days| u16::try_from(days).ok())
            .filter(|days| (1..=most).contains(days))
            .ok_or_else(|| {
                ProtocolError::invalid_request(format!("the member 'sync_period' must be a number from 1 to {most}"))
            }),
    }
}

fn accounts(members: &Map<String, Value>) -> Result<Vec<AccountRef>, ProtocolError> {
    let wrong = |text: String| ProtocolError::invalid_request(text);
    let list = match members.get("accounts") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= MAX_ACCOUNTS => list,
        Some(_) => return Err(wrong(format!("the member 'accounts' must be a list of at most {MAX_ACCOUNTS}"))),
    };
    let read = |(at, entry): (usize, &Value)| {
        let id = entry.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| wrong(format!("the member 'accounts[{at}].id' must be a text")))?;
        AccountRef::parse(id).map_err(|refusal| wrong(format!("the member 'accounts[{at}].id' {refusal}")))
    };
    list.iter().enumerate().map(read).collect()
}
