//! Deriving secrets from secrets by handle: HKDF-SHA256 (RFC 5869) and Argon2id (RFC 9106).

use alloc::vec::Vec;

use argon2::{Algorithm, Argon2, AssociatedData, Block, ParamsBuilder, Version};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::operations::operations;
use crate::storage::Storage;
use crate::{Error, Secret, wipe};

const HKDF_STACK: usize = wipe::stack_of(4 * 1024, 32 * 1024);
const ARGON2_STACK: usize = wipe::stack_of(24 * 1024, 104 * 1024);

/// The most bytes that HKDF-SHA256 derives (RFC 5869, section 2.3).
const HKDF_SHA256_MAX: usize = 255 * 32;

/// The most bytes of an `info` that HKDF-SHA256 takes here: each 32 bytes that are derived hash all of
/// it once more. RFC 5869 sets no limit.
const HKDF_INFO_MAX: usize = 64 * 1024;

/// What one Argon2id takes, so that guessing takes as much each time.
///
/// The default is the second recommended option of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Argon2Cost {
    /// Memory in KiB, at least 8 for each lane.
    pub memory_kib: u32,
    /// Passes over the memory, at least 1.
    pub passes: u32,
    /// Lanes, from 1 to 2^24 - 1. They change the result; here they are computed one after another.
    pub lanes: u32,
}

impl Default for Argon2Cost {
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 }
    }
}

impl Argon2Cost {
    /// The most that one may cost where it can't be interrupted and others choose it: in components
    /// and in JavaScript. No other operation there takes as much work.
    pub const LIMIT: Self = Self { memory_kib: 128 << 10, passes: 8, lanes: 16 };

    /// This cost, if it is above `limit` in none of the three figures: for hosts whose users choose
    /// it, since nothing stops a derivation that has begun.
    ///
    /// # Errors
    ///
    /// [`Error::TooCostly`].
    pub fn within(self, limit: Self) -> Result<Self, Error> {
        let figures = [
            ("Argon2id memory in KiB", self.memory_kib, limit.memory_kib),
            ("number of Argon2id passes", self.passes, limit.passes),
            ("number of Argon2id lanes", self.lanes, limit.lanes),
        ];
        match figures.into_iter().find(|(_, given, max)| given > max) {
            Some((what, given, max)) => Err(Error::TooCostly { what, given, max }),
            None => Ok(self),
        }
    }
}

operations! {
    kdf_operations; S: Storage + Clone;

    /// A new secret of `len` bytes, at most 8160, derived from this one by HKDF-SHA256 (RFC 5869):
    /// the keys for different `info` tell nothing of each other or of this secret.
    ///
    /// This secret must be as hard to guess as a key; for passwords there is
    /// [`argon2id`](Self::argon2id). An empty `salt` stands for none. `info` has at most 64 KiB.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`], those of [`with_bytes`](Self::with_bytes), and those of a new secret.
    pub fn hkdf_sha256(&self, salt: &[u8], info: &[u8], len: usize) -> Result<Self, Error>
    where self: KDF
    {
        let too_large = Error::TooLarge { len, max: HKDF_SHA256_MAX };
        if len > HKDF_SHA256_MAX {
            return Err(too_large);
        }
        if info.len() > HKDF_INFO_MAX {
            return Err(Error::TooLarge { len: info.len(), max: HKDF_INFO_MAX });
        }
        self.derived(len, |key, derived| {
            wipe::scrubbed::<HKDF_STACK, _>(|| {
                Hkdf::<Sha256>::new(Some(salt), key).expand(info, derived).map_err(|_| too_large)
            })
        })
    }

    /// A new secret of `len` bytes, at least 4, derived from this one, a password, by Argon2id
    /// (RFC 9106) with a `salt` of at least 8 bytes, better 16, that is different for each password.
    ///
    /// It takes as long as `cost` says, and its memory comes from the heap: it can't be locked, and
    /// is wiped at the end.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`] for sizes that Argon2id doesn't take, [`Error::OutOfMemory`], those of
    /// [`with_bytes`](Self::with_bytes), and those of a new secret.
    pub fn argon2id(&self, salt: &[u8], cost: Argon2Cost, len: usize) -> Result<Self, Error>
    where self: KDF
    {
        self.derived(len, |password, derived| {
            argon2id(&Input { password, salt, key: &[], associated_data: &[] }, cost, derived)
        })
    }

    /// As [`argon2id`](Self::argon2id), with all that RFC 9106 allows for: `key`, often called a
    /// pepper, without which nobody can even begin to guess, and at most 32 bytes of
    /// `associated_data`.
    ///
    /// # Errors
    ///
    /// Those of [`argon2id`](Self::argon2id).
    pub fn argon2id_keyed(
        &self,
        key: &Self,
        salt: &[u8],
        associated_data: &[u8],
        cost: Argon2Cost,
        len: usize,
    ) -> Result<Self, Error>
    where self: KDF, key: KDF
    {
        self.derived(len, |password, derived| {
            key.with_bytes(|key| {
                argon2id(&Input { password, salt, key, associated_data }, cost, derived)
            })?
        })
    }
}

impl<S: Storage + Clone> Secret<S> {
    /// A new secret of `len` bytes, of the same kind as this one, that `derive` makes of this one.
    fn derived(
        &self,
        len: usize,
        derive: impl FnOnce(&[u8], &mut [u8]) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        self.with_bytes(|bytes| {
            Self::init_in(self.storage().clone(), len, |derived| derive(bytes, derived))
        })?
    }
}

/// What is hashed, by the names of RFC 9106, section 3.1.
struct Input<'a> {
    password: &'a [u8],
    salt: &'a [u8],
    key: &'a [u8],
    associated_data: &'a [u8],
}

fn argon2id(input: &Input<'_>, cost: Argon2Cost, derived: &mut [u8]) -> Result<(), Error> {
    let len = derived.len();
    wipe::scrubbed::<ARGON2_STACK, _>(|| {
        let params = ParamsBuilder::new()
            .m_cost(cost.memory_kib)
            .t_cost(cost.passes)
            .p_cost(cost.lanes)
            .data(AssociatedData::new(input.associated_data)?)
            .build()?;
        let mut memory = memory(params.block_count())?;
        Argon2::new_with_secret(input.key, Algorithm::Argon2id, Version::V0x13, params)?
            .hash_password_into_with_memory(input.password, input.salt, derived, &mut *memory)
    })
    .map_err(|error| refusal(error, input, cost, len))
}

/// Room for Argon2id's blocks, wiped when it goes.
fn memory(blocks: usize) -> argon2::Result<Zeroizing<Vec<Block>>> {
    let mut memory = Vec::new();
    memory.try_reserve_exact(blocks).map_err(|_| argon2::Error::OutOfMemory)?;
    memory.resize(blocks, Block::new());
    Ok(Zeroizing::new(memory))
}

fn refusal(error: argon2::Error, input: &Input<'_>, cost: Argon2Cost, len: usize) -> Error {
    use argon2::Error as Reason;
    let (what, given, needed) = match error {
        Reason::MemoryTooLittle => {
            ("Argon2id memory in KiB", cost.memory_kib as usize, "at least 8 for each lane")
        }
        Reason::TimeTooSmall => ("number of Argon2id passes", cost.passes as usize, "at least 1"),
        Reason::ThreadsTooFew | Reason::ThreadsTooMany => {
            ("number of Argon2id lanes", cost.lanes as usize, "from 1 to 2^24 - 1")
        }
        Reason::SaltTooShort | Reason::SaltTooLong => {
            ("salt length in bytes", input.salt.len(), "from 8 to 2^32 - 1")
        }
        Reason::AdTooLong => {
            ("associated data length in bytes", input.associated_data.len(), "at most 32")
        }
        Reason::OutputTooShort | Reason::OutputTooLong => {
            ("derived length in bytes", len, "from 4 to 2^32 - 1")
        }
        Reason::OutOfMemory => {
            return Error::OutOfMemory { asked: (cost.memory_kib as usize).saturating_mul(1024) };
        }
        _ => {
            let len = input.password.len().max(input.key.len());
            return Error::TooLarge { len, max: argon2::MAX_PWD_LEN };
        }
    };
    Error::WrongSize { what, given, needed }
}
