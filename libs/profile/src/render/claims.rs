//! Which claims go where: knob 13 and the `claims` parameter.

use grantor_oauth::{ClaimDemand, ClaimsRequest, Scope, ScopeSet};

use crate::Profile;

/// Claims about the authentication itself; no scope brings them and none is needed.
const PROTOCOL_CLAIMS: [&str; 4] = ["sub", "acr", "auth_time", "amr"];

/// A claim to answer if the directory has it.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimWanted {
    /// The claim.
    pub name: String,
    /// What the `claims` parameter said about it; nothing special when a scope brought it.
    pub demand: ClaimDemand,
}

/// Claims wanted in the two places, each claim once, scopes' claims first in catalogue order.
/// `sub` and the protocol's own claims are not in it unless they were demanded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClaimsWanted {
    /// From the userinfo endpoint.
    pub userinfo: Vec<ClaimWanted>,
    /// In the ID token.
    pub id_token: Vec<ClaimWanted>,
}

impl Profile {
    /// The claims that granted scopes and the `claims` parameter ask for (OpenID Connect Core
    /// 5.4, 5.5). `request` must come from [`Profile::complete_authorize`], which has cut it to
    /// what the client may have.
    pub fn claims_for(&self, granted: &ScopeSet, request: &ClaimsRequest) -> ClaimsWanted {
        let mut wanted = ClaimsWanted::default();
        for entry in self.scopes.catalogue.iter().filter(|entry| granted.contains(&entry.name)) {
            for name in &entry.claims {
                add(&mut wanted.userinfo, name, &ClaimDemand::default());
                if self.oidc.scope_claims_in_id_token {
                    add(&mut wanted.id_token, name, &ClaimDemand::default());
                }
            }
        }
        request.userinfo.iter().for_each(|(name, demand)| add(&mut wanted.userinfo, name, demand));
        request.id_token.iter().for_each(|(name, demand)| add(&mut wanted.id_token, name, demand));
        wanted
    }

    /// The scopes whose claims a `claims` parameter names, so that the consent page can say
    /// what is asked for beyond the requested scopes.
    pub fn scopes_behind(&self, request: &ClaimsRequest) -> ScopeSet {
        let named = |claim: &String| request.names().any(|name| name == claim);
        let entries = self.scopes.catalogue.iter().filter(|entry| entry.claims.iter().any(named));
        entries.filter_map(|entry| Scope::new(&entry.name).ok()).collect()
    }

    /// Whether a claim is about the authentication and not the user's data.
    pub fn is_protocol_claim(&self, name: &str) -> bool {
        PROTOCOL_CLAIMS.contains(&name)
    }
}

fn add(list: &mut Vec<ClaimWanted>, name: &str, demand: &ClaimDemand) {
    match list.iter_mut().find(|wanted| wanted.name == name) {
        Some(wanted) => wanted.demand = demand.clone(),
        None => list.push(ClaimWanted { name: name.to_owned(), demand: demand.clone() }),
    }
}
