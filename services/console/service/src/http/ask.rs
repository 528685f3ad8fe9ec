use grantor_eventsourcing::{Actor, Meta, Version};
use grantor_ids::OperatorId;
use grantor_oauth::Params;
use grantor_ports::Page;
use grantor_web::Request;
use percent_encoding::percent_decode_str;

use super::{members::Members, problem::Problem};

/// Items of a page when nothing is said, and at most.
const LIMIT: u32 = 50;
const MOST: u32 = 200;

/// What an operator asks for.
pub(super) struct Ask {
    request: Request,
    operator: OperatorId,
    query: Params,
}

impl Ask {
    /// Refuses a query with parameters that the operation does not know.
    pub fn new(request: Request, operator: OperatorId, known: &[(&str, &str)]) -> Result<Self, Problem> {
        let query = request.query_params().map_err(|cause| Problem::Malformed(cause.to_string()))?;
        for (name, _) in query.iter() {
            if !known.iter().any(|(known, _)| *known == name) {
                let name: String = name.chars().take(40).collect();
                return Err(Problem::Malformed(format!("the query parameter '{name}' is not known here")));
            }
        }
        Ok(Self { request, operator, query })
    }

    /// The circumstances of the events that this causes.
    pub fn meta(&self) -> Meta {
        self.request.meta(Actor::Operator(self.operator))
    }

    /// A part of the path, decoded.
    pub fn param(&self, name: &str) -> Result<String, Problem> {
        let decoded = percent_decode_str(self.request.param(name)).decode_utf8();
        decoded.map(Into::into).map_err(|_| Problem::Malformed("the path is not UTF-8".into()))
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name)
    }

    /// Which page of a list.
    pub fn page(&self) -> Result<Page, Problem> {
        let limit = match self.query.get("limit").map(str::parse::<u32>) {
            None => LIMIT,
            Some(Ok(limit)) if (1..=MOST).contains(&limit) => limit,
            Some(_) => return Err(Problem::Malformed("limit must be a number from 1 to 200".into())),
        };
        Ok(Page { after: self.query.get("after").map(str::to_owned), limit })
    }

    /// The body's bytes, which must be JSON by their content type.
    pub fn json(&self) -> Result<&[u8], Problem> {
        match self.request.content_type().as_deref() {
            Some("application/json") => Ok(&self.request.body),
            _ => Err(Problem::MediaType),
        }
    }

    /// The body's bytes, which must be a JSON patch (RFC 6902) by their content type.
    pub fn json_patch(&self) -> Result<&[u8], Problem> {
        match self.request.content_type().as_deref() {
            Some("application/json-patch+json" | "application/json") => Ok(&self.request.body),
            _ => Err(Problem::MediaType),
        }
    }

    /// The version that the caller has seen, as `If-Match` names it.
    pub fn if_match(&self) -> Result<Option<Version>, Problem> {
        let Some(tag) = self.request.header("if-match") else { return Ok(None) };
        let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse().ok());
        version.map(Some).ok_or_else(|| Problem::Malformed("If-Match must hold one tag of this resource".into()))
    }

    /// The members of the body's object.
    pub fn members(&self) -> Result<Members, Problem> {
        Members::parse(self.json()?)
    }

    /// Refuses a body that says something: this operation takes nothing.
    pub fn no_body(&self) -> Result<(), Problem> {
        if self.request.body.is_empty() { Ok(()) } else { self.members()?.finish() }
    }
}
