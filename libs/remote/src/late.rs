use std::sync::Arc;

use grantor_ports::PortError;
use parking_lot::RwLock;

/// A port between services that need each other: named first, bound once both are there. Until
/// then it is unavailable, and again once it is released: services that hold each other would
/// otherwise outlive their platform, with every file they have open.
pub struct Late<T: ?Sized>(RwLock<Option<Arc<T>>>);

impl<T: ?Sized> Default for Late<T> {
    fn default() -> Self {
        Self(RwLock::new(None))
    }
}

impl<T: ?Sized> Late<T> {
    /// Binds it; the second time has no effect.
    pub fn bind(&self, port: Arc<T>) {
        self.0.write().get_or_insert(port);
    }

    /// Lets go of it.
    pub fn release(&self) {
        // Outside of the lock: it may be the last to hold its service.
        let held = self.0.write().take();
        drop(held);
    }

    pub(crate) fn port(&self) -> Result<Arc<T>, PortError> {
        self.0.read().clone().ok_or(PortError::Unavailable)
    }
}
