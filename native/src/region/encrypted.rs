//! Regions that are encrypted at rest: the core's, and what protects them while they are open.

use core::ptr::NonNull;
use std::sync::Arc;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, EncryptedRegion, Region, Released, Vault};

use super::memory::{Aside, Memory};
use super::plain::PlainRegion;
use crate::protection::Facts;
use crate::{Error, pages};

/// A region that is encrypted at rest, and what protects the memory in which it was last open.
pub struct Encrypted {
    region: EncryptedRegion<Memory>,
    plaintext: Facts,
    /// What it takes to open it, whatever others take.
    _aside: Option<Aside>,
}

impl Encrypted {
    pub(crate) fn new(vault: Arc<Vault<Memory>>, len: usize) -> Result<Self, Error> {
        let aside = vault.storage().set_aside(len)?;
        // That is the room to open it; there is to be a ciphertext as well.
        pages::refuse_more_than_available(len)?;
        let region = EncryptedRegion::new(vault, len)?;
        let plaintext = region.plain().expect("a new region is readable").facts();
        Ok(Self { region, plaintext, _aside: aside })
    }

    /// What the system has granted both to that memory and to the root key's.
    pub(super) fn facts(&self) -> Result<Facts, Error> {
        let root_key = self.region.with_root_key(PlainRegion::facts)?;
        Ok(root_key.map_or(self.plaintext, |root_key| self.plaintext.and(root_key)))
    }
}

// SAFETY: the core's region keeps the guarantees; this only passes them on.
unsafe impl Region for Encrypted {
    #[inline]
    fn start(&self) -> NonNull<AtomicU64> {
        self.region.start()
    }

    #[inline]
    fn at_rest(&self) -> AtRest {
        self.region.at_rest()
    }

    fn make_readable(&mut self) -> Result<NonNull<AtomicU64>, Error> {
        let start = self.region.make_readable()?;
        if let Some(plain) = self.region.plain() {
            self.plaintext = plain.facts();
        }
        Ok(start)
    }

    #[inline]
    fn make_unreadable(&mut self) -> Result<(), Error> {
        self.region.make_unreadable()
    }

    #[inline]
    fn release(self) -> Released {
        self.region.release()
    }
}
