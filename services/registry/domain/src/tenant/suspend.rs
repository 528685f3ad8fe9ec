use super::{Event, Refusal, Tenant, Verdict, already, changed, refuse};

/// Makes a tenant refuse everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuspendTenant;

impl SuspendTenant {
    /// Decides.
    pub fn decide(state: &Tenant, _: &Self) -> Verdict {
        match state {
            Tenant::Unknown => refuse(Refusal::Unknown),
            Tenant::Active(_) => changed(Event::Suspended),
            Tenant::Suspended(_) => already(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::testing::{check, created};

    #[test]
    fn a_tenant_is_suspended_once() {
        check(&[], SuspendTenant::decide, &SuspendTenant, &refuse(Refusal::Unknown));
        check(&[created()], SuspendTenant::decide, &SuspendTenant, &changed(Event::Suspended));
        check(&[created(), Event::Suspended], SuspendTenant::decide, &SuspendTenant, &already());
    }
}
