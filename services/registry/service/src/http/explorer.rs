//! The API explorer: a partner makes real calls to this tenant's endpoints, and reads the exact
//! `curl` beside the answer. It sends only what [`grantor_profile::Task`] makes of the form, only
//! to this tenant, and keeps nothing: what was typed is in this one answer.

use grantor_crypto::{constant_time_eq, sha256};
use grantor_oauth::Params;
use grantor_pages::{
    Explorer, ExplorerError, ExplorerExchange, ExplorerField, ExplorerInput, ExplorerNeeds, ExplorerTask, Lang,
    PageError,
};
use grantor_ports::{AuthorityRole, EntropyExt};
use grantor_profile::{ApiRequest, FieldKind, Task, TaskAuth, TaskId, UsersHost};
use grantor_web::{Answer, Call, SetCookie, error_page, page};
use serde_json::Value;

use super::{Outcome, framed, lang, locale};
use crate::{Registry, commands::hex};

pub(super) const PATH: &str = "/explorer";
pub(super) const OPENAPI: &str = "/explorer/openapi.json";
pub(super) const POSTMAN: &str = "/explorer/postman.json";

/// Values that go along from task to task: who the client and the user are, and no secret.
const KEPT: [&str; 2] = ["client_id", "user"];
/// Fields of tasks that hold the user's id.
const USER_FIELDS: [&str; 3] = ["username", "userId", "id"];

/// `GET`: the first task, or the one that `task` names.
pub(super) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let query = call.query_params().unwrap_or_default();
    let task = chosen(call, query.get("task"));
    Ok(registry.explorer(call, &Form::default(), task.as_ref(), None, None))
}

/// `POST`: another task, or a call.
pub(super) async fn submit(registry: &Registry, call: &Call) -> Outcome {
    let form = Form(call.form_params().map_err(|_| error_page(call, PageError::BadRequest))?);
    let task = chosen(call, form.get("go").or(form.get("task")));
    if !is_ours(call, form.get("csrf").unwrap_or_default()) {
        let expired = Some(ExplorerError::FormExpired);
        return Ok(registry.explorer(call, &Form::default(), task.as_ref(), None, expired));
    }
    let Some(task) = task.filter(|_| form.get("go").is_none()) else {
        let task = chosen(call, form.get("go"));
        return Ok(registry.explorer(call, &form, task.as_ref(), None, None));
    };
    let request = task.request(|name| form.value(name), form.get("token_box").map(str::trim));
    let role = if task.host == UsersHost::Api { AuthorityRole::Api } else { AuthorityRole::Identity };
    let Some(answer) = registry.own.send(call, role, &request).await else {
        return Ok(registry.explorer(call, &form, Some(&task), None, Some(ExplorerError::Unreachable)));
    };
    let exchange = exchange(call, &task, &request, &answer);
    Ok(registry.explorer(call, &form, Some(&task), Some(exchange), None))
}

/// `GET` of the OpenAPI document.
pub(super) async fn openapi(_: &Registry, call: &Call) -> Outcome {
    let (identity, api) = bases(call);
    let document = call.tenant.profile.openapi(&call.tenant.name, &identity, &api);
    Ok(download(&document, "openapi.json"))
}

/// `GET` of the Postman collection.
pub(super) async fn postman(_: &Registry, call: &Call) -> Outcome {
    let (identity, api) = bases(call);
    let document = call.tenant.profile.postman(&call.tenant.name, &identity, &api);
    Ok(download(&document, "postman_collection.json"))
}

fn download(document: &Value, name: &str) -> Answer {
    let pretty = serde_json::to_vec_pretty(document).unwrap_or_default();
    let disposition = format!("attachment; filename=\"{name}\"");
    Answer::json_bytes(200, pretty).header("content-disposition", &disposition).no_store()
}

/// The tenant's hosts, as stored (C20).
fn bases(call: &Call) -> (String, String) {
    let plain = |url: &str| url.trim_end_matches('/').to_owned();
    (plain(&call.tenant.issuer), plain(&call.tenant.api))
}

/// What was typed. Not printable: it holds secrets.
#[derive(Default)]
struct Form(Params);

impl Form {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    fn value(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

fn chosen(call: &Call, wanted: Option<&str>) -> Option<Task> {
    let profile = &call.tenant.profile;
    let id = wanted.and_then(|wanted| TaskId::ALL.iter().copied().find(|id| id.as_str() == wanted));
    id.and_then(|id| profile.task(id)).or_else(|| profile.tasks().into_iter().next())
}

/// Carries the tenant, since cookies ignore ports.
fn cookie_name(call: &Call) -> String {
    let prefix = if call.https { "__Host-" } else { "" };
    let id = call.tenant.id.uuid().simple().to_string();
    format!("{prefix}grantor-{}-explorer", &id[id.len() - 12..])
}

/// Made from the cookie, which no other site can read: whoever sends it has seen our page.
fn form_token(call: &Call, cookie: &str) -> String {
    hex(&sha256(format!("explorer {} {cookie}", call.tenant.id)))
}

fn is_ours(call: &Call, csrf: &str) -> bool {
    let cookie = call.cookie(&cookie_name(call)).filter(|cookie| cookie.len() == 64);
    cookie.is_some_and(|cookie| constant_time_eq(csrf, form_token(call, &cookie)))
}

fn exchange(call: &Call, task: &Task, request: &ApiRequest, answer: &Answer) -> ExplorerExchange {
    let (identity, api) = bases(call);
    let base = if task.host == UsersHost::Api { api } else { identity };
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    ExplorerExchange {
        curl: request.curl(&base),
        status: answer.status(),
        headers: answer.headers(),
        token_kept: token_of(&text).is_some(),
        body: indented(&text),
    }
}

fn member(body: &str, name: &str) -> Option<String> {
    let document: Value = serde_json::from_str(body).ok()?;
    document.get(name)?.as_str().map(str::to_owned)
}

fn token_of(body: &str) -> Option<String> {
    member(body, "access_token")
}

/// JSON with a line for every member, in its own order; anything else as it is.
fn indented(text: &str) -> String {
    if serde_json::from_str::<Value>(text).is_err() {
        return text.to_owned();
    }
    let (mut out, mut depth, mut inside, mut escaped) = (String::new(), 0_usize, false, false);
    for c in text.chars() {
        if inside {
            out.push(c);
            inside = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                inside = true;
                out.push(c);
            }
            '{' | '[' => {
                depth += 1;
                out.push(c);
                line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

impl Registry {
    fn explorer(
        &self,
        call: &Call,
        form: &Form,
        task: Option<&Task>,
        exchange: Option<ExplorerExchange>,
        error: Option<ExplorerError>,
    ) -> Answer {
        let known = call.cookie(&cookie_name(call)).filter(|cookie| cookie.len() == 64);
        let cookie = known.clone().unwrap_or_else(|| hex(&self.entropy.bytes::<32>()));
        let lang = lang(call);
        let body = exchange.as_ref().map(|exchange| exchange.body.as_str()).unwrap_or_default();
        let token = token_of(body).or_else(|| form.value("token_box")).unwrap_or_default();
        let made = member(body, "id").filter(|_| task.is_some_and(|task| task.id == TaskId::CreateUser));
        let kept = kept(form, made);
        let mut frame = framed(call, lang);
        frame.other_language_path = frame.other_language_path.filter(|_| exchange.is_none());
        let view = Explorer {
            csrf: form_token(call, &cookie),
            action: format!("{PATH}?ui_locales={}", lang.tag()),
            tasks: titles(call, lang, task),
            needs: match task.map(|task| task.auth) {
                Some(TaskAuth::ClientToken) => ExplorerNeeds::ClientToken,
                Some(TaskAuth::UserToken) => ExplorerNeeds::UserToken,
                Some(TaskAuth::Client) | None => ExplorerNeeds::Nothing,
            },
            token,
            fields: task.map(|task| fields(task, form, &kept, lang)).unwrap_or_default(),
            // A field of this name carries the value itself.
            kept: kept
                .into_iter()
                .filter(|(name, _)| !task.is_some_and(|task| task.fields.iter().any(|field| field.name == *name)))
                .collect(),
            exchange,
            openapi_path: OPENAPI.to_owned(),
            postman_path: POSTMAN.to_owned(),
            frame,
            error,
        };
        let answer = page(if error == Some(ExplorerError::FormExpired) { 400 } else { 200 }, &view);
        if known.is_some() {
            return answer;
        }
        answer.cookie(SetCookie {
            name: cookie_name(call),
            value: cookie,
            max_age: None,
            secure: call.https,
            framed: false,
        })
    }
}

/// Who the client and the user are, from this form or the one before.
fn kept(form: &Form, made: Option<String>) -> Vec<(String, String)> {
    let typed = |names: &[&str]| names.iter().find_map(|name| form.value(name));
    let user = made.or_else(|| typed(&USER_FIELDS)).or_else(|| form.value("user"));
    let both = [form.value("client_id"), user];
    KEPT.into_iter().zip(both).filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn titles(call: &Call, lang: Lang, current: Option<&Task>) -> Vec<ExplorerTask> {
    let tasks = call.tenant.profile.tasks();
    let one = |task: &Task| ExplorerTask {
        id: task.id.as_str().to_owned(),
        title: task.id.title().get(locale(lang)).to_owned(),
        current: current.is_some_and(|current| current.id == task.id),
    };
    tasks.iter().map(one).collect()
}

/// The fields with what was typed, but for secrets.
fn fields(task: &Task, form: &Form, kept: &[(String, String)], lang: Lang) -> Vec<ExplorerField> {
    let before = |name: &str| kept.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let one = |field: &grantor_profile::TaskField| {
        let user = USER_FIELDS[..2].contains(&field.name.as_str()).then(|| before("user")).flatten();
        let value = form.value(&field.name).or_else(|| before(&field.name)).or(user);
        let (input, value) = match field.kind {
            FieldKind::Secret => (ExplorerInput::Secret, None),
            FieldKind::Text => (ExplorerInput::Text, value),
            FieldKind::Flag => (ExplorerInput::Flag, value),
            FieldKind::Number => (ExplorerInput::Number, value),
        };
        ExplorerField {
            name: field.name.clone(),
            label: field.label.get(locale(lang)).to_owned(),
            input,
            value: value.unwrap_or_default(),
            example: field.example.clone(),
            optional: !field.required,
        }
    };
    task.fields.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_shown_in_its_own_order_and_nothing_of_it_is_lost() {
        let text = r#"{"b":"x,y:{\"z\\","a":[1,{}]}"#;
        let shown = indented(text);
        assert!(shown.starts_with("{\n  \"b\": \"x,y:{"), "{shown}");
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(read(&shown), read(text));
        assert_eq!(indented("no JSON: {"), "no JSON: {");
    }
}
