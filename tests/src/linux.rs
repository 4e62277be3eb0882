//! What the tests share that need a real Linux under the native crate.

pub mod blocks;
pub mod calls;
pub mod child;
pub mod limit;
pub mod memory;

use std::time::Duration;

use strongroom::{Backing, Builder, Protection, Reseal, Secret};

use crate::residue::Needle;

/// Pages that nobody can access once the last access has ended.
pub const GUARDED: Protection = Protection::Guarded { reseal: Reseal::Eager };

/// Every level of protection, with a name.
pub const LEVELS: [(&str, Protection); 4] = [
    ("locked", Protection::Locked),
    ("guarded", GUARDED),
    (
        "guarded after a while",
        Protection::Guarded { reseal: Reseal::After(Duration::from_millis(1)) },
    ),
    ("sealed", Protection::Sealed),
];

/// The kinds of memory that this machine has, with names.
#[must_use]
pub fn backings() -> Vec<(&'static str, Backing)> {
    let mut backings = vec![("anonymous", Backing::Anonymous)];
    if memory::kernel_has_memfd_secret() {
        backings.push(("memfd_secret", Backing::MemfdSecret));
    } else {
        eprintln!("this kernel has no memfd_secret: nothing is shown about it");
    }
    backings
}

/// Builders for every level of protection in every kind of memory, with a name for both.
#[must_use]
pub fn builders() -> Vec<(Protection, String, Builder)> {
    let each = |(level_name, level)| {
        backings().into_iter().map(move |(backing_name, backing)| {
            let builder = Secret::builder().protection(level).backing(backing);
            (level, format!("{level_name}, {backing_name}"), builder)
        })
    };
    LEVELS.into_iter().flat_map(each).collect()
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
/// faster than a needle of that length would be.
///
/// # Panics
///
/// If the needle is of another length.
#[must_use]
pub fn repeated(needle: &Needle, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    bytes.chunks_mut(NEEDLE).for_each(|chunk| needle.unmask_into(chunk));
    bytes
}
