use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use grantor_crypto::MacKey;
use grantor_egress::{PeerAnswer, PeerClient, PeerError};
use grantor_ports::{Clock, PortError};
use grantor_telemetry::PeerMetrics;
use serde::de::DeserializeOwned;

use crate::{
    Role,
    call::{Arguments, Kind, Reply},
    circuit::Circuit,
    sign::{Signed, answer_mac},
};

/// How long calls may take.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// A status that a token request waits for.
    pub status: Duration,
    /// What a person waits for.
    pub person: Duration,
    /// What an operator waits for: commands make keys and write more.
    pub operator: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { status: Duration::from_millis(200), person: seconds(1), operator: seconds(5) }
    }
}

impl Deadlines {
    const fn of(&self, kind: Kind) -> Duration {
        match kind {
            Kind::Status => self.status,
            Kind::Read | Kind::Write => self.person,
            Kind::List | Kind::Command => self.operator,
        }
    }
}

/// Another process that owns something.
pub struct Peer {
    owner: Role,
    client: PeerClient,
    clock: Arc<dyn Clock>,
    deadlines: Deadlines,
    circuit: Circuit,
    metrics: PeerMetrics,
}

impl Peer {
    /// The process that runs `owner`. The clock is the machine's, whatever the tenants' say.
    pub fn new(
        owner: Role,
        client: PeerClient,
        clock: Arc<dyn Clock>,
        deadlines: Deadlines,
        metrics: PeerMetrics,
    ) -> Arc<Self> {
        Arc::new(Self { owner, client, clock, deadlines, circuit: Circuit::new(), metrics })
    }
}

/// One service as it calls a peer.
#[derive(Clone)]
pub struct Caller {
    peer: Arc<Peer>,
    role: Role,
    key: MacKey,
}

impl Caller {
    /// As this service, with the key that the two share.
    pub fn new(peer: Arc<Peer>, role: Role, key: MacKey) -> Self {
        Self { peer, role, key }
    }

    /// Calls a method of a port: the answer, a refusal, or nothing.
    pub(crate) async fn call<T: DeserializeOwned, E: DeserializeOwned>(
        &self,
        kind: Kind,
        path: &'static str,
        arguments: Arguments,
    ) -> Result<Result<T, E>, PortError> {
        let deadline = self.peer.deadlines.of(kind);
        let body = self.send(kind.repeatable(), path, arguments.into_body(), deadline).await?;
        let reply: Reply<T, E> = serde_json::from_slice(&body).map_err(|cause| {
            // The cause of such an error quotes no value, only names and places.
            let (category, column) = (cause.classify(), cause.column());
            tracing::error!(peer = %self.peer.owner, path, ?category, column, "an answer cannot be read");
            PortError::Unavailable
        })?;
        Ok(reply.into())
    }

    /// Sends one body; answers that of a 200. At most one retry, when nothing had been sent.
    pub(crate) async fn send(
        &self,
        repeatable: bool,
        path: &'static str,
        body: Vec<u8>,
        deadline: Duration,
    ) -> Result<Vec<u8>, PortError> {
        let Peer { circuit, metrics, owner, .. } = self.peer.as_ref();
        let started = Instant::now();
        if !circuit.admits(started) {
            metrics.called(owner.name(), path, "open", Duration::ZERO);
            return Err(PortError::Unavailable);
        }
        let mut outcome = self.once(path, body.clone(), deadline).await;
        let unsent = matches!(outcome, Err(PeerError::NotConnected));
        if unsent && repeatable && circuit.spends_retry() {
            outcome = self.once(path, body, deadline.saturating_sub(started.elapsed())).await;
        }
        let word = match &outcome {
            Ok(Some(_)) => "answered",
            Ok(None) => "refused",
            Err(PeerError::Late) => "late",
            Err(PeerError::NotConnected) => "unreachable",
            Err(PeerError::Broken) => "broken",
        };
        metrics.called(owner.name(), path, word, started.elapsed());
        match outcome {
            Ok(answer) => {
                circuit.answered();
                answer.ok_or(PortError::Unavailable)
            }
            Err(cause) => {
                circuit.failed(Instant::now());
                tracing::warn!(peer = %owner, path, %cause, "a peer gave no answer");
                Err(PortError::Unavailable)
            }
        }
    }

    /// `None` when the peer answered, but not what was asked for.
    async fn once(&self, path: &str, body: Vec<u8>, deadline: Duration) -> Result<Option<Vec<u8>>, PeerError> {
        let at = self.peer.clock.real().timestamp();
        let signed = Signed { caller: self.role, callee: self.peer.owner, at, path, body: &body };
        let authorization = signed.header(&self.key);
        let mut headers = vec![("authorization", authorization.clone()), ("content-type", "application/json".into())];
        headers.extend(grantor_telemetry::trace_parent().map(|trace| ("traceparent", trace)));
        let PeerAnswer { status, mac, body } = self.peer.client.post(path, &headers, body, deadline).await?;
        let peer = self.peer.owner.name();
        let genuine = || {
            let expected = answer_mac(&self.key, &authorization, status, &body);
            grantor_crypto::constant_time_eq(expected, &mac)
        };
        match status {
            200 if genuine() => return Ok(Some(body)),
            200 => tracing::error!(peer, path, "an answer is not from the peer that was called"),
            401 => tracing::error!(peer, path, "the peer does not know us: do both have the same internal.key?"),
            403 => tracing::error!(peer, path, "the peer does not let this service call that"),
            404 => tracing::error!(peer, path, "the peer does not know this call: is it an older version?"),
            _ => tracing::error!(peer, path, status, "the peer failed"),
        }
        Ok(None)
    }
}
