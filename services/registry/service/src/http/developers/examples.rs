//! The calls that the portal shows: those that the explorer makes, with placeholders.

use grantor_profile::{
    Dpop, Endpoint, PkceRule, Profile, RedirectAtAuthorize, ResponseTypeRule, TaskAuth, TaskId, UsersHost,
};
use grantor_web::Call;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Stands where a developer's own client id belongs.
pub(super) const CLIENT_ID: &str = "YOUR_CLIENT_ID";

/// What a query leaves as it is: RFC 3986's unreserved characters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What the examples are about.
pub(super) struct Examples<'c> {
    profile: &'c Profile,
    issuer: &'c str,
    api: &'c str,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
}

impl<'c> Examples<'c> {
    /// Of the tenant, with these for a client.
    pub(super) fn of(call: &'c Call, client_id: Option<String>, redirect_uri: Option<String>) -> Self {
        Self {
            profile: &call.tenant.profile,
            issuer: call.tenant.issuer.trim_end_matches('/'),
            api: call.tenant.api.trim_end_matches('/'),
            client_id: client_id.unwrap_or_else(|| CLIENT_ID.to_owned()),
            redirect_uri: redirect_uri.unwrap_or_else(|| "https://app.example/callback".to_owned()),
        }
    }

    /// The address of an endpoint, where the tenant has it.
    pub(super) fn address(&self, endpoint: Endpoint) -> Option<String> {
        self.profile.path_of(endpoint).map(|path| format!("{}{path}", self.issuer))
    }

    /// A link that people are sent to: what the profile requires, and `state`.
    pub(super) fn authorize_link(&self) -> Option<String> {
        let authorize = self.address(Endpoint::Authorize)?;
        let rules = &self.profile.authorize;
        let challenge = rules.pkce != PkceRule::Accepted;
        let pairs = [
            (rules.response_type == ResponseTypeRule::Required, "response_type", "code"),
            (true, "client_id", &self.client_id),
            (rules.redirect_uri == RedirectAtAuthorize::Required, "redirect_uri", &self.redirect_uri),
            (true, "state", "A_RANDOM_VALUE"),
            (challenge, "code_challenge", "SHA256_OF_YOUR_VERIFIER"),
            (challenge, "code_challenge_method", "S256"),
        ];
        let needed = pairs.into_iter().filter(|(needed, ..)| *needed);
        let query: Vec<_> =
            needed.map(|(_, name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY))).collect();
        Some(format!("{authorize}?{}", query.join("&")))
    }

    /// The command that makes a call of the explorer.
    pub(super) fn curl(&self, id: TaskId) -> Option<String> {
        let task = self.profile.task(id)?;
        let base = if task.host == UsersHost::Api { self.api } else { self.issuer };
        let value = |name: &str| match name {
            "client_id" => Some(self.client_id.clone()),
            "redirect_uri" => Some(self.redirect_uri.clone()),
            _ => {
                task.fields.iter().find(|field| field.name == name && field.required).map(|field| field.example.clone())
            }
        };
        let token = (task.auth != TaskAuth::Client).then_some("ACCESS_TOKEN");
        Some(task.request(value, token).curl(base))
    }

    /// The command that calls the tenant's API.
    pub(super) fn api_call(&self) -> String {
        let shown = match self.profile.access_tokens.dpop {
            Dpop::Required => "-H 'Authorization: DPoP ACCESS_TOKEN' -H 'DPoP: A_PROOF_OF_THIS_CALL'",
            Dpop::Off | Dpop::Optional => "-H 'Authorization: Bearer ACCESS_TOKEN'",
        };
        format!("curl {shown} '{}/…'", self.api)
    }
}
