use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::{Answer, Gateway, History, Lost, Operation, Outcome, Partner, Seed, Visitor, What};

/// People who approve, at once.
const PEOPLE: usize = 6;
/// A developer may have fifty; the operator makes the others.
const OWN_CLIENTS: usize = 40;
/// What people wait between two grants, and who was not answered. All that they were told is asked
/// after again, more than once.
const BREATH: Duration = Duration::from_millis(250);
const SCOPE: &str = "openid profile offline_access";

/// Partners and people who keep a server busy, and write down what they were told.
pub struct Load {
    partner: Partner,
    history: Arc<History>,
    people: Vec<Visitor>,
    developer: Visitor,
    registered: usize,
}

impl Load {
    /// Logs everybody in, so that from now on nobody is asked for a password.
    ///
    /// # Panics
    /// When that does not work.
    pub async fn new(demo: &Value) -> Self {
        Self::at(demo, &Gateway::direct()).await
    }

    /// The same, where each service is a process of its own.
    ///
    /// # Panics
    /// When that does not work.
    pub async fn at(demo: &Value, gateway: &Gateway) -> Self {
        let partner = Partner::at(demo, "openid", gateway.another());
        let person = |kind: &str| {
            let text = |name: &str| demo[kind][name].as_str().expect("a credential").to_owned();
            Visitor::at(gateway.another(), &text("username"), &text("password"))
        };
        let mut people: Vec<Visitor> = (0..PEOPLE).map(|_| person("user")).collect();
        for visitor in &mut people {
            visitor.code(&partner.authorize_url(SCOPE)).await.expect("a first code");
        }
        let mut developer = person("developer");
        developer.visit(&form_url(&partner)).await.expect("the developer's form");
        Self { partner, history: Arc::default(), people, developer, registered: 0 }
    }

    /// What happened so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Keeps the server busy until `killed` says that it is dead: everybody ends what they do,
    /// and whatever was on its way is unknown.
    ///
    /// # Panics
    /// When somebody's session is gone.
    pub async fn run(&mut self, seed: &mut Seed, killed: Arc<AtomicBool>) {
        let mut everybody = JoinSet::new();
        for mut visitor in std::mem::take(&mut self.people) {
            let (partner, history) = (self.partner.clone(), Arc::clone(&self.history));
            let (mut seed, killed) = (seed.fork(), Arc::clone(&killed));
            everybody.spawn(async move {
                while !killed.load(Ordering::SeqCst) {
                    // Answered or not: what more is asked has to be asked after again.
                    let _ = use_a_grant(&partner, &history, &mut visitor, &mut seed).await;
                    tokio::time::sleep(BREATH).await;
                    assert!(visitor.logins <= 1, "I1: a session is gone");
                }
                visitor
            });
        }
        while !killed.load(Ordering::SeqCst) {
            self.registered += 1;
            let name = format!("Client {}", self.registered);
            // Lost or not: there is a next one.
            let _ = if self.registered <= OWN_CLIENTS {
                register(&self.partner, &self.history, &mut self.developer, seed, &name).await
            } else {
                make(&self.partner, &self.history, &name).await
            };
            tokio::time::sleep(BREATH).await;
            assert!(self.developer.logins <= 1, "I1: the developer's session is gone");
        }
        self.people = everybody.join_all().await;
    }

    /// Asks after everything that these operations were told: tokens, codes that nobody redeemed
    /// or that may have been, clients. Some redeemed codes are tried a second time.
    pub async fn ask_after(&self, operations: &[Operation], seed: &mut Seed) {
        let mut grants: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
        let mut clients = BTreeSet::new();
        for operation in operations.iter().filter(|operation| !operation.subject.is_empty()) {
            match operation.what {
                What::Register | What::Approve | What::Look => drop(clients.insert(operation.subject.as_str())),
                _ => grants.entry(&operation.subject).or_default().push(operation),
            }
        }
        let plans: Vec<(&str, Vec<&Operation>, bool)> =
            grants.into_iter().map(|(code, operations)| (code, operations, seed.percent(30))).collect();
        for some in plans.chunks(16) {
            join_all(some.iter().map(|(code, operations, again)| self.ask_after_grant(code, operations, *again))).await;
        }
        for client in clients {
            self.history.record(client, What::Look, self.partner.look(client)).await;
        }
    }

    async fn ask_after_grant(&self, code: &str, operations: &[&Operation], again: bool) {
        let introspect = async |token: &str| {
            self.history.record(code, What::Introspect(token.to_owned()), self.partner.introspect(token)).await;
        };
        let tokens: Vec<&str> = operations.iter().flat_map(|operation| told(operation)).collect();
        for token in &tokens {
            introspect(token).await;
        }
        if tokens.is_empty() || again {
            self.history.record(code, What::Exchange, self.partner.exchange(code)).await;
            for token in &tokens {
                introspect(token).await;
            }
        }
    }
}

/// The tokens that an operation was answered with.
fn told(operation: &Operation) -> impl Iterator<Item = &str> {
    let tokens = match &operation.outcome {
        Outcome::Acknowledged(Answer::Tokens { access, refresh }) => [Some(access.as_str()), refresh.as_deref()],
        _ => [None, None],
    };
    tokens.into_iter().flatten()
}

/// One code and what partners do with it.
async fn use_a_grant(partner: &Partner, history: &History, visitor: &mut Visitor, seed: &mut Seed) -> Result<(), Lost> {
    let start = history.now();
    let code = visitor.code(&partner.authorize_url(SCOPE)).await?;
    history.note(&code, What::Authorize, start, Outcome::Acknowledged(Answer::Done));
    if seed.percent(10) {
        return Ok(());
    }
    let exchange = || history.record(&code, What::Exchange, partner.exchange(&code));
    let outcome = if seed.percent(15) {
        let (one, two) = tokio::join!(exchange(), exchange());
        if matches!(one, Outcome::Acknowledged(_)) { one } else { two }
    } else {
        exchange().await
    };
    let Outcome::Acknowledged(Answer::Tokens { access, refresh: Some(mut refresh) }) = outcome else {
        return Err(Lost::instead(&outcome));
    };
    let introspect = async |token: &str| {
        history.record(&code, What::Introspect(token.to_owned()), partner.introspect(token)).await;
    };
    introspect(&access).await;
    for _ in 0..seed.below(3) {
        let what = What::Refresh(refresh.clone());
        let outcome = history.record(&code, what, partner.refresh(&refresh)).await;
        let Outcome::Acknowledged(Answer::Tokens { refresh: Some(next), .. }) = outcome else {
            return Err(Lost::instead(&outcome));
        };
        refresh = next;
    }
    let revoke = async |token: &str| {
        history.record(&code, What::Revoke(token.to_owned()), partner.revoke(token)).await;
    };
    if seed.percent(30) {
        revoke(if seed.percent(50) { &refresh } else { &access }).await;
        introspect(&access).await;
    }
    Ok(())
}

fn form_url(partner: &Partner) -> String {
    format!("{}/oauth/create_client", partner.issuer)
}

/// A developer registers a client; often the operator approves it at once.
async fn register(
    partner: &Partner,
    history: &History,
    developer: &mut Visitor,
    seed: &mut Seed,
    name: &str,
) -> Result<(), Lost> {
    let form = developer.visit(&form_url(partner)).await?;
    if form.status == 503 {
        return Err(Lost::busy(&form));
    }
    let start = history.now();
    let filled = [
        ("name", name),
        ("website", "https://client.example"),
        ("redirect_uris", "https://client.example/callback"),
        ("scopes", "openid"),
        ("kind", "confidential"),
        ("accept_terms", &terms(&form.body)),
    ];
    let made = developer.press(&form, "create", &filled).await?;
    if made.status == 503 {
        return Err(Lost::busy(&made));
    }
    let client_id = after(&made.body, "id=\"client_id\"").unwrap_or_else(|| panic!("{}: {}", made.status, made.body));
    history.note(&client_id, What::Register, start, Outcome::Acknowledged(Answer::State("pending".into())));
    if seed.percent(70) {
        history.record(&client_id, What::Approve, partner.approve(&client_id)).await;
    }
    history.record(&client_id, What::Look, partner.look(&client_id)).await;
    Ok(())
}

/// The operator makes a client.
async fn make(partner: &Partner, history: &History, name: &str) -> Result<(), Lost> {
    let start = history.now();
    let (status, made) = partner.make_client(name).await?;
    if status == 503 {
        return Err(Lost::instead(&made));
    }
    let client_id = made["client_id"].as_str().unwrap_or_else(|| panic!("{status}: {made}")).to_owned();
    history.note(&client_id, What::Register, start, Outcome::Acknowledged(Answer::State("approved".into())));
    history.record(&client_id, What::Look, partner.look(&client_id)).await;
    Ok(())
}

/// The version of the terms that the form wants accepted.
fn terms(html: &str) -> String {
    let from = html.find("id=\"accept_terms\"").expect("terms");
    let tag = &html[from..];
    tag.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version").to_owned()
}

/// The text of the element that this attribute is in.
fn after(html: &str, attribute: &str) -> Option<String> {
    let rest = html.split(attribute).nth(1)?;
    Some(rest.split_once('>')?.1.split('<').next()?.to_owned())
}
