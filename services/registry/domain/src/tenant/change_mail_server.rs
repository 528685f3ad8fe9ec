use super::{Event, MailSecurity, MailServer, Refusal, Tenant, Verdict, already, changed, refuse};
use crate::{Problem, text, web_address};

/// Gives a tenant a mail server of its own, or takes it away. Its password is no part of this: it
/// is kept sealed beside the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeMailServer {
    /// The server; `None` takes it away.
    pub server: Option<MailServer>,
    /// Whether a new password comes with it.
    pub new_password: bool,
}

impl ChangeMailServer {
    /// Decides.
    pub fn decide(state: &Tenant, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        if record.mail_server == command.server && !command.new_password {
            return already();
        }
        match command.server.as_ref().map(problems).unwrap_or_default() {
            problems if problems.is_empty() => changed(Event::MailServerChanged(command.server.clone().map(Box::new))),
            problems => refuse(Refusal::Invalid(problems)),
        }
    }
}

fn problems(server: &MailServer) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut note = |pointer: &str, detail: &str| found.push(Problem::at(pointer, detail));
    if !web_address::host_and_port(&server.host) || server.host.contains(':') {
        note("/host", "must be a host name in lower case, or an IPv4 address");
    }
    if server.port == 0 {
        note("/port", "must be 1 to 65535");
    }
    if server.security == MailSecurity::Plain && !web_address::is_loopback_address(&server.host) {
        note("/security", "plain is for servers at a loopback address only");
    }
    if !is_address(&server.from) {
        note("/from", "must be a mail address");
    }
    if let Some(Err(refusal)) = server.username.as_deref().map(|name| text::line(name, 200)) {
        note("/username", &refusal.to_string());
    }
    found
}

/// `local@domain` of characters that mean nothing in a header.
fn is_address(text: &str) -> bool {
    let plain = |part: &str, extra: &[u8]| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || extra.contains(&byte))
    };
    let parts = text.split_once('@');
    text.len() <= 254 && parts.is_some_and(|(local, domain)| plain(local, b"._+-=") && plain(domain, b".-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::testing::{check, created};

    fn server() -> MailServer {
        MailServer {
            host: "smtp.bank.example".into(),
            port: 587,
            security: MailSecurity::StartTls,
            username: Some("bank".into()),
            from: "login@bank.example".into(),
        }
    }

    fn to(server: Option<MailServer>) -> ChangeMailServer {
        ChangeMailServer { server, new_password: false }
    }

    fn event(server: Option<MailServer>) -> Event {
        Event::MailServerChanged(server.map(Box::new))
    }

    #[test]
    fn a_server_comes_changes_and_goes() {
        let set = event(Some(server()));
        check(&[], ChangeMailServer::decide, &to(Some(server())), &refuse(Refusal::Unknown));
        check(&[created()], ChangeMailServer::decide, &to(Some(server())), &changed(set.clone()));
        check(&[created(), set.clone()], ChangeMailServer::decide, &to(Some(server())), &already());
        check(&[created(), set.clone()], ChangeMailServer::decide, &to(None), &changed(event(None)));
        check(&[created()], ChangeMailServer::decide, &to(None), &already());
        let again = ChangeMailServer { server: Some(server()), new_password: true };
        check(&[created(), set.clone()], ChangeMailServer::decide, &again, &changed(set));
    }

    #[test]
    fn every_wrong_value_is_named() {
        let wrong = MailServer {
            host: "smtp.bank.example:25\r\n".into(),
            port: 0,
            security: MailSecurity::Plain,
            username: Some("a\nb".into()),
            from: "login@bank.example>\r\nBcc: eve@example.org".into(),
        };
        let verdict = ChangeMailServer::decide(&grantor_eventsourcing::fold(&[created()]), &to(Some(wrong)));
        let Err(Refusal::Invalid(problems)) = verdict.outcome else { panic!("refused") };
        let pointers: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(pointers, ["/host", "/port", "/security", "/from", "/username"]);
    }
}
