use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use grantor_testkit::{Form, forms};
use reqwest::Method;
use url::Url;

use crate::{Gateway, Lost, partner::check_busy};

const PATIENCE: Duration = Duration::from_secs(60);

/// A person with a browser, on a line that may be cut at any time.
pub struct Visitor {
    gateway: Gateway,
    username: String,
    password: String,
    cookies: BTreeMap<String, String>,
    /// How often the login page was shown.
    pub logins: usize,
}

/// A page, or a redirect that leads away.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is.
    pub url: Url,
    /// Its status.
    pub status: u16,
    /// Where it leads.
    pub location: Option<Url>,
    /// What it says.
    pub body: String,
}

impl Visitor {
    /// Somebody who will say who they are when asked.
    pub fn new(username: &str, password: &str) -> Self {
        Self::at(Gateway::direct(), username, password)
    }

    /// The same, where each service is a process of its own.
    pub fn at(gateway: Gateway, username: &str, password: &str) -> Self {
        Self {
            gateway,
            username: username.to_owned(),
            password: password.to_owned(),
            cookies: BTreeMap::new(),
            logins: 0,
        }
    }

    /// Opens a page, logs in and consents where that is asked, until there is a page with
    /// something else on it or the way leads to another host.
    pub async fn visit(&mut self, url: &str) -> Result<Page, Lost> {
        let page = self.send(Method::GET, url, &[]).await?;
        self.go_on(page).await
    }

    /// A code for the partner whose authorize URL this is.
    ///
    /// # Panics
    /// When the way does not lead back to the partner with one.
    pub async fn code(&mut self, url: &str) -> Result<String, Lost> {
        let page = self.visit(url).await?;
        if page.status == 503 {
            return Err(Lost::busy(&page));
        }
        let back = page.location.as_ref().unwrap_or_else(|| panic!("{} at {}: {}", page.status, page.url, page.body));
        let code = back.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
        Ok(code.unwrap_or_else(|| panic!("no code: {back}")))
    }

    /// The same, however often it takes: on a busy machine nobody waits for a password for ever.
    ///
    /// # Panics
    /// As [`Visitor::code`], and when a minute is not enough.
    pub async fn code_in_time(&mut self, url: &str) -> String {
        let started = Instant::now();
        loop {
            match self.code(url).await {
                Ok(code) => return code,
                Err(lost) => assert!(started.elapsed() < PATIENCE, "no code within a minute: {}", lost.reason),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Presses a button of a page, with fields filled in beside those that are there.
    ///
    /// # Panics
    /// When the page has no such button.
    pub async fn press(&mut self, page: &Page, button: &str, filled: &[(&str, &str)]) -> Result<Page, Lost> {
        let form = form_with(page, button).unwrap_or_else(|| panic!("no {button} at {}: {}", page.url, page.body));
        let target = page.url.join(&form.action).expect("a form's action");
        let kept = form.fields.iter().filter(|(name, _)| !filled.iter().any(|(other, _)| other == name));
        let mut fields: Vec<(&str, &str)> = kept.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let value = form.buttons.iter().find(|(name, _)| name == button).map_or("", |(_, value)| value);
        fields.extend_from_slice(filled);
        fields.push((button, value));
        self.send(Method::POST, target.as_str(), &fields).await
    }

    /// Follows redirects, logs in, consents.
    pub async fn go_on(&mut self, mut page: Page) -> Result<Page, Lost> {
        for _ in 0..16 {
            page = if let Some(next) = page.location.clone() {
                if next.authority() != page.url.authority() {
                    return Ok(page);
                }
                self.send(Method::GET, next.as_str(), &[]).await?
            } else if form_with(&page, "login").is_some() {
                self.logins += 1;
                let (username, password) = (self.username.clone(), self.password.clone());
                self.press(&page, "login", &[("username", &username), ("password", &password)]).await?
            } else if form_with(&page, "approve").is_some() {
                self.press(&page, "approve", &[]).await?
            } else {
                return Ok(page);
            };
        }
        panic!("round in circles, now at {}", page.url)
    }

    /// Opens a page, following redirects on its host, but says nothing on it.
    pub async fn open(&mut self, url: &str) -> Result<Page, Lost> {
        let mut page = self.send(Method::GET, url, &[]).await?;
        for _ in 0..8 {
            match page.location.clone() {
                Some(next) if next.authority() == page.url.authority() => {
                    page = self.send(Method::GET, next.as_str(), &[]).await?;
                }
                _ => return Ok(page),
            }
        }
        panic!("round in circles, now at {}", page.url)
    }

    /// Its cookies: names and values.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cookies.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Asks for something; the form's fields go with a POST.
    pub async fn send(&mut self, method: Method, url: &str, fields: &[(&str, &str)]) -> Result<Page, Lost> {
        let url = Url::parse(url).expect("a URL");
        let jar: Vec<String> = self.cookies().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.gateway.request(method.clone(), url.as_str()).header("accept", "text/html");
        if !jar.is_empty() {
            request = request.header("cookie", jar.join("; "));
        }
        if method == Method::POST {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            request = request.header("origin", url.origin().ascii_serialization()).body(body);
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let answer = request.send().await?;
        check_busy(&answer)?;
        for cookie in answer.headers().get_all("set-cookie") {
            let text = cookie.to_str().expect("a cookie");
            let (name, value) = text.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if text.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = answer.headers().get("location").and_then(|to| url.join(to.to_str().ok()?).ok());
        let status = answer.status().as_u16();
        Ok(Page { url, status, location, body: answer.text().await? })
    }
}

fn form_with(page: &Page, button: &str) -> Option<Form> {
    forms(&page.body).into_iter().find(|form| form.buttons.iter().any(|(name, _)| name == button))
}
