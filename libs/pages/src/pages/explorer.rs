use askama::Template;

use crate::Frame;

/// The API explorer. One form: posts `csrf`, `task`, `token` (the token box), the task's fields by
/// their names, and the pressed button: `run`, or `go` with another task's id as value, which
/// shows that task with the token box as it was. Secrets that were typed are never filled in
/// again; the `curl` holds what was sent, for the person who sent it.
#[derive(Clone, Template)]
#[template(path = "explorer.html")]
pub struct Explorer {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the browser (C25).
    pub csrf: String,
    /// Where the form posts to: a path with query, without the base.
    pub action: String,
    /// Every task of the tenant.
    pub tasks: Vec<ExplorerTask>,
    /// What the current task needs in the token box.
    pub needs: ExplorerNeeds,
    /// The token box.
    pub token: String,
    /// What the current task asks for.
    pub fields: Vec<ExplorerField>,
    /// Values of other tasks that go along: name and value.
    pub kept: Vec<(String, String)>,
    /// What was sent and what came back.
    pub exchange: Option<ExplorerExchange>,
    /// Why nothing was sent.
    pub error: Option<ExplorerError>,
    /// Where the OpenAPI document is: a path without the base.
    pub openapi_path: String,
    /// Where the Postman collection is: a path without the base.
    pub postman_path: String,
}

/// A task in the list.
#[derive(Clone)]
pub struct ExplorerTask {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Whether it is the current one.
    pub current: bool,
}

/// Whose token a task needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExplorerNeeds {
    /// None.
    Nothing,
    /// A client's own.
    ClientToken,
    /// A user's.
    UserToken,
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExplorerInput {
    /// A line of text.
    Text,
    /// The same, hidden.
    Secret,
    /// Nothing, `true` or `false`.
    Flag,
    /// A whole number.
    Number,
}

/// One field.
#[derive(Clone)]
pub struct ExplorerField {
    /// Its name on the wire and in the form.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// What it takes.
    pub input: ExplorerInput,
    /// What was typed; empty for secrets.
    pub value: String,
    /// What it is like.
    pub example: String,
    /// Whether it can be left out.
    pub optional: bool,
}

/// What was sent and what came back.
#[derive(Clone)]
pub struct ExplorerExchange {
    /// The `curl` that sends the same.
    pub curl: String,
    /// The status.
    pub status: u16,
    /// The headers of the answer.
    pub headers: Vec<(String, String)>,
    /// The body of the answer; empty when there was none.
    pub body: String,
    /// Whether the answer brought a token, which is in the token box now.
    pub token_kept: bool,
}

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExplorerError {
    /// The form was too old or not ours.
    FormExpired,
    /// The endpoint is not reached from here.
    Unreachable,
}

impl Explorer {
    fn current(&self) -> Option<&ExplorerTask> {
        self.tasks.iter().find(|task| task.current)
    }

    fn error_text(&self) -> Option<&'static str> {
        let t = self.frame.texts();
        Some(match self.error? {
            ExplorerError::FormExpired => t.shared.form_expired,
            ExplorerError::Unreachable => t.explorer.unreachable,
        })
    }

    fn needs_text(&self) -> &'static str {
        let t = &self.frame.texts().explorer;
        match self.needs {
            ExplorerNeeds::Nothing => t.needs_nothing,
            ExplorerNeeds::ClientToken => t.needs_client,
            ExplorerNeeds::UserToken => t.needs_user,
        }
    }
}

impl ExplorerExchange {
    const fn is_good(&self) -> bool {
        self.status < 400
    }
}
