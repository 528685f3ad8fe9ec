use std::collections::HashMap;

use opentelemetry::{
    propagation::TextMapPropagator,
    trace::{SpanContext, TraceContextExt},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// `traceparent` of the current span (W3C Trace Context 3.2), for outgoing requests and events.
/// `None` outside of any span.
pub fn trace_parent() -> Option<String> {
    current().map(|span| {
        let flags = span.trace_flags().to_u8();
        format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id())
    })
}

/// The trace id of the current span, 32 hexadecimal digits: what a person quotes to find the
/// log lines of a failed request.
pub fn trace_id() -> Option<String> {
    current().map(|span| span.trace_id().to_string())
}

/// Makes a span the child of a `traceparent`, such as an event's or a request's. Must come
/// before the span is first entered. `false` when the text is no traceparent or the span
/// already runs; the span is a root then.
pub fn set_parent(span: &Span, traceparent: &str) -> bool {
    let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    let parent = TraceContextPropagator::new().extract(&carrier);
    parent.span().span_context().is_valid() && span.set_parent(parent).is_ok()
}

fn current() -> Option<SpanContext> {
    let context = Span::current().context();
    let span = context.span().span_context().clone();
    span.is_valid().then_some(span)
}
