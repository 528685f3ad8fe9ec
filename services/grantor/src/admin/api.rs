use std::{
    io::{ErrorKind, IsTerminal, Read, Write},
    path::Path,
    time::Duration,
};

use grantor_host::DataFolder;
use serde_json::Value;
use ureq::{Agent, http::Request};

use crate::{
    cli::{Api, Place},
    demo,
    failure::Failure,
};

/// The admin API of a running Grantor.
pub struct Admin {
    agent: Agent,
    at: String,
    token: String,
}

impl Admin {
    /// Finds the API and a token: as told, else from the data folder.
    pub fn find(api: &Api, place: &Place) -> Result<Self, Failure> {
        let running = || DataFolder::new(&place.data, None).running().map(|running| running.admin);
        let at = api.admin.clone().or_else(running).ok_or_else(|| {
            let data = place.data.display();
            Failure::Usage(format!("no Grantor runs on {data}: start one, or say where with --admin URL"))
        })?;
        let token = api.token.clone().or_else(|| demo::operator_token(&place.data)).ok_or_else(|| {
            Failure::Usage("no operator token: set GRANTOR_TOKEN to the one that `grantor init` printed".into())
        })?;
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
        Ok(Self { agent: config.build().into(), at: at.trim_end_matches('/').to_owned(), token })
    }

    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call("GET", path, None)
    }

    pub fn post(&self, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        self.call("POST", path, body)
    }

    pub fn put(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call("PUT", path, Some(body))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call("PATCH", path, Some(body))
    }

    /// A JSON patch (RFC 6902) for the version that was read.
    pub fn json_patch(&self, path: &str, patch: &Value, version: &str) -> Result<Value, Failure> {
        let headers = [("content-type", "application/json-patch+json"), ("if-match", version)];
        self.call_with("PATCH", path, Some(patch), &headers)
    }

    pub fn delete(&self, path: &str) -> Result<Value, Failure> {
        self.call("DELETE", path, None)
    }

    /// All items of a list, page by page.
    pub fn list(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let (mut items, mut after) = (Vec::new(), None::<String>);
        loop {
            let separator = if path.contains('?') { '&' } else { '?' };
            let page = after.as_deref().map(|after| format!("&after={}", encode(after))).unwrap_or_default();
            let mut answer = self.get(&format!("{path}{separator}limit=200{page}"))?;
            if let Some(found) = answer["items"].as_array_mut() {
                items.append(found);
            }
            match answer["next"].as_str() {
                Some(next) => after = Some(next.to_owned()),
                None => return Ok(items),
            }
        }
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let headers: &[_] = if body.is_some() { &[("content-type", "application/json")] } else { &[] };
        self.call_with(method, path, body, headers)
    }

    fn call_with(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<Value, Failure> {
        let text = body.map(Value::to_string).unwrap_or_default();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.at))
            .header("authorization", format!("Bearer {}", self.token))
            .header("accept", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(text).map_err(|cause| Failure::Usage(format!("not a request: {cause}")))?;
        let unreachable = |cause: ureq::Error| Failure::Unreachable { at: self.at.clone(), cause: cause.to_string() };
        let mut response = self.agent.run(request).map_err(unreachable)?;
        let text = response.body_mut().read_to_string().map_err(unreachable)?;
        let answer: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if response.status().is_success() {
            return Ok(answer);
        }
        let detail = answer["detail"].as_str().or(answer["title"].as_str()).unwrap_or("refused");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors: Vec<_> = answer["errors"].as_array().into_iter().flatten().collect();
        let told = match errors.as_slice() {
            [] => String::new(),
            [one] => format!(" ({})", text(&one["pointer"])),
            many => many.iter().map(|one| format!("\n  {}: {}", text(&one["pointer"]), text(&one["detail"]))).collect(),
        };
        Err(Failure::Refused(format!("{}: {detail}{told}", response.status().as_u16())))
    }
}

/// A path segment or query value.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// A JSON document from a file, or from standard input (`-`).
pub fn document(path: &Path) -> Result<Value, Failure> {
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map_err(Failure::file("standard input"))?;
    } else {
        text = std::fs::read_to_string(path).map_err(Failure::file(path.display()))?;
    }
    serde_json::from_str(&text).map_err(|cause| Failure::Usage(format!("{}: {cause}", path.display())))
}

/// Prints an answer: JSON, one document.
pub fn show(answer: &Value) {
    if answer.is_null() {
        if std::io::stdout().is_terminal() {
            println!("Done.");
        }
        return;
    }
    print(&serde_json::to_string_pretty(answer).unwrap_or_default());
}

/// Prints lines. Whoever reads them may have seen enough (`grantor … | head`): that is no failure.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    if let Err(cause) = written.as_ref().map_err(|cause| cause.kind())
        && cause != ErrorKind::BrokenPipe
    {
        eprintln!("grantor: standard output: {cause}");
    }
}

/// Prints a list: one line per item, the named members in columns.
pub fn table(items: &[Value], members: &[&str]) {
    let cell = |item: &Value, member: &&str| match &item[*member] {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    let mut rows: Vec<Vec<String>> = vec![members.iter().map(|member| member.to_uppercase()).collect()];
    rows.extend(items.iter().map(|item| members.iter().map(|member| cell(item, member)).collect()));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..members.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    print(&rows.iter().map(line).collect::<Vec<_>>().join("\n"));
}
