//! Where encrypted contents are kept, all under one root key that can be changed.

use slab::Slab;

use crate::Error;
use crate::filling::Scratch;
use crate::root_key::{Ciphertext, RootKey};
use crate::storage::Storage;
use crate::sync::{Arc, Held, Lock};

/// Encrypted contents and their root key. The key, and plaintext while it is read, are in the memory of `S`,
/// the rest is in ordinary memory.
pub struct Vault<S: Storage> {
    pub(crate) storage: S,
    contents: Lock<Contents<S>>,
}

struct Contents<S: Storage> {
    current: Arc<RootKey<S>>,
    all: Slab<Arc<Entry<S>>>,
}

/// A content at rest, and the key it rests under.
pub(crate) type Entry<S> = Lock<(Arc<RootKey<S>>, Ciphertext)>;

/// A key that contents may be encrypted under.
pub struct NewKey<S: Storage>(RootKey<S>);

/// What changing the key has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rekeyed {
    /// Contents that now rest under the new key, or one that is newer still.
    pub moved: usize,
    /// Contents that could not be moved, as they are corrupted or no memory could be had. They
    /// stay under the old key, which lives on for them, and can be tried again.
    pub unmoved: usize,
}

impl<S: Storage> Vault<S> {
    /// An empty vault, whose key is in the memory of `storage`; `random` writes its bytes.
    ///
    /// # Errors
    ///
    /// Those of `storage` and of `random`.
    pub fn new(
        storage: S,
        random: impl FnOnce(&mut [u8]) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let current = Arc::new(RootKey::new(&storage, random)?);
        Ok(Self { storage, contents: Lock::new(Contents { current, all: Slab::new() }) })
    }

    /// Where the key is, and plaintext while it is read.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// A key for [`rekey`](Self::rekey), whose bytes `random` writes.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    pub fn new_key(
        &self,
        random: impl FnOnce(&mut [u8]) -> Result<(), Error>,
    ) -> Result<NewKey<S>, Error> {
        RootKey::new(&self.storage, random).map(NewKey)
    }

    /// Encrypts all contents under `key`, or, where somebody else has just taken a newer one, under
    /// that. Secrets can be used, created and dropped meanwhile; none is lost, whatever fails.
    ///
    /// # Errors
    ///
    /// Those of the storage's `relax`.
    pub fn rekey(&self, NewKey(mut key): NewKey<S>) -> Result<Rekeyed, Error> {
        let (key, places) = {
            let mut contents = self.contents()?;
            key.number = contents.current.number + 1;
            contents.current = Arc::new(key);
            (Arc::clone(&contents.current), contents.all.capacity())
        };
        let mut rekeyed = Rekeyed::default();
        // One by one, since a list of them would take memory. What has come since is under this key.
        for place in 0..places {
            let Some(entry) = self.contents()?.all.get(place).map(Arc::clone) else { continue };
            match self.move_to(&key, &entry) {
                Ok(()) => rekeyed.moved += 1,
                Err(_) => rekeyed.unmoved += 1,
            }
        }
        Ok(rekeyed)
    }

    fn move_to(&self, key: &Arc<RootKey<S>>, entry: &Entry<S>) -> Result<(), Error> {
        let mut entry = self.lock(entry)?;
        let (old, ciphertext) = &*entry;
        if old.number >= key.number {
            // Another rekeying, with a newer key, has come here first.
            return Ok(());
        }
        let mut plain = Scratch::new(&self.storage, ciphertext.bytes.len())?;
        old.decrypt(ciphertext, plain.bytes())?;
        let ciphertext = key.encrypt(plain.bytes())?;
        *entry = (Arc::clone(key), ciphertext);
        Ok(())
    }

    /// Encrypts `plain` under the current key and keeps it; says where. `plain` is plain no more then.
    pub(crate) fn insert(&self, plain: &mut [u8]) -> Result<(usize, Arc<Entry<S>>), Error> {
        let mut key = Arc::clone(&self.contents()?.current);
        loop {
            let ciphertext = key.encrypt(plain)?;
            let mut contents = self.contents()?;
            if Arc::ptr_eq(&key, &contents.current) {
                let entry = Arc::new(Lock::new((key, ciphertext)));
                let number = contents.all.insert(Arc::clone(&entry));
                return Ok((number, entry));
            }
            // The key was changed meanwhile, and `rekey` has not seen this content.
            let newer = Arc::clone(&contents.current);
            drop(contents);
            key.decrypt(&ciphertext, plain)?;
            key = newer;
        }
    }

    /// Forgets what [`insert`](Self::insert) has kept. Where the lock can't be had, the ciphertext
    /// stays until the vault goes.
    pub(crate) fn remove(&self, number: usize) {
        let removed = self.contents().ok().and_then(|mut contents| contents.all.try_remove(number));
        drop(removed);
    }

    fn contents(&self) -> Result<Held<'_, Contents<S>>, Error> {
        self.lock(&self.contents)
    }

    pub(crate) fn lock<'a, T>(&self, lock: &'a Lock<T>) -> Result<Held<'a, T>, Error> {
        lock.lock(|attempt| self.storage.relax(attempt))
    }
}

impl<S: Storage> core::fmt::Debug for Vault<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Vault([redacted])")
    }
}
