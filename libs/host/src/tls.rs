use std::{fs::File, io::BufReader, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
};

use crate::{StartError, TlsSettings};

/// A TLS server from a certificate chain and key in PEM form.
pub(crate) fn server(settings: &TlsSettings) -> Result<ServerConfig, StartError> {
    let unreadable = |path: &std::path::Path, cause: std::io::Error| StartError::File { path: path.into(), cause };
    let open = |path: &std::path::Path| File::open(path).map(BufReader::new).map_err(|cause| unreadable(path, cause));
    let chain = rustls_pemfile::certs(&mut open(&settings.certificate)?)
        .collect::<Result<Vec<CertificateDer<'static>>, _>>()
        .map_err(|cause| unreadable(&settings.certificate, cause))?;
    if chain.is_empty() {
        return Err(StartError::setting("tls.certificate", "holds no certificate"));
    }
    let key: PrivateKeyDer<'static> = rustls_pemfile::private_key(&mut open(&settings.key)?)
        .map_err(|cause| unreadable(&settings.key, cause))?
        .ok_or_else(|| StartError::setting("tls.key", "holds no private key"))?;
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|cause| StartError::setting("tls", cause.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|cause| StartError::setting("tls", cause.to_string()))
}
