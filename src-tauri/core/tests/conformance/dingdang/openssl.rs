//! The openssl command line: it makes the keys of a run, and is the other side of every signature.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use data_encoding::BASE64;
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Mutex, OnceLock};

/// A throw-away RSA key of this test process. On the disk it is only while openssl works with it: what is static is never dropped.
pub(super) struct Key {
    pub(super) pkcs1: String,
    pub(super) pkcs8: String,
    pub(super) public: String,
    pair: RsaKeyPair,
    /// What was signed lately: one answer is signed and held against its signature several times.
    signed: Mutex<HashMap<Vec<u8>, String>>,
}

/// The merchant's.
pub(super) fn skill() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(Key::make)
}

/// The gateway's.
pub(super) fn tsk() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(Key::make)
}

/// Runs openssl in `folder` and returns what it printed. It must succeed.
pub(super) fn openssl(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let Output { status, stdout, stderr } = run(folder, arguments);
    assert!(status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&stderr));
    stdout
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl is installed")
}

impl Key {
    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        openssl(folder.path(), &["genrsa", "-out", "key.pem", "2048"]);
        let print = |arguments: &[&str]| String::from_utf8(openssl(folder.path(), arguments)).unwrap();
        let pkcs8 = print(&["pkcs8", "-topk8", "-nocrypt", "-in", "key.pem"]);
        let pkcs1 = print(&["pkey", "-in", "key.pem", "-traditional"]);
        let public = print(&["pkey", "-in", "key.pem", "-pubout"]);
        assert!(pkcs8.starts_with("-----BEGIN PRIVATE KEY-----"));
        assert!(pkcs1.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
        let der = openssl(folder.path(), &["pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-outform", "DER"]);
        let pair = RsaKeyPair::from_pkcs8(&der).unwrap();
        Self { pkcs1, pkcs8, public, pair, signed: Mutex::default() }
    }

    /// The signature of this key, in this process: thousands of answers are signed in a test. `replies` holds it against
    /// [`Key::openssl_sign`].
    pub(super) fn sign(&self, content: &[u8]) -> String {
        if let Some(signature) = self.signed.lock().unwrap().get(content) {
            return signature.clone();
        }
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content, &mut signature).unwrap();
        let signature = BASE64.encode(&signature);
        let mut signed = self.signed.lock().unwrap();
        if signed.len() >= 1_000 {
            signed.clear();
        }
        signed.insert(content.to_vec(), signature.clone());
        signature
    }

    /// The same by `openssl dgst -sha256 -sign`.
    pub(super) fn openssl_sign(&self, content: &[u8]) -> String {
        let work = tempfile::tempdir().unwrap();
        std::fs::write(work.path().join("content"), content).unwrap();
        std::fs::write(work.path().join("key.pem"), &self.pkcs8).unwrap();
        BASE64.encode(&openssl(work.path(), &["dgst", "-sha256", "-sign", "key.pem", "content"]))
    }

    /// Whether `openssl dgst -sha256 -verify` takes a signature for this key's.
    pub(super) fn openssl_verifies(&self, content: &[u8], signature: &str) -> bool {
        let work = tempfile::tempdir().unwrap();
        std::fs::write(work.path().join("content"), content).unwrap();
        std::fs::write(work.path().join("signature"), BASE64.decode(signature.as_bytes()).unwrap()).unwrap();
        std::fs::write(work.path().join("public.pem"), &self.public).unwrap();
        let arguments = ["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "content"];
        run(work.path(), &arguments).status.success()
    }
}
