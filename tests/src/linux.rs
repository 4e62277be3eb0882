//! What the tests share that need a real Linux under the native crate.

pub mod blocks;
pub mod calls;
pub mod child;
#[cfg(target_arch = "x86_64")]
pub mod executed;
pub mod lacking;
pub mod limit;
pub mod memory;
#[cfg(target_arch = "x86_64")]
pub mod stack;
pub mod threads;

use std::sync::Once;
use std::time::Duration;

use strongroom::{Backing, Builder, Protection, Reprotect, Secret};
use zeroize::Zeroizing;

use crate::residue::Needle;

/// Pages that nobody can access once the last access has ended.
pub const GUARDED: Protection = Protection::Guarded { reprotect: Reprotect::Eager };

/// Longer than any test takes.
pub const AGES: Duration = Duration::from_secs(3600);

/// Pages that stay accessible after the first access, as no test lasts until they become unreadable.
pub const GUARDED_AFTER_AGES: Protection =
    Protection::Guarded { reprotect: Reprotect::After(AGES) };

/// Pages that a thread of the library makes unreadable a moment after the last access. It may be at it at any
/// time: then closing a secret is deferred, or dropping it left to that thread.
pub const GUARDED_BRIEFLY: Protection =
    Protection::Guarded { reprotect: Reprotect::After(Duration::from_millis(1)) };

/// Every level of protection, with a name. What becomes of these is up to the test alone.
pub const LEVELS: [(&str, Protection); 4] = [
    ("locked", Protection::Locked),
    ("guarded", GUARDED),
    ("guarded after ages", GUARDED_AFTER_AGES),
    ("encrypted", Protection::Encrypted),
];

/// The kinds of memory that this machine has, with names.
#[must_use]
pub fn backings() -> Vec<(&'static str, Backing)> {
    let mut backings = vec![("anonymous", Backing::Anonymous)];
    if memory::kernel_has_memfd_secret() {
        backings.push(("memfd_secret", Backing::MemfdSecret));
    } else {
        static SAID: Once = Once::new();
        SAID.call_once(no_memfd_secret);
    }
    backings
}

/// Says that nothing is shown about memory of this kind, as the kernel has none.
pub fn no_memfd_secret() {
    let remedy = "boot with secretmem.enable=1 (Linux 5.14 to 6.4), or a newer kernel";
    lacking::not_shown("memfd_secret", "this kernel has none", remedy);
}

/// Builders for every one of the [`LEVELS`] in every kind of memory, with a name for both.
#[must_use]
pub fn builders() -> Vec<(Protection, String, Builder)> {
    LEVELS.into_iter().flat_map(in_every_memory).collect()
}

/// Builders for [`GUARDED_BRIEFLY`] in every kind of memory.
#[must_use]
pub fn brief_builders() -> Vec<(Protection, String, Builder)> {
    in_every_memory(("guarded briefly", GUARDED_BRIEFLY)).collect()
}

fn in_every_memory(
    (level_name, level): (&str, Protection),
) -> impl Iterator<Item = (Protection, String, Builder)> {
    backings().into_iter().map(move |(backing_name, backing)| {
        let builder = Secret::builder().protection(level).backing(backing);
        (level, format!("{level_name}, {backing_name}"), builder)
    })
}

/// Builders for this level of protection in every kind of memory, with names.
#[must_use]
pub fn builders_of(level: Protection) -> Vec<(String, Builder)> {
    let of_level = |(other, name, builder)| (other == level).then_some((name, builder));
    builders().into_iter().filter_map(of_level).collect()
}

/// `len` bytes, none of them zero, that no other seed gives; no 8 bytes in a row occur twice.
#[must_use]
pub fn material(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let byte = |_| {
        // A linear congruential generator with the constants of MMIX (Knuth).
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8 | 1
    };
    (0..len).map(byte).collect()
}

/// Bytes of the needles whose [`repeated`] contents are searched for.
pub const NEEDLE: usize = 32;

/// `len` bytes, a multiple of [`NEEDLE`], that `needle` finds any 47 in a row of. It is found much
/// faster than a needle of that length would be. They are wiped when they go, lest a search find them.
///
/// # Panics
///
/// If the needle is of another length.
#[must_use]
pub fn repeated(needle: &Needle, len: usize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; len]);
    bytes.chunks_mut(NEEDLE).for_each(|chunk| needle.unmask_into(chunk));
    bytes
}
