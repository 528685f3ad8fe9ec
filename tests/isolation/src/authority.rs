use grantor_host::TlsSettings;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

/// A certificate authority that lives as long as a test.
pub struct TestAuthority {
    folder: TempDir,
    /// Its certificate, PEM.
    pub pem: String,
    /// What a server of these names is configured with.
    pub settings: TlsSettings,
}

impl TestAuthority {
    /// One that has made a certificate for these names and addresses.
    pub fn for_names(names: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority of the tests");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let leaf = CertificateParams::new(names).expect("names").signed_by(&key, &issuer).expect("a certificate");
        let (certificate, private) = (folder.path().join("leaf.pem"), folder.path().join("leaf.key"));
        std::fs::write(&certificate, leaf.pem()).expect("a file");
        std::fs::write(&private, key.serialize_pem()).expect("a file");
        Self { pem: issuer.pem(), settings: TlsSettings { certificate, key: private }, folder }
    }

    /// Where its files are.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}
