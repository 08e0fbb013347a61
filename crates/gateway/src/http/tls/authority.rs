//! The local certificate authority: one key, kept in the data folder, that signs a certificate per server name.

use std::fs;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};
use rustls::crypto::ring::sign::any_ecdsa_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey};

/// The authority's certificate, for clients to trust.
const CERTIFICATE_FILE: &str = "ca.pem";
/// The authority's private key, readable by its owner alone.
const KEY_FILE: &str = "ca-key.pem";

/// Clocks of clients may be behind ours.
const BACKDATED: Duration = Duration::from_secs(24 * 3600);
/// Ten years: it is installed by hand.
const AUTHORITY_LIFETIME: Duration = Duration::from_secs(3650 * 24 * 3600);
/// Apple's platforms refuse server certificates that live longer than 825 days, wherever they come from.
const LEAF_LIFETIME: Duration = Duration::from_secs(820 * 24 * 3600);

/// Why TLS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The folder of the authority cannot be read or written.
    #[error("the certificate authority's folder: {0}")]
    Folder(#[from] io::Error),
    /// A stored key or a requested name is malformed.
    #[error("the certificate authority: {0}")]
    Certificate(#[from] rcgen::Error),
    /// rustls refuses what was made.
    #[error("the TLS configuration: {0}")]
    Configuration(#[from] rustls::Error),
}

impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> Self {
        Self::other(error)
    }
}

/// Signs server certificates.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
    /// One key for all server certificates of this process: it never leaves it.
    leaf_key: KeyPair,
    leaf_signer: Arc<dyn SigningKey>,
}

impl Authority {
    /// Takes the authority from `folder`; makes it there first if the folder has none.
    pub(super) fn load_or_create(folder: &Path) -> Result<Self, TlsError> {
        match (read(&folder.join(KEY_FILE))?, read(&folder.join(CERTIFICATE_FILE))?) {
            (Some(key), Some(certificate)) => Self::new(KeyPair::from_pem(&key)?, Some(certificate)),
            // A key without its certificate is a creation that was cut short: the certificate comes last.
            (_, None) | (None, _) => {
                let authority = Self::create()?;
                fs::create_dir_all(folder)?;
                write(&folder.join(KEY_FILE), &authority.issuer.key().serialize_pem(), 0o600)?;
                write(&folder.join(CERTIFICATE_FILE), &authority.certificate_pem, 0o644)?;
                Ok(authority)
            }
        }
    }

    /// Makes an authority that lives as long as this process.
    pub(super) fn create() -> Result<Self, TlsError> {
        Self::new(KeyPair::generate()?, None)
    }

    fn new(key: KeyPair, certificate_pem: Option<String>) -> Result<Self, TlsError> {
        let params = authority_params(&key);
        let certificate_pem = match certificate_pem {
            Some(pem) => pem,
            None => params.self_signed(&key)?.pem(),
        };
        let leaf_key = KeyPair::generate()?;
        let leaf_der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        let leaf_signer = any_ecdsa_type(&leaf_der)?;
        Ok(Self { issuer: Issuer::new(params, key), certificate_pem, leaf_key, leaf_signer })
    }

    pub(super) fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// A certificate for one host name.
    pub(super) fn sign_host(&self, host: &str) -> Result<Arc<CertifiedKey>, TlsError> {
        self.sign(CertificateParams::new(vec![host.to_owned()])?)
    }

    /// A certificate for clients that name no host: those that connect to an address.
    pub(super) fn sign_address(&self, address: IpAddr) -> Result<Arc<CertifiedKey>, TlsError> {
        let mut params = CertificateParams::new(vec!["localhost".to_owned(), "*.localhost".to_owned()])?;
        let loopback = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
        params.subject_alt_names.extend(loopback.map(SanType::IpAddress));
        if !address.is_loopback() {
            params.subject_alt_names.push(SanType::IpAddress(address));
        }
        self.sign(params)
    }

    fn sign(&self, mut params: CertificateParams) -> Result<Arc<CertifiedKey>, TlsError> {
        (params.not_before, params.not_after) = validity(LEAF_LIFETIME);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "virga");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&self.leaf_key, &self.issuer)?;
        let chain = vec![CertificateDer::from(certificate)];
        Ok(Arc::new(CertifiedKey::new(chain, Arc::clone(&self.leaf_signer))))
    }
}

/// The authority's own certificate. Its name follows from its key, so that the authorities of two data folders can be trusted
/// side by side, and so that the name of a stored one need not be parsed.
fn authority_params(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    let fingerprint = params.key_identifier(key);
    let tag: String = fingerprint.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "virga");
    params.distinguished_name.push(DnType::CommonName, format!("virga local CA {tag}"));
    (params.not_before, params.not_after) = validity(AUTHORITY_LIFETIME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

#[expect(
    clippy::disallowed_methods,
    reason = "clients check certificates by their own clock, not by a world's"
)]
fn validity(lifetime: Duration) -> (time::OffsetDateTime, time::OffsetDateTime) {
    let start = SystemTime::now() - BACKDATED;
    (start.into(), (start + lifetime).into())
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file so that it is there whole or not at all, and never readable by more than `mode` says.
fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let draft = path.with_extension("draft");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_authority_of_a_folder_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let tls = folder.path().join("tls");
        let made = Authority::load_or_create(&tls).unwrap();
        let loaded = Authority::load_or_create(&tls).unwrap();
        assert_eq!(made.certificate_pem(), loaded.certificate_pem());
        assert_eq!(made.issuer.key().serialize_der(), loaded.issuer.key().serialize_der());
    }

    #[test]
    fn the_key_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        Authority::load_or_create(folder.path()).unwrap();
        let mode = fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_creation_that_was_cut_short_is_repeated() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join(KEY_FILE), "half a key", 0o600).unwrap();
        let authority = Authority::load_or_create(folder.path()).unwrap();
        let stored = fs::read_to_string(folder.path().join(CERTIFICATE_FILE)).unwrap();
        assert_eq!(stored, authority.certificate_pem());
    }
}
