//! The only way to read a secret, apart from all others so that it can be withheld.

use wasmtime::Result;
use wasmtime::component::{Linker, Resource};

use bytes::Bytes;
use zeroize::Zeroizing;

use super::instance;
use crate::call::with_key;
use crate::{Handle, SecretView, Uses};

/// Links `strongroom:secret/reveal`. Where it isn't linked, a component that imports it can't be
/// instantiated; where it is, a component can read its own secrets, and of the host's those that
/// are granted for [`Uses::REVEAL`].
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    let mut reveal = instance(linker, "reveal")?;
    reveal.func_wrap("reveal", |store, (secret,): (Resource<Handle>,)| {
        with_key::<T, _>(store, "reveal.reveal", &secret, Uses::REVEAL, |secret, _| {
            Ok(wiped(secret.with_bytes(|bytes| Zeroizing::new(bytes.to_vec()))?))
        })
    })
}

/// Bytes for the guest, which the host's side has no longer once the guest has them.
pub(crate) fn wiped(bytes: Zeroizing<Vec<u8>>) -> Bytes {
    Bytes::from_owner(bytes)
}
