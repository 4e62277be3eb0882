//! The vaults of encrypted secrets: one for each kind of memory in which they are decrypted.

use std::sync::Arc;

use strongroom_core::{Rekeyed, Storage, Vault};

use crate::Error;
use crate::mutex::Mutex;
use crate::region::Memory;

/// The vaults of one process, made when they are first needed.
pub(crate) struct Vaults(Mutex<Vec<Arc<Vault<Memory>>>>);

impl Vaults {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The vault whose key and plaintext are in `memory`.
    pub(crate) fn of(&self, memory: Memory) -> Result<Arc<Vault<Memory>>, Error> {
        // Locked until it is made, so that each counts the others.
        let mut vaults = self.0.lock();
        if let Some(vault) = vaults.iter().find(|vault| vault.storage().is_like(&memory)) {
            return Ok(Arc::clone(vault));
        }
        let alike = vaults.iter().filter(|vault| vault.storage().backing == memory.backing);
        memory.set_aside_for_keys(alike.count() + 1)?;
        let new = Arc::new(Vault::new(memory, |key| memory.random(key))?);
        vaults.push(Arc::clone(&new));
        Ok(new)
    }

    /// Gives each vault a new key, and encrypts what is in it under that; see [`rekey`](super::rekey).
    pub(super) fn rekey(&self) -> Result<Rekeyed, Error> {
        let vaults = self.0.lock().clone();
        // There is a vault for each kind of memory: all their keys first, as any of them may fail.
        let with_key = |vault: Arc<Vault<Memory>>| {
            let key = vault.new_key(|key| vault.storage().random(key))?;
            Ok((vault, key))
        };
        let vaults = vaults.into_iter().map(with_key).collect::<Result<Vec<_>, Error>>()?;
        let mut all = Rekeyed::default();
        for (vault, key) in vaults {
            let rekeyed = vault.rekey(key)?;
            all.moved += rekeyed.moved;
            all.unmoved += rekeyed.unmoved;
        }
        Ok(all)
    }
}
