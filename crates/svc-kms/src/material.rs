//! Key material: making it, keeping it sealed, and opening it for use.

use ring::digest::{SHA256, digest};
use virga_store::{Fault, Reader, Write};

use crate::crypto::{self, CryptoError, KeyPair, Secret};
use crate::error::Error;
use crate::keys;
use crate::lookup::KeyAt;
use crate::records::{MasterKey, Material, MaterialId, MaterialState, SealedSecret};
use crate::rules::KeyAddress;
use crate::rules::terms::KeySpec;

/// What import tokens are bound to, so that no secret can stand for one.
const TOKEN: &[u8] = b"import token";
/// Length of a symmetric key.
const SYMMETRIC_BYTES: usize = 32;

/// New key material of a kind: the raw key of a symmetric or HMAC key, a PKCS #8 document of any other.
pub(crate) fn generate(spec: KeySpec) -> Result<Secret, CryptoError> {
    match spec.mac_algorithm() {
        Some(algorithm) => Ok(crypto::secret(algorithm.bytes())),
        None if spec.is_symmetric_encryption() => Ok(crypto::secret(SYMMETRIC_BYTES)),
        None => KeyPair::generate(spec)?.to_pkcs8(),
    }
}

/// Makes something that takes long, such as an RSA key, on a thread of its own: calls go on meanwhile.
pub(crate) async fn apart<T: Send + 'static>(
    make: impl FnOnce() -> Result<T, CryptoError> + Send + 'static,
) -> Result<T, Error> {
    let made = tokio::task::spawn_blocking(make).await;
    Ok(made.map_err(|error| Fault::with_source("key material could not be made", error))??)
}

/// Imported key material of a kind, in the form in which it is kept; none when it is not of the kind.
pub(crate) fn accept(spec: KeySpec, bytes: Secret) -> Option<Secret> {
    if let Some(algorithm) = spec.mac_algorithm() {
        return (bytes.len() == algorithm.bytes()).then_some(bytes);
    }
    if spec.is_symmetric_encryption() {
        return (bytes.len() == SYMMETRIC_BYTES).then_some(bytes);
    }
    KeyPair::from_pkcs8(spec, &bytes).and_then(|pair| pair.to_pkcs8()).ok()
}

/// The name of key material: the same material of the same key always has the same.
pub(crate) fn id(key_id: &str, secret: &[u8]) -> MaterialId {
    let named = Secret::new([key_id.as_bytes(), &[0], secret].concat());
    let mut id = [0; 32];
    id.copy_from_slice(digest(&SHA256, &named).as_ref());
    id
}

/// A key material that encrypts from now on.
pub(crate) fn current(id: MaterialId) -> Material {
    Material {
        id,
        state: MaterialState::Current,
        present: true,
        valid_to: None,
        description: None,
        rotated: None,
    }
}

/// The key that seals secrets, made when there is none yet.
fn master(txn: &mut Write) -> Result<MasterKey, Error> {
    if let Some(master) = txn.get(&keys::master())? {
        return Ok(master);
    }
    let mut master = MasterKey([0; 32]);
    crypto::fill(&mut master.0);
    txn.put(&keys::master(), &master)?;
    Ok(master)
}

/// A token that only this world can read.
pub(crate) fn seal_token(txn: &mut Write, token: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(crypto::seal(&master(txn)?.0, TOKEN, token)?)
}

/// What [`seal_token`] made; none when it is something else.
pub(crate) fn open_token(txn: &impl Reader, token: &[u8]) -> Result<Option<Secret>, Error> {
    let Some(master) = txn.get(&keys::master())? else { return Ok(None) };
    Ok(crypto::open(&master.0, TOKEN, token).ok())
}

/// Keeps a secret.
pub(crate) fn store(txn: &mut Write, at: &KeyAddress, id: &MaterialId, secret: &[u8]) -> Result<(), Error> {
    let master = master(txn)?;
    let sealed = crypto::seal(&master.0, &context(at, id), secret)?;
    Ok(txn.put(&keys::secret(at, id), &SealedSecret(sealed))?)
}

/// Opens a secret.
pub(crate) fn open(txn: &impl Reader, at: &KeyAddress, id: &MaterialId) -> Result<Secret, Error> {
    let damaged = || Fault::new("the key material of a KMS key is missing");
    let master = txn.get(&keys::master())?.ok_or_else(damaged)?;
    let sealed = txn.get(&keys::secret(at, id))?.ok_or_else(damaged)?;
    Ok(crypto::open(&master.0, &context(at, id), &sealed.0)?)
}

/// Gives the related key of another region the same secret.
pub(crate) fn copy(txn: &mut Write, at: &KeyAddress, to: &KeyAddress, id: &MaterialId) -> Result<(), Error> {
    let secret = open(txn, at, id)?;
    store(txn, to, id, &secret)
}

/// The key pair of an asymmetric key.
pub(crate) fn key_pair(txn: &impl Reader, found: &KeyAt) -> Result<KeyPair, Error> {
    let (_, secret) = of_current(txn, found)?;
    Ok(KeyPair::from_pkcs8(found.key.spec, &secret)?)
}

/// The material that encrypts, signs or authenticates.
pub(crate) fn of_current(txn: &impl Reader, found: &KeyAt) -> Result<(MaterialId, Secret), Error> {
    let material = found.key.current().ok_or_else(|| Fault::new("a usable KMS key has no key material"))?;
    Ok((material.id, open(txn, &found.at, &material.id)?))
}

/// What a sealed secret is bound to. The region is not part of it: related keys share their material.
fn context(at: &KeyAddress, id: &MaterialId) -> Vec<u8> {
    [at.account.as_bytes(), at.id.as_bytes(), id].concat()
}
