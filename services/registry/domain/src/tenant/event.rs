use std::sync::Arc;

use grantor_profile::Profile;

use super::{Presentation, Record};

/// What can happen to a tenant.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// `platform.tenant.created`
    Created(Box<Record>),
    /// `platform.tenant.profile_changed`
    ProfileChanged(Arc<Profile>),
    /// `platform.tenant.presentation_changed`
    PresentationChanged(Box<Presentation>),
    /// `platform.tenant.suspended`
    Suspended,
    /// `platform.tenant.restored`
    Restored,
}
