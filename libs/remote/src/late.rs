use std::sync::{Arc, OnceLock};

use grantor_ports::PortError;

/// A port between services that need each other: named first, bound once both are there. Until
/// then it is unavailable.
pub struct Late<T: ?Sized>(OnceLock<Arc<T>>);

impl<T: ?Sized> Default for Late<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T: ?Sized> Late<T> {
    /// Binds it; the second time has no effect.
    pub fn bind(&self, port: Arc<T>) {
        let _ = self.0.set(port);
    }

    pub(crate) fn port(&self) -> Result<&Arc<T>, PortError> {
        self.0.get().ok_or(PortError::Unavailable)
    }
}
