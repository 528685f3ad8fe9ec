use grantor_pages::*;

use super::{Words, at, signed_in};

/// The pages of webhooks.
pub fn pages(lang: Lang, words: &Words) -> Vec<(&'static str, String)> {
    let place = WebhookPlace {
        name: words.client.to_owned(),
        back: "/clients/fc9c55".to_owned(),
        list: "/clients/fc9c55/webhooks".to_owned(),
        panel: None,
    };
    let path = || "/clients/fc9c55/webhooks/whe_1".to_owned();
    let events = ["oauth.authorization.revoked", "oauth.client.suspended"].map(|name| (name.to_owned(), true));
    let form = WebhookForm {
        url: words.url.to_owned(),
        description: words.free_text.to_owned(),
        events: events.to_vec(),
        format: "tenant".to_owned(),
        signing: "both".to_owned(),
        max_per_second: "25".to_owned(),
        problem: None,
    };
    let good = WebhookHealthLine { pending: 0, last_success: Some(at(90)), ..WebhookHealthLine::default() };
    let bad = WebhookHealthLine {
        pending: 1204,
        last_success: Some(at(0)),
        failing_since: Some(at(60)),
        next_probe: Some(at(120)),
    };
    let row = |state, health: &WebhookHealthLine| WebhookRow {
        id: "whe_1".to_owned(),
        url: words.url.to_owned(),
        description: words.free_text.to_owned(),
        state,
        events: vec!["oauth.authorization.revoked".to_owned()],
        health: Some(health.clone()),
        path: path(),
    };
    let list = Webhooks {
        frame: signed_in(lang, words),
        csrf: super::csrf(),
        place: place.clone(),
        endpoints: vec![row(WebhookStateName::Active, &good), row(WebhookStateName::Failing, &bad)],
        form: Some(form.clone()),
    };
    let empty = Webhooks {
        endpoints: Vec::new(),
        form: Some(WebhookForm { problem: Some(WebhookFormProblem::Url), ..form.clone() }),
        ..list.clone()
    };
    let key = |id: &str, ends| WebhookKey {
        id: id.to_owned(),
        public_key: "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".to_owned(),
        created_at: at(0),
        ends,
    };
    let entry = |state, last: &str, next_at| WebhookLogEntry {
        message_id: "evt_0192f0c100007000800000000000000a".to_owned(),
        event: "oauth.authorization.revoked".to_owned(),
        at: at(60),
        state,
        attempts: 3,
        next_at,
        last: last.to_owned(),
        path: format!("{}/deliveries/evt_0192f0c1", path()),
    };
    let endpoint = WebhookEndpoint {
        frame: signed_in(lang, words),
        csrf: super::csrf(),
        place: place.clone(),
        action: path(),
        id: "whe_1".to_owned(),
        url: words.url.to_owned(),
        state: WebhookStateName::Active,
        health: Some(bad.clone()),
        form,
        keys: vec![key("0192f0c1a2b3", None), key("5f3e2d1c0b9a", Some((at(86_400), 1439)))],
        log: Some(vec![
            entry(DeliveryStateName::Pending, "503", Some(at(120))),
            entry(DeliveryStateName::Delivered, "204", None),
            entry(DeliveryStateName::Failed, "timeout", None),
        ]),
        only: None,
        older: Some(format!("{}?after=x#log", path())),
        history: Vec::new(),
        may_run: true,
        may_manage: true,
        notice: Some(WebhookNotice::Tested),
    };
    let looked_at = WebhookEndpoint {
        state: WebhookStateName::Gone,
        log: None,
        health: None,
        older: None,
        may_run: false,
        may_manage: false,
        notice: Some(WebhookNotice::NotPossible),
        ..endpoint.clone()
    };
    let history = super::panel::events(words);
    let of_tenant = WebhookPlace { panel: Some(super::panel::place(words)), ..place.clone() };
    let run = WebhookEndpoint {
        place: of_tenant,
        history,
        may_run: true,
        state: WebhookStateName::Paused,
        ..looked_at.clone()
    };
    let attempt = |number, status, error: Option<&str>| WebhookAttempt {
        number,
        trigger: "schedule".to_owned(),
        at: at(60),
        duration_ms: 214,
        timings: vec![("dns".to_owned(), 3), ("connect".to_owned(), 11), ("first_byte".to_owned(), 199)],
        status,
        error: error.map(str::to_owned),
        response: words.free_text.to_owned(),
    };
    let delivery = WebhookDelivery {
        frame: signed_in(lang, words),
        csrf: super::csrf(),
        place: place.clone(),
        endpoint_path: path(),
        url: words.url.to_owned(),
        action: format!("{}/deliveries/evt_0192f0c1", path()),
        message_id: "evt_0192f0c100007000800000000000000a".to_owned(),
        event: "oauth.authorization.revoked".to_owned(),
        at: at(60),
        state: DeliveryStateName::Delivered,
        next_at: Some(at(120)),
        body: format!("{{\"id\":\"evt_0192f0c1\",\"data\":\"{}\"}}", words.free_text),
        attempts: vec![attempt(2, Some(204), None), attempt(1, None, Some("timeout"))],
        may_manage: true,
        notice: Some(WebhookNotice::Resent),
    };
    let secret = WebhookSecretPage {
        frame: signed_in(lang, words),
        place,
        reason: WebhookSecretReason::Created,
        url: words.url.to_owned(),
        secret: Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYq=".to_owned()),
        public_key: Some("whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".to_owned()),
        endpoint_path: path(),
    };
    vec![
        ("webhooks", list.html()),
        ("webhooks_empty", empty.html()),
        ("webhook", endpoint.html()),
        ("webhook_viewer", looked_at.html()),
        ("webhook_operator", run.html()),
        ("webhook_delivery", delivery.html()),
        ("webhook_secret", secret.html()),
    ]
}
