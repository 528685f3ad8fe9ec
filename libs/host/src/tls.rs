use std::sync::Arc;

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::{StartError, TlsSettings};

/// A TLS server from a certificate chain and key in PEM form.
pub(crate) fn server(settings: &TlsSettings) -> Result<ServerConfig, StartError> {
    let unreadable = |setting: &'static str, path: &std::path::Path| {
        let path = path.display().to_string();
        move |cause: rustls::pki_types::pem::Error| StartError::setting(setting, format!("{path}: {cause}"))
    };
    let certificate = unreadable("tls.certificate", &settings.certificate);
    let chain = CertificateDer::pem_file_iter(&settings.certificate)
        .and_then(|found| found.collect::<Result<Vec<_>, _>>())
        .map_err(certificate)?;
    if chain.is_empty() {
        return Err(StartError::setting("tls.certificate", "holds no certificate"));
    }
    let key = PrivateKeyDer::from_pem_file(&settings.key).map_err(unreadable("tls.key", &settings.key))?;
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|cause| StartError::setting("tls", cause.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|cause| StartError::setting("tls", cause.to_string()))
}
