//! Stray accesses: off the pages of a secret they end the process, just over the ends of its
//! content they are told when it is closed.
#![cfg(target_os = "linux")]

use std::ops::Range;
use std::ptr;

use nix::sys::signal::Signal::SIGSEGV;
use strongroom::{Builder, CloseOutcome, Protection, Secret};
use strongroom_tests::linux::{builders, builders_of, child, material, memory};

/// A content in a small slot, in the largest, and with pages of its own.
const LENGTHS: [usize; 3] = [32, 4096, 20_000];

fn secret(builder: Builder, len: usize) -> Secret {
    builder.build(&mut material(1, len)).expect("there is memory")
}

/// The addresses of the pages that `bytes` are in.
fn pages(bytes: &[u8]) -> Range<usize> {
    memory::range(&memory::mapping_at(bytes.as_ptr()).expect("bytes are somewhere"))
}

fn read(address: usize) {
    // SAFETY: none; whether this faults is the question.
    unsafe { ptr::with_exposed_provenance::<u8>(address).read_volatile() };
}

fn write(address: usize) {
    // SAFETY: none; whether this faults is the question.
    unsafe { ptr::with_exposed_provenance_mut::<u8>(address).write_volatile(0xAA) };
}

/// Changes the byte at `address`.
fn change(address: usize) {
    let byte = ptr::with_exposed_provenance_mut::<u8>(address);
    // SAFETY: none; whether this is noticed is the question.
    let was = unsafe { byte.read_volatile() };
    // SAFETY: as above.
    unsafe { byte.write_volatile(!was) };
}

#[test]
fn an_access_off_either_end_of_the_pages_faults() {
    for (level, kind, builder) in builders() {
        for len in LENGTHS {
            for (name, access) in [("read", read as fn(usize)), ("write", write)] {
                let at = |place: fn(&[u8]) -> usize| {
                    let access = move |bytes: &[u8]| access(place(bytes));
                    move || secret(builder, len).with_bytes(access).expect("it is open")
                };
                let part = |place| format!("{name} {place} {len} bytes, {kind}");
                child::run(&part("before the pages of"), at(|bytes| pages(bytes).start - 1))
                    .dies_of(SIGSEGV);
                child::run(&part("behind the pages of"), at(|bytes| pages(bytes).end))
                    .dies_of(SIGSEGV);
                if name == "write" && matches!(level, Protection::Guarded { .. }) {
                    // Not even the content can be written.
                    continue;
                }
                child::run(&part("at the start of"), at(|bytes| bytes.as_ptr().addr())).finishes();
                child::run(
                    &part("at the end of"),
                    at(|bytes| bytes.as_ptr().addr() + bytes.len() - 1),
                )
                .finishes();
            }
        }
    }
}

/// How a secret of `len` bytes closes after the byte at `offset` from its start was changed while
/// it was open.
fn closed_after_write(builder: Builder, len: usize, offset: Option<isize>) -> CloseOutcome {
    let secret = secret(builder, len);
    secret
        .with_bytes(|bytes| {
            let start = bytes.as_ptr().expose_provenance();
            offset.map(|offset| change(start.wrapping_add_signed(offset)))
        })
        .expect("it is open");
    secret.close()
}

#[test]
fn a_write_just_over_an_end_of_the_content_is_told_by_close() {
    for level in [Protection::Locked, Protection::Encrypted] {
        for (kind, builder) in builders_of(level) {
            for len in [1, 5, 31, 32, 33, 4095, 4096, 4097, 20_000] {
                let end = isize::try_from(len).expect("a small number");
                for offset in [None, Some(0), Some(end - 1)] {
                    let closed = closed_after_write(builder, len, offset);
                    assert_eq!(closed, CloseOutcome::Wiped, "{kind}, {len} bytes, {offset:?}");
                }
                for offset in (-8..0).chain(end..end + 8) {
                    let closed = closed_after_write(builder, len, Some(offset));
                    assert_eq!(closed, CloseOutcome::Overrun, "{kind}, {len} bytes, {offset}");
                }
            }
        }
    }
}

#[test]
fn an_overrun_content_is_wiped_all_the_same() {
    for (kind, builder) in builders_of(Protection::Locked) {
        child::run(&kind, || {
            let neighbour = secret(builder, 32);
            let overrun = secret(builder, 32);
            let start = overrun.with_bytes(|bytes| bytes.as_ptr().expose_provenance()).unwrap();
            let slab = neighbour.with_bytes(pages).unwrap();
            assert!(slab.contains(&start), "the neighbour keeps the slab in place");
            change(start + 32);
            assert_eq!(overrun.close(), CloseOutcome::Overrun);
            // SAFETY: the slab stays as long as the neighbour.
            let left = unsafe { ptr::with_exposed_provenance::<[u8; 40]>(start).read_volatile() };
            assert_eq!(left, [0; 40]);
            assert_eq!(neighbour.ct_eq(&material(1, 32)), Ok(true));
        })
        .finishes();
    }
}
