//! The directory API for clients on the wire: knob 44.

use grantor_oauth::parse_json;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::{ApiProblem, ApiRefusal, AttributeKind, BodyKind, Incoming, Profile, UserAttribute, UsersApi, WireAnswer};

/// Longest values, in characters.
const LONGEST_ID: usize = 36;
const LONGEST_EMAIL: usize = 320;
const LONGEST_PHONE: usize = 50;
const LONGEST_TEXT: usize = 255;

/// A user to be, as a client asks for them; readable, not yet judged against who is there.
#[derive(Debug)]
pub struct NewUserRequest {
    /// The id the client chose; a random one where there is none.
    pub id: Option<String>,
    /// The password; a random one where there is none.
    pub password: Option<SecretString>,
    /// As sent.
    pub email: Option<String>,
    /// As sent.
    pub phone: Option<String>,
    /// Every attribute of the profile, with its default where it was not sent.
    pub attributes: Map<String, Value>,
}

/// A user as the API answers them.
#[derive(Clone, Copy)]
pub struct UserAnswer<'a> {
    /// The id the client knows.
    pub id: &'a str,
    /// In clear once, in the answer to their creation; never otherwise.
    pub password: Option<&'a SecretString>,
    /// As it was sent.
    pub email: Option<&'a str>,
    /// As it was sent.
    pub phone: Option<&'a str>,
    /// Their attributes.
    pub attributes: &'a Map<String, Value>,
}

/// A new password for a user, with the token that allows it.
#[derive(Debug)]
pub struct PasswordChangeRequest {
    /// Whose.
    pub id: String,
    /// The new one.
    pub password: SecretString,
    /// The token.
    pub token: SecretString,
}

fn illegal(member: &str, must: &str) -> ApiRefusal {
    ApiRefusal::new(ApiProblem::IllegalFieldValue, format!("'{member}' {must}"))
}

fn missing(member: &str) -> ApiRefusal {
    ApiRefusal::new(ApiProblem::MissingField, format!("'{member}' is missing"))
}

/// Whether a text can be the id of a user: 1 to 36 of `0-9 A-Z a-z - _ . + @`.
pub(crate) fn is_user_id(id: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.+@".contains(&b);
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(fits)
}

/// The members of a JSON body.
struct Members(Map<String, Value>);

impl Members {
    fn read(incoming: &Incoming<'_>) -> Result<Self, ApiRefusal> {
        if BodyKind::of(incoming.content_type) != Some(BodyKind::Json) {
            return Err(ApiRefusal::new(ApiProblem::BadRequest, "the content type must be application/json"));
        }
        match parse_json(incoming.body, 16 * 1024, 4) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(ApiRefusal::new(ApiProblem::BadRequest, "the body must be a JSON object")),
            Err(_) => Err(ApiRefusal::new(ApiProblem::BadRequest, "the body is not acceptable JSON")),
        }
    }

    /// A text; `null` counts as not there.
    fn text(&self, name: &str) -> Result<Option<&str>, ApiRefusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(illegal(name, "must be a string")),
        }
    }

    fn required(&self, name: &str) -> Result<&str, ApiRefusal> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
    }

    fn line(&self, name: &str, longest: usize) -> Result<Option<String>, ApiRefusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        if text.chars().count() > longest || text.chars().any(char::is_control) {
            return Err(illegal(name, &format!("must be at most {longest} characters, without control characters")));
        }
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    fn email(&self) -> Result<Option<String>, ApiRefusal> {
        let email = self.line("email", LONGEST_EMAIL)?;
        let shaped = |text: &String| {
            let parts = text.rsplit_once('@');
            parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
                && !text.contains(char::is_whitespace)
        };
        match email {
            Some(text) if !shaped(&text) => Err(illegal("email", "must be an e-mail address")),
            other => Ok(other),
        }
    }

    fn attribute(&self, attribute: &UserAttribute) -> Result<Option<Value>, ApiRefusal> {
        let name = attribute.name.as_str();
        let value = self.0.get(name).filter(|value| !value.is_null());
        let must = match (&attribute.value, value) {
            (_, None) => return Ok(None),
            (AttributeKind::Boolean(_), Some(Value::Bool(_))) => return Ok(value.cloned()),
            (AttributeKind::Integer(_), Some(number)) if number.is_i64() => return Ok(value.cloned()),
            (AttributeKind::Text(_), Some(Value::String(text)))
                if text.chars().count() <= LONGEST_TEXT && !text.chars().any(char::is_control) =>
            {
                return Ok(value.cloned());
            }
            (AttributeKind::Boolean(_), _) => "must be true or false",
            (AttributeKind::Integer(_), _) => "must be a whole number",
            (AttributeKind::Text(_), _) => "must be a text of at most 255 characters",
        };
        Err(illegal(name, must))
    }
}

impl AttributeKind {
    /// The value of whoever never said.
    pub fn default_value(&self) -> Value {
        match self {
            Self::Boolean(value) => (*value).into(),
            Self::Integer(value) => (*value).into(),
            Self::Text(value) => value.clone().into(),
        }
    }
}

impl UsersApi {
    /// Reads `POST` to the users. Members it does not know are left alone.
    pub fn parse_new_user(&self, incoming: &Incoming<'_>) -> Result<NewUserRequest, ApiRefusal> {
        let members = Members::read(incoming)?;
        let id = members.text("id")?.filter(|id| !id.is_empty()).map(str::to_owned);
        if id.as_deref().is_some_and(|id| !is_user_id(id)) {
            return Err(illegal("id", "must be 1 to 36 of 0-9 A-Z a-z - _ . + @"));
        }
        let mut attributes = Map::new();
        for attribute in &self.attributes {
            let value = members.attribute(attribute)?.unwrap_or_else(|| attribute.value.default_value());
            attributes.insert(attribute.name.clone(), value);
        }
        Ok(NewUserRequest {
            id,
            password: members.text("password")?.filter(|text| !text.is_empty()).map(SecretString::from),
            email: members.email()?,
            phone: members.line("phone", LONGEST_PHONE)?,
            attributes,
        })
    }

    /// Reads the request for a token that allows a new password: whose.
    pub fn parse_user_id(&self, incoming: &Incoming<'_>) -> Result<String, ApiRefusal> {
        Ok(Members::read(incoming)?.required("userId")?.to_owned())
    }

    /// Reads a change of password.
    pub fn parse_password_change(&self, incoming: &Incoming<'_>) -> Result<PasswordChangeRequest, ApiRefusal> {
        let members = Members::read(incoming)?;
        Ok(PasswordChangeRequest {
            id: members.required("userId")?.to_owned(),
            password: members.required("password")?.into(),
            token: members.required("passwordChangeToken")?.into(),
        })
    }

    /// A user, their members in the guide's order.
    pub fn user_answer(&self, status: u16, user: &UserAnswer<'_>) -> WireAnswer {
        let mut members: Vec<(&str, Value)> = vec![("id", user.id.into())];
        if let Some(password) = user.password {
            members.push(("password", password.expose_secret().into()));
        }
        members.push(("email", user.email.into()));
        members.push(("phone", user.phone.into()));
        for attribute in &self.attributes {
            let value = user.attributes.get(&attribute.name).cloned();
            members.push((&attribute.name, value.unwrap_or_else(|| attribute.value.default_value())));
        }
        WireAnswer::json(status, members)
    }

    /// The token that allows a new password.
    pub fn password_token_answer(&self, id: &str, email: Option<&str>, token: &SecretString) -> WireAnswer {
        let members = vec![
            ("userId", id.into()),
            ("userEmail", email.into()),
            ("passwordChangeToken", token.expose_secret().into()),
        ];
        WireAnswer::json(200, members)
    }

    /// Whether a user is verified.
    pub fn verification_answer(&self, id: &str, verified: bool) -> WireAnswer {
        WireAnswer::json(200, vec![("userId", Value::from(id)), ("isUserVerified", verified.into())])
    }

    /// Done, and nothing to say.
    pub fn done(&self) -> WireAnswer {
        WireAnswer::empty(200)
    }
}

impl Profile {
    /// The users' API, or the refusal where the tenant has none.
    pub fn users(&self) -> Result<&UsersApi, ApiRefusal> {
        self.users_api
            .as_ref()
            .ok_or_else(|| ApiRefusal::new(ApiProblem::UnknownEntity, "clients manage no users at this tenant"))
    }
}
