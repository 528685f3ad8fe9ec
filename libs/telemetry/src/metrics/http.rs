use std::time::Duration;

use prometheus::{HistogramVec, IntCounterVec};

use super::{Maker, SECONDS};

/// Requests by service, route, method and class of status.
#[derive(Debug, Clone)]
pub struct HttpMetrics {
    requests: IntCounterVec,
    seconds: HistogramVec,
}

impl HttpMetrics {
    pub(super) fn new(maker: &Maker<'_>) -> Self {
        let labels = ["service", "route", "method", "status"];
        Self {
            requests: maker.counter("grantor_http_requests_total", "Requests answered.", &labels),
            seconds: maker.histogram("grantor_http_request_seconds", "Time to answer.", &labels, &SECONDS),
        }
    }

    /// One answered request. `route` is the pattern from the route table, never the path that
    /// was asked for; a method that is not in RFC 9110 or 5789 counts as `other`.
    pub fn answered(&self, service: &'static str, route: &'static str, method: &str, status: u16, took: Duration) {
        let labels = [service, route, known_method(method), status_class(status)];
        self.requests.with_label_values(&labels).inc();
        self.seconds.with_label_values(&labels).observe(took.as_secs_f64());
    }
}

fn known_method(method: &str) -> &'static str {
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}

fn status_class(status: u16) -> &'static str {
    match status {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
