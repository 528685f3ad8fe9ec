use std::time::Duration;

use chrono::TimeDelta;
use grantor_eventsourcing::Timestamp;
use grantor_ports::{Mail, MailError, PortError};
use grantor_store::{DueTask, TaskChange, Write};

use super::{Letter, TASK, text};
use crate::{Directory, failure::not_written};

/// Mails per round.
const BATCH: u32 = 16;
/// Longer than any mailer waits by itself.
const PATIENCE: Duration = Duration::from_secs(60);
/// For so long no other process tries the mails of a round; twice what one mail may take.
const LEASE: TimeDelta = TimeDelta::minutes(2);
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(5);
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(15);

/// Sends what is due; answers how many mails were tried. A crash between the mail server's yes
/// and the commit sends a mail twice; never does it lose one.
pub(crate) async fn deliver_due(directory: &Directory) -> Result<usize, PortError> {
    let (started, mut tried) = (directory.clock.real(), 0);
    for task in directory.store.claim_tasks(TASK, started, LEASE, BATCH).await? {
        // One mail takes up to `PATIENCE`; the rest of a slow round is due again when the lease is over.
        if directory.clock.real() - started >= LEASE / 2 {
            break;
        }
        tried += 1;
        let change = deliver(directory, &task).await;
        directory.store.commit(Write { tasks: vec![change], ..Write::default() }).await.map_err(not_written)?;
    }
    Ok(tried)
}

async fn deliver(directory: &Directory, task: &DueTask) -> TaskChange {
    let now = directory.clock.real();
    let later = TaskChange::Later(task.id, now + pause(task.attempts));
    let Ok(mail) = write(directory, task, now).await else { return later };
    let Some(mail) = mail else {
        tracing::warn!(mail.id = %task.id, mail.attempts = task.attempts, "a mail is given up");
        directory.mails.attempted("given_up");
        return TaskChange::Done(task.id);
    };
    let sent = tokio::time::timeout(PATIENCE, directory.mailer.send(&mail)).await;
    match sent.unwrap_or(Err(MailError::Unavailable)) {
        Ok(()) => {
            directory.mails.attempted("sent");
            TaskChange::Done(task.id)
        }
        Err(MailError::Refused) => {
            tracing::warn!(mail.id = %task.id, "a mail is refused by the mail server");
            directory.mails.attempted("refused");
            TaskChange::Done(task.id)
        }
        Err(MailError::Unavailable) => {
            tracing::warn!(mail.id = %task.id, mail.attempts = task.attempts + 1, "the mail server does not answer");
            directory.mails.attempted("unavailable");
            later
        }
    }
}

/// The mail, with the tenant's name of now; `None` when it is of no use any more.
async fn write(directory: &Directory, task: &DueTask, now: Timestamp) -> Result<Option<Mail>, PortError> {
    let keys = directory.keys.of(task.tenant).await?;
    let letter = Letter::read(&keys, task)?;
    if now >= letter.useful_until {
        return Ok(None);
    }
    let Some(tenant) = directory.tenants.tenant(task.tenant).await? else { return Ok(None) };
    tenant.tell(directory.clock.as_ref());
    let (subject, body) = text::render(letter.language, &letter.message, &tenant.name, &tenant.profile.mails);
    Ok(Some(Mail { tenant: task.tenant, from_name: tenant.name.clone(), to: letter.to, subject, body, at: now }))
}

/// Twice as long after every failure.
fn pause(attempts: u32) -> TimeDelta {
    (FIRST_PAUSE * (1 << attempts.min(10))).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_quarter_of_an_hour() {
        let seconds: Vec<i64> = [0, 1, 2, 7, 8, 60].into_iter().map(|n| pause(n).num_seconds()).collect();
        assert_eq!(seconds, [5, 10, 20, 640, 900, 900]);
    }
}
