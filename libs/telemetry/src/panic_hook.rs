use std::panic::{self, PanicHookInfo};

/// From now on a panic is logged with its place and thread, never with its payload: a payload
/// is formatted text and may quote a secret. For the binary; tests want to see their payloads.
pub fn hide_panic_payloads() {
    panic::set_hook(Box::new(report));
}

fn report(info: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let place = info.location().map_or_else(|| "unknown".to_owned(), |at| format!("{}:{}", at.file(), at.line()));
    if tracing::dispatcher::has_been_set() {
        tracing::error!(panic.place = place, panic.thread = thread.name(), "a thread panicked");
    } else {
        eprintln!("a thread panicked at {place}");
    }
}
