//! The names of deviations.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// A way in which a profile can be weaker than RFC 9700, OAuth 2.1 or FAPI 2.0. Profiles
        /// acknowledge theirs by these names, so a name is never taken away and never means
        /// something else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum DeviationId {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)*
        }

        impl DeviationId {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in documents.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

ids! {
    /// Knob 5.
    ResponseTypeDefaulted = "response_type_defaulted",
    /// Knob 6.
    DefaultRedirectUri = "default_redirect_uri",
    /// Knob 7.
    RedirectUriUnchecked = "redirect_uri_unchecked",
    /// Knob 9.
    ConstantScope = "constant_scope",
    /// Knob 9.
    ScopeCommas = "scope_commas",
    /// Knob 11.
    EverythingByDefault = "everything_by_default",
    /// Knob 12.
    ExcessScopeIgnored = "excess_scope_ignored",
    /// Knob 14.
    StateOptional = "state_optional",
    /// Knob 14.
    StateOptionalOfConfidential = "state_optional_of_confidential",
    /// Knob 15.
    NonceAlias = "nonce_alias",
    /// Knob 16.
    PkceOptional = "pkce_optional",
    /// Knob 16.
    PkceOfPublicOnly = "pkce_of_public_only",
    /// Knob 17.
    SharedSecrets = "shared_secrets",
    /// Knob 17.
    PublicClients = "public_clients",
    /// Knob 17.
    QueryParameters = "query_parameters",
    /// Knob 18.
    JsonTokenRequest = "json_token_request",
    /// Knob 19.
    PasswordGrant = "password_grant",
    /// Knob 21.
    ExpiryUntold = "expiry_untold",
    /// Knob 27.
    ShortAccessTokens = "short_access_tokens",
    /// Knob 27.
    TokenReused = "token_reused",
    /// Knob 27.
    OfflineTokens = "offline_tokens",
    /// Knob 27.
    BearerTokens = "bearer_tokens",
    /// Knob 28.
    ShortCodes = "short_codes",
    /// Knob 28.
    JwtShapedCodes = "jwt_shaped_codes",
    /// Knob 29.
    CodesOverAMinute = "codes_over_a_minute",
    /// Knob 29.
    LongCodes = "long_codes",
    /// Knob 30.
    LongAccessTokens = "long_access_tokens",
    /// Knob 31.
    ShortRefreshTokens = "short_refresh_tokens",
    /// Knob 31.
    EndlessRefresh = "endless_refresh",
    /// Knob 31.
    LongIdleRefresh = "long_idle_refresh",
    /// Knob 32.
    NoRotation = "no_rotation",
    /// Knob 32.
    Rotation = "rotation",
    /// Knob 34.
    RevocationByBearer = "revocation_by_bearer",
    /// Knob 35.
    RevocationOracle = "revocation_oracle",
    /// Knob 36.
    IssuerUntold = "issuer_untold",
    /// Knob 37.
    ReflectedInput = "reflected_input",
    /// Knob 38.
    UserStateTold = "user_state_told",
    /// Knob 39.
    ShortClientSecrets = "short_client_secrets",
    /// Knob 39.
    SecretIsApiKey = "secret_is_api_key",
    /// Knob 41.
    AddressesUnverified = "addresses_unverified",
    /// Knob 43.
    Framing = "framing",
    /// Knob 44.
    PasswordEcho = "password_echo",
    /// Knob 44.
    ChosenUserIds = "chosen_user_ids",
    /// Knob 44.
    ShortUserPasswords = "short_user_passwords",
    /// Knob 2.
    TokenInLink = "token_in_link",
    /// Knob 2.
    AccountNumbersInRequests = "account_numbers_in_requests",
    /// Knob 2.
    UnpushedRequests = "unpushed_requests",
    /// Knob 25.
    Rs256 = "rs256",
}
