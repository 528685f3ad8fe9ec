use std::{path::Path, sync::Arc};

use rustls::{
    ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier,
    crypto::aws_lc_rs,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    server::WebPkiClientVerifier,
};

use crate::{InternalTls, StartError, TlsSettings};

/// A TLS server from a certificate chain and key in PEM form.
pub(crate) fn server(settings: &TlsSettings) -> Result<ServerConfig, StartError> {
    let names = ["tls.certificate", "tls.key"];
    let (chain, key) = identity(&settings.certificate, &settings.key, names)?;
    let problem = |cause: rustls::Error| StartError::setting("tls", cause.to_string());
    builder().map_err(problem)?.with_no_client_auth().with_single_cert(chain, key).map_err(problem)
}

/// One whose clients must show a certificate of the authority.
pub(crate) fn mutual(settings: &InternalTls) -> Result<ServerConfig, StartError> {
    let names = ["internal.tls.certificate", "internal.tls.key"];
    let (chain, key) = identity(&settings.certificate, &settings.key, names)?;
    let problem = |cause: String| StartError::setting("internal.tls.authority", cause);
    let mut roots = RootCertStore::empty();
    for root in certificates(&settings.authority, "internal.tls.authority")? {
        roots.add(root).map_err(|cause| problem(cause.to_string()))?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|cause| problem(cause.to_string()))?;
    let problem = |cause: rustls::Error| StartError::setting("internal.tls", cause.to_string());
    builder().map_err(problem)?.with_client_cert_verifier(verifier).with_single_cert(chain, key).map_err(problem)
}

fn builder() -> Result<ConfigBuilder<ServerConfig, WantsVerifier>, rustls::Error> {
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_safe_default_protocol_versions()
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// `names`: the settings of the chain and of the key.
fn identity(certificate: &Path, key: &Path, names: [&'static str; 2]) -> Result<Identity, StartError> {
    let [of_chain, of_key] = names;
    let chain = certificates(certificate, of_chain)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(unreadable(of_key, key))?;
    Ok((chain, key))
}

fn certificates(path: &Path, setting: &'static str) -> Result<Vec<CertificateDer<'static>>, StartError> {
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(|found| found.collect::<Result<Vec<_>, _>>())
        .map_err(unreadable(setting, path))?;
    if chain.is_empty() { Err(StartError::setting(setting, "holds no certificate")) } else { Ok(chain) }
}

fn unreadable(setting: &'static str, path: &Path) -> impl FnOnce(pem::Error) -> StartError {
    let path = path.display().to_string();
    move |cause| StartError::setting(setting, format!("{path}: {cause}"))
}
