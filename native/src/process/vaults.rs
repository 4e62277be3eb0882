//! The vaults of sealed secrets: one for each kind of memory in which they are opened.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strongroom_core::{Rekeyed, Vault};

use crate::Error;
use crate::heap::Pools;
use crate::region::Memory;

/// The vaults of one process, made when they are first needed.
pub(crate) struct Vaults(Mutex<Vec<Arc<Vault<Memory>>>>);

impl Vaults {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Vault<Memory>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The vault whose key and plaintext are in `memory`.
    pub(crate) fn of(&self, memory: Memory) -> Result<Arc<Vault<Memory>>, Error> {
        let find = |vaults: &[Arc<Vault<Memory>>]| {
            vaults.iter().find(|vault| vault.storage().is_like(&memory)).map(Arc::clone)
        };
        if let Some(vault) = find(&self.lock()) {
            return Ok(vault);
        }
        memory.set_aside(0)?;
        let new = Arc::new(Vault::new(memory, random)?);
        let mut vaults = self.lock();
        Ok(find(&vaults).unwrap_or_else(|| {
            vaults.push(Arc::clone(&new));
            new
        }))
    }
}

/// Encrypts all sealed secrets of this process under new root keys. They can be used, created and
/// dropped meanwhile, and none is lost, whatever fails. Of several calls at once, the last key wins.
///
/// # Errors
///
/// [`Error::Random`], [`Error::LockLimit`] and the like, when no new keys could be made. Nothing has
/// changed then.
pub fn rekey() -> Result<Rekeyed, Error> {
    let vaults = Pools::current()?.vaults.lock().clone();
    // There is a vault for each kind of memory: all their keys first, as any of them may fail.
    let with_key = |vault: Arc<Vault<Memory>>| {
        let key = vault.new_key(random)?;
        Ok((vault, key))
    };
    let vaults = vaults.into_iter().map(with_key).collect::<Result<Vec<_>, Error>>()?;
    let mut all = Rekeyed::default();
    for (vault, key) in vaults {
        let rekeyed = vault.rekey(key)?;
        all.moved += rekeyed.moved;
        all.left += rekeyed.left;
    }
    Ok(all)
}

fn random(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|_| Error::Random)
}
