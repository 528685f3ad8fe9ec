use super::{Event, Refusal, Tenant, Verdict, already, changed, refuse};

/// Makes a suspended tenant answer again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestoreTenant;

impl RestoreTenant {
    /// Decides.
    pub fn decide(state: &Tenant, _: &Self) -> Verdict {
        match state {
            Tenant::Unknown => refuse(Refusal::Unknown),
            Tenant::Active(_) => already(),
            Tenant::Suspended(_) => changed(Event::Restored),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::testing::{check, created};

    #[test]
    fn a_suspended_tenant_is_restored_once() {
        check(&[], RestoreTenant::decide, &RestoreTenant, &refuse(Refusal::Unknown));
        check(&[created()], RestoreTenant::decide, &RestoreTenant, &already());
        let suspended = [created(), Event::Suspended];
        check(&suspended, RestoreTenant::decide, &RestoreTenant, &changed(Event::Restored));
        check(&[created(), Event::Suspended, Event::Restored], RestoreTenant::decide, &RestoreTenant, &already());
    }
}
