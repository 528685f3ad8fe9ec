//! The texts. Plain, short, no link: nothing to click is nothing to fake.

use grantor_profile::{Locale, Mails};

use super::{Language, Message};

/// Subject and body: the tenant's own, or those of every tenant.
pub(crate) fn render(language: Language, message: &Message, tenant: &str, own: &Mails) -> (String, String) {
    let locale = match language {
        Language::English => Locale::En,
        Language::German => Locale::De,
    };
    let (text, value) = match message {
        Message::Code { code } => (&own.verification, ("code", code.as_str())),
        Message::Reset { code } => (&own.reset, ("code", code.as_str())),
        Message::Revoked { app } => (&own.revocation, ("app", app.as_str())),
        Message::Known | Message::NoReset | Message::Invitation { .. } => (&None, ("", "")),
    };
    match text {
        Some(text) => text.fill(locale, &[("tenant", tenant), value]),
        None => everywhere(language, message, tenant),
    }
}

fn everywhere(language: Language, message: &Message, tenant: &str) -> (String, String) {
    match (language, message) {
        (Language::English, Message::Code { code }) => (
            format!("Your code for {tenant}: {code}"),
            format!(
                "Hello,\n\nYour code to confirm this email address at {tenant} is\n\n    {code}\n\n\
                 Enter it on the page where you signed up. It is valid for 15 minutes.\n\n\
                 If this was not you, you need not do anything: no account is created without the code.\n\
                 Nobody from {tenant} will ever ask you for it.\n"
            ),
        ),
        (Language::English, Message::Known) => (
            format!("You have an account at {tenant}"),
            format!(
                "Hello,\n\nSomebody, perhaps you, wanted to sign up at {tenant} with this email address. There is \
                 an account with it already, so no new one was made.\n\n\
                 If it was you, please sign in instead, with the password you chose then.\n\
                 If it was not you, you need not do anything: your account is unchanged.\n"
            ),
        ),
        (Language::English, Message::Reset { code }) => (
            format!("Your code for {tenant}: {code}"),
            format!(
                "Hello,\n\nYour code to choose a new password at {tenant} is\n\n    {code}\n\n\
                 Enter it on the page where you asked for it. It is valid for 15 minutes.\n\n\
                 If this was not you, you need not do anything: your password is unchanged.\n\
                 Nobody from {tenant} will ever ask you for the code.\n"
            ),
        ),
        (Language::English, Message::NoReset) => (
            format!("Your password at {tenant}"),
            format!(
                "Hello,\n\nSomebody, perhaps you, wanted to choose a new password at {tenant} with this email \
                 address. Nobody can sign in there with this address, so there is no password to change.\n\n\
                 If it was you, perhaps you signed up with another address.\n\
                 If it was not you, you need not do anything.\n"
            ),
        ),
        (Language::English, Message::Invitation { code }) => (
            format!("You are invited to the team of {tenant}"),
            format!(
                "Hello,\n\nYou are invited to the team that looks after {tenant}. Sign in there with this email \
                 address, or sign up, open the page \"Team\" (/team) and enter the code\n\n    {code}\n\n\
                 It is valid for seven days. If you do not expect this, you need not do anything.\n"
            ),
        ),
        (Language::German, Message::Invitation { code }) => (
            format!("Einladung in das Team von {tenant}"),
            format!(
                "Guten Tag,\n\nSie sind in das Team eingeladen, das sich um {tenant} kümmert. Melden Sie sich dort mit \
                 dieser E-Mail-Adresse an, oder registrieren Sie sich, öffnen Sie die Seite „Team“ (/team) und geben \
                 Sie den Code ein:\n\n    {code}\n\n\
                 Er gilt sieben Tage. Wenn Sie das nicht erwarten, müssen Sie nichts tun.\n"
            ),
        ),
        (Language::English, Message::Revoked { app }) => (
            format!("{app} has no access any more"),
            format!(
                "Hello,\n\nThe access that you gave to {app} at {tenant} has ended. You need not do anything.\n\n\
                 If you want to use {app} again, connect it anew from there.\n"
            ),
        ),
        (Language::German, Message::Revoked { app }) => (
            format!("{app} hat keinen Zugriff mehr"),
            format!(
                "Guten Tag,\n\nder Zugriff, den Sie {app} bei {tenant} gegeben haben, ist beendet. Sie müssen nichts \
                 tun.\n\nWenn Sie {app} wieder nutzen möchten, verbinden Sie die App von dort aus neu.\n"
            ),
        ),
        (Language::German, Message::Reset { code }) => (
            format!("Ihr Code für {tenant}: {code}"),
            format!(
                "Guten Tag,\n\nIhr Code, um bei {tenant} ein neues Passwort zu wählen, lautet\n\n    {code}\n\n\
                 Geben Sie ihn auf der Seite ein, auf der Sie ihn angefordert haben. Er gilt 15 Minuten.\n\n\
                 Wenn Sie das nicht waren, müssen Sie nichts tun: Ihr Passwort ist unverändert.\n\
                 Niemand von {tenant} wird Sie je nach dem Code fragen.\n"
            ),
        ),
        (Language::German, Message::NoReset) => (
            format!("Ihr Passwort bei {tenant}"),
            format!(
                "Guten Tag,\n\njemand, vielleicht Sie selbst, wollte mit dieser E-Mail-Adresse ein neues Passwort bei \
                 {tenant} wählen. Mit dieser Adresse kann sich dort niemand anmelden, deshalb gibt es kein Passwort \
                 zu ändern.\n\n\
                 Wenn Sie es waren, haben Sie sich vielleicht mit einer anderen Adresse registriert.\n\
                 Wenn nicht, müssen Sie nichts tun.\n"
            ),
        ),
        (Language::German, Message::Code { code }) => (
            format!("Ihr Code für {tenant}: {code}"),
            format!(
                "Guten Tag,\n\nIhr Code, um diese E-Mail-Adresse bei {tenant} zu bestätigen, lautet\n\n    {code}\n\n\
                 Geben Sie ihn auf der Seite ein, auf der Sie sich registriert haben. Er gilt 15 Minuten.\n\n\
                 Wenn Sie das nicht waren, müssen Sie nichts tun: Ohne den Code entsteht kein Konto.\n\
                 Niemand von {tenant} wird Sie je danach fragen.\n"
            ),
        ),
        (Language::German, Message::Known) => (
            format!("Sie haben ein Konto bei {tenant}"),
            format!(
                "Guten Tag,\n\njemand, vielleicht Sie selbst, wollte sich mit dieser E-Mail-Adresse bei {tenant} \
                 registrieren. Es gibt damit bereits ein Konto, deshalb ist kein neues entstanden.\n\n\
                 Wenn Sie es waren, melden Sie sich bitte mit dem Passwort an, das Sie damals gewählt haben.\n\
                 Wenn nicht, müssen Sie nichts tun: Ihr Konto ist unverändert.\n"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mail_names_the_tenant_and_only_those_for_it_hold_a_code() {
        for language in [Language::English, Language::German] {
            let code = || "01234567".to_owned();
            for message in [Message::Code { code: code() }, Message::Reset { code: code() }] {
                let (subject, body) = render(language, &message, "Example Bank", &Mails::default());
                assert!(subject.contains("01234567") && body.contains("01234567") && body.contains("Example Bank"));
            }
            for message in [Message::Known, Message::NoReset] {
                let (subject, body) = render(language, &message, "Example Bank", &Mails::default());
                assert!(subject.contains("Example Bank") && body.contains("Example Bank"));
                assert!(!body.contains("http") && !subject.contains('\n'));
            }
        }
    }
}
