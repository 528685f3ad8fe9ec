use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};

/// An authority for the processes of one deployment, and a certificate of it.
pub struct Authority {
    certificate: PathBuf,
    key: PathBuf,
    authority: PathBuf,
}

impl Authority {
    /// Writes its files into a folder.
    pub fn in_folder(folder: &Path) -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "the processes of a test");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let mut leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let leaf = leaf.signed_by(&key, &issuer).expect("a certificate");
        let made = Self {
            certificate: folder.join("process.pem"),
            key: folder.join("process.key"),
            authority: folder.join("authority.pem"),
        };
        std::fs::write(&made.certificate, leaf.pem()).expect("a file");
        std::fs::write(&made.key, key.serialize_pem()).expect("a file");
        std::fs::write(&made.authority, issuer.pem()).expect("a file");
        made
    }

    /// The authority's certificate.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// A file with the private key and the certificate together, as servers take them.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn identity(&self, folder: &Path) -> PathBuf {
        let file = folder.join("identity.pem");
        let [key, certificate] =
            [&self.key, &self.certificate].map(|path| std::fs::read_to_string(path).expect("a file"));
        std::fs::write(&file, key + &certificate).expect("a file");
        file
    }

    /// `internal.tls` of a configuration file.
    pub fn settings(&self) -> String {
        format!(
            "tls = {{ certificate = {:?}, key = {:?}, authority = {:?} }}\n",
            self.certificate, self.key, self.authority
        )
    }
}
