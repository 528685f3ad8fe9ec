//! The tasks of a tenant.

use grantor_oauth::{ClientAuthMethod, GrantType};

use crate::{AttributeKind, Bilingual, Endpoint, Profile, RevocationAuth, UsersHost};

macro_rules! tasks {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $en:literal, $de:literal;)+) => {
        /// Something that a partner does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum TaskId { $($(#[$doc])* $variant,)+ }

        impl TaskId {
            /// Every task, in the order they are shown.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its name in addresses and documents.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Its name for people.
            pub fn title(self) -> Bilingual {
                match self { $(Self::$variant => Bilingual { en: $en.to_owned(), de: $de.to_owned() },)+ }
            }
        }
    };
}

tasks! {
    /// RFC 6749 4.4.
    ClientToken = "get_client_token", "Get client token", "Client-Token holen";
    /// Knob 44.
    CreateUser = "create_user", "Create user", "Benutzer anlegen";
    /// RFC 6749 4.3.
    UserToken = "get_user_token", "Get user token", "Benutzer-Token holen";
    /// Knob 44.
    OwnUser = "get_user", "Get user", "Benutzer abrufen";
    /// Knob 44.
    VerifyUser = "verify_user", "Verify user", "Benutzer bestätigen";
    /// Knob 44.
    RequestPasswordChange = "request_password_change", "Request password change", "Passwortänderung anfordern";
    /// Knob 44.
    ExecutePasswordChange = "execute_password_change", "Execute password change", "Passwortänderung ausführen";
    /// Knob 44.
    DeleteUser = "delete_user", "Delete user", "Benutzer löschen";
    /// RFC 6749 4.1.3.
    ExchangeCode = "exchange_code", "Exchange code for tokens", "Code gegen Token tauschen";
    /// RFC 6749 6.
    RefreshToken = "refresh_token", "Refresh token", "Token erneuern";
    /// OpenID Connect Core 5.3.
    Userinfo = "get_userinfo", "Get user information", "Benutzerinformationen abrufen";
    /// RFC 7662.
    Introspect = "introspect_token", "Inspect token", "Token prüfen";
    /// RFC 7009.
    Revoke = "revoke_token", "Revoke token", "Token widerrufen";
    /// Knob 44.
    Configuration = "get_client_configuration", "Get client configuration", "Client-Konfiguration abrufen";
    /// Knob 44.
    Configure = "change_client_configuration", "Change client configuration", "Client-Konfiguration ändern";
}

/// Whose token a task needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskAuth {
    /// None: the client says who it is.
    Client,
    /// A client's own.
    ClientToken,
    /// A user's.
    UserToken,
}

/// How a task's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskBody {
    /// There is none.
    None,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json`.
    Json,
}

/// Where a field's value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldPlace {
    /// In the body.
    Body,
    /// Into the path, where it stands in braces.
    Path,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// The same, which nobody shall read over a shoulder and no page repeats.
    Secret,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number,
}

/// One field of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskField {
    /// Its name on the wire.
    pub name: String,
    /// Its name for people.
    pub label: Bilingual,
    /// What it holds.
    pub kind: FieldKind,
    /// Where it goes.
    pub place: FieldPlace,
    /// What it is like.
    pub example: String,
    /// Whether the call makes no sense without it.
    pub required: bool,
}

/// One task at one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Which.
    pub id: TaskId,
    /// The HTTP method.
    pub method: &'static str,
    /// The path below the host's base, with `{name}` where a field goes.
    pub path: String,
    /// On which of the tenant's hosts.
    pub host: UsersHost,
    /// Whose token it needs.
    pub auth: TaskAuth,
    /// How its body is written.
    pub body: TaskBody,
    /// Members of the body that are always the same.
    pub fixed: Vec<(&'static str, &'static str)>,
    /// What is asked for.
    pub fields: Vec<TaskField>,
}

fn field(name: &str, en: &str, de: &str, kind: FieldKind, example: &str) -> TaskField {
    TaskField {
        name: name.to_owned(),
        label: Bilingual { en: en.to_owned(), de: de.to_owned() },
        kind,
        place: FieldPlace::Body,
        example: example.to_owned(),
        required: true,
    }
}

impl TaskField {
    fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    fn in_path(mut self) -> Self {
        self.place = FieldPlace::Path;
        self
    }
}

fn client() -> [TaskField; 2] {
    [
        field("client_id", "Client ID", "Client-ID", FieldKind::Text, "YOUR_CLIENT_ID"),
        field("client_secret", "Client secret", "Client-Geheimnis", FieldKind::Secret, "YOUR_CLIENT_SECRET"),
    ]
}

fn token_field() -> TaskField {
    field("token", "Token to look at or end", "Zu prüfendes oder zu beendendes Token", FieldKind::Secret, "TOKEN")
}

fn user_id() -> TaskField {
    field("userId", "User ID", "Benutzer-ID", FieldKind::Text, "username")
}

impl Profile {
    /// The tasks that this tenant has, in the order they are shown.
    pub fn tasks(&self) -> Vec<Task> {
        TaskId::ALL.iter().filter_map(|id| self.task(*id)).collect()
    }

    /// One task, where the tenant has it.
    pub fn task(&self, id: TaskId) -> Option<Task> {
        match id {
            TaskId::ClientToken => self.grant(id, GrantType::ClientCredentials, Vec::new()),
            TaskId::UserToken => self.grant(
                id,
                GrantType::Password,
                vec![
                    field("username", "User ID", "Benutzer-ID", FieldKind::Text, "username"),
                    field("password", "Password", "Passwort", FieldKind::Secret, "password"),
                ],
            ),
            TaskId::ExchangeCode => self.grant(
                id,
                GrantType::AuthorizationCode,
                vec![
                    field("code", "Code", "Code", FieldKind::Secret, "CODE"),
                    field("redirect_uri", "Redirect URI", "Redirect-URI", FieldKind::Text, "https://client.example/cb")
                        .optional(),
                    field("code_verifier", "PKCE verifier", "PKCE-Verifier", FieldKind::Secret, "VERIFIER").optional(),
                ],
            ),
            TaskId::RefreshToken => self.grant(
                id,
                GrantType::RefreshToken,
                vec![field("refresh_token", "Refresh token", "Refresh-Token", FieldKind::Secret, "REFRESH_TOKEN")],
            ),
            TaskId::Userinfo => {
                let path = self.path_of(Endpoint::Userinfo).filter(|_| self.oidc.enabled)?;
                Some(bearer(id, "GET", path, UsersHost::Identity, TaskAuth::UserToken))
            }
            TaskId::Introspect => self.of_client(id, Endpoint::Introspect),
            TaskId::Revoke if self.revocation.auth == RevocationAuth::ClientBearer => {
                let path = self.path_of(Endpoint::Revoke)?;
                let task = bearer(id, "POST", path, UsersHost::Identity, TaskAuth::ClientToken);
                Some(Task { body: TaskBody::Form, fields: vec![token_field()], ..task })
            }
            TaskId::Revoke => self.of_client(id, Endpoint::Revoke),
            _ => self.users_task(id),
        }
    }

    /// Whether clients may say who they are in the body; the tasks are for those.
    fn takes_post(&self) -> bool {
        self.token_request.client_auth.contains(&ClientAuthMethod::ClientSecretPost)
            && self.token_request.bodies.contains(&crate::BodyFormat::Form)
    }

    fn grant(&self, id: TaskId, grant: GrantType, fields: Vec<TaskField>) -> Option<Task> {
        let served = self.takes_post() && self.token_request.grants.contains(&grant);
        let path = self.path_of(Endpoint::Token).filter(|_| served)?;
        Some(Task {
            id,
            method: "POST",
            path: path.to_owned(),
            host: UsersHost::Identity,
            auth: TaskAuth::Client,
            body: TaskBody::Form,
            fixed: vec![("grant_type", grant.as_str())],
            fields: client().into_iter().chain(fields).collect(),
        })
    }

    /// A call about a token for which the client says who it is.
    fn of_client(&self, id: TaskId, endpoint: Endpoint) -> Option<Task> {
        let path = self.path_of(endpoint).filter(|_| self.takes_post())?;
        Some(Task {
            id,
            method: "POST",
            path: path.to_owned(),
            host: UsersHost::Identity,
            auth: TaskAuth::Client,
            body: TaskBody::Form,
            fixed: Vec::new(),
            fields: client().into_iter().chain([token_field()]).collect(),
        })
    }

    fn users_task(&self, id: TaskId) -> Option<Task> {
        let (api, host) = (self.users_api.as_ref()?, self.users_host());
        let at = |below: &str| format!("{}{below}", api.path);
        let json = |task: Task, fields: Vec<TaskField>| Some(Task { body: TaskBody::Json, fields, ..task });
        let new_password = || field("password", "New password", "Neues Passwort", FieldKind::Secret, "new-password");
        match id {
            TaskId::CreateUser => {
                let task = bearer(id, "POST", &api.path, host, TaskAuth::ClientToken);
                json(task, self.new_user_fields())
            }
            TaskId::OwnUser => Some(bearer(id, "GET", &api.path, host, TaskAuth::UserToken)),
            TaskId::DeleteUser => Some(bearer(id, "DELETE", &api.path, host, TaskAuth::UserToken)),
            TaskId::VerifyUser => {
                let task = bearer(id, "POST", &at("/verify/{userId}"), host, TaskAuth::ClientToken);
                Some(Task { fields: vec![user_id().in_path()], ..task })
            }
            TaskId::RequestPasswordChange => {
                json(bearer(id, "POST", &at("/requestPasswordChange"), host, TaskAuth::ClientToken), vec![user_id()])
            }
            TaskId::ExecutePasswordChange => {
                let task = bearer(id, "POST", &at("/executePasswordChange"), host, TaskAuth::ClientToken);
                let (en, de) = ("Password change token", "Token der Passwortänderung");
                let token = field("passwordChangeToken", en, de, FieldKind::Secret, "TOKEN");
                json(task, vec![user_id(), new_password(), token])
            }
            TaskId::Configuration => {
                let path = &api.configuration.as_ref()?.path;
                Some(bearer(id, "GET", path, host, TaskAuth::ClientToken))
            }
            TaskId::Configure => {
                let path = &api.configuration.as_ref()?.path;
                let seconds =
                    |name: &str, en: &str, de: &str| field(name, en, de, FieldKind::Number, "3600").optional();
                let fields = vec![
                    seconds("userAccessTokensValidityPeriod", "Users' tokens, seconds", "Benutzer-Token, Sekunden"),
                    seconds("clientAccessTokensValidityPeriod", "Client's tokens, seconds", "Client-Token, Sekunden"),
                    seconds("refreshTokensValidityPeriod", "Refresh tokens, seconds", "Refresh-Token, Sekunden"),
                ];
                json(bearer(id, "PATCH", path, host, TaskAuth::ClientToken), fields)
            }
            _ => None,
        }
    }

    fn new_user_fields(&self) -> Vec<TaskField> {
        let text =
            |name: &str, en: &str, de: &str, example: &str| field(name, en, de, FieldKind::Text, example).optional();
        let mut fields = vec![
            text("id", "User ID", "Benutzer-ID", "username"),
            field("password", "Password", "Passwort", FieldKind::Secret, "password").optional(),
            text("email", "E-mail", "E-Mail", "email@localhost.de"),
            text("phone", "Phone", "Telefon", "+49 99 999999-999"),
        ];
        fields.extend(self.users_api.iter().flat_map(|api| &api.attributes).map(|attribute| {
            let (kind, example) = match &attribute.value {
                AttributeKind::Boolean(value) => (FieldKind::Flag, value.to_string()),
                AttributeKind::Integer(value) => (FieldKind::Number, value.to_string()),
                AttributeKind::Text(value) => (FieldKind::Text, value.clone()),
            };
            field(&attribute.name, &attribute.name, &attribute.name, kind, &example).optional()
        }));
        fields
    }
}

fn bearer(id: TaskId, method: &'static str, path: &str, host: UsersHost, auth: TaskAuth) -> Task {
    Task { id, method, path: path.to_owned(), host, auth, body: TaskBody::None, fixed: Vec::new(), fields: Vec::new() }
}
