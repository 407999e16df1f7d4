//! A certificate authority for one run, and the server certificate it signs.

use crate::date;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio_rustls::TlsAcceptor;

/// The authority's PEM in a directory of its own, removed on drop.
pub struct CaFile {
    directory: PathBuf,
    path: PathBuf,
}

impl CaFile {
    fn write(pem: &str) -> io::Result<CaFile> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let directory = std::env::temp_dir().join(format!("posjunction-simulator-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        let path = directory.join("ca.pem");
        std::fs::write(&path, pem)?;
        Ok(CaFile { directory, path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A fresh authority and an acceptor with a certificate for 127.0.0.1 and localhost.
pub fn make() -> io::Result<(TlsAcceptor, CaFile)> {
    let (authority, chain, key) = certificates().map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .map_err(io::Error::other)?;
    Ok((TlsAcceptor::from(Arc::new(config)), CaFile::write(&authority)?))
}

type Certificates = (String, rustls::pki_types::CertificateDer<'static>, PrivateKeyDer<'static>);

fn certificates() -> Result<Certificates, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params.distinguished_name.push(DnType::CommonName, "PosJunction simulator authority");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::new(vec!["127.0.0.1".to_string(), "localhost".to_string()])?;
    leaf.distinguished_name.push(DnType::CommonName, "PosJunction simulator");
    leaf.use_authority_key_identifier_extension = true;
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Some systems refuse server certificates that live longer than 825 days.
    let year = this_year();
    leaf.not_before = rcgen::date_time_ymd(year, 1, 1);
    leaf.not_after = rcgen::date_time_ymd(year + 1, 12, 31);
    let leaf = leaf.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok((authority.pem(), leaf.der().clone(), key))
}

fn this_year() -> i32 {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    date::iso(unix).split('-').next().and_then(|year| year.parse().ok()).unwrap_or(1970)
}
