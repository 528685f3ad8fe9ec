use grantor_pages::PageError;
use grantor_ports::PortError;
use grantor_web::{Answer, Call, error_page};

/// What ends a request on an error page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault(pub PageError);

impl Fault {
    pub fn page(self, call: &Call) -> Answer {
        error_page(call, self.0)
    }
}

impl From<PageError> for Fault {
    fn from(kind: PageError) -> Self {
        Self(kind)
    }
}

impl From<PortError> for Fault {
    fn from(_: PortError) -> Self {
        Self(PageError::Unavailable)
    }
}

impl From<grantor_store::StoreError> for Fault {
    fn from(_: grantor_store::StoreError) -> Self {
        Self(PageError::Unavailable)
    }
}
