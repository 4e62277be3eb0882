//! The conformance suite on the hosts of this process: the heap, native, linear memory.
#![cfg(not(any(target_family = "wasm", strongroom_loom)))]

use std::time::Duration;

use strongroom::{Backing, Builder, Protection, Reprotect, Secret};
use strongroom_core::AtRest;
use strongroom_tests::conformance;
use strongroom_tests::heap::Heap;
use strongroom_tests::hosts::{Core, Native, Restrictedly};
use strongroom_wasm::Linear;

fn heap(at_rest: AtRest) {
    conformance::lending(&Core(Heap::new(at_rest)));
    conformance::lending_locally(Core(Heap::new(at_rest)));
    conformance::restricting(&Restrictedly(Core(Heap::new(at_rest))));
}

fn native(choose: fn(Builder) -> Builder) {
    conformance::lending(&Native::new(choose(Secret::builder())));
    conformance::lending_locally(Native::new(choose(Secret::builder())));
    conformance::restricting(&Restrictedly(Native::new(choose(Secret::builder()))));
}

#[test]
fn heap_readable() {
    heap(AtRest::Readable);
}

#[test]
fn heap_pin_only() {
    heap(AtRest::PinOnly);
}

#[test]
fn heap_entered() {
    heap(AtRest::Entered);
}

#[test]
fn heap_unreadable_eagerly() {
    heap(AtRest::Unreadable { eager: true });
}

#[test]
fn heap_unreadable_when_idle() {
    heap(AtRest::Unreadable { eager: false });
}

#[test]
fn linear_memory() {
    conformance::lending(&Core(Linear));
    conformance::lending_locally(Core(Linear));
    conformance::restricting(&Restrictedly(Core(Linear)));
}

#[test]
fn native_locked() {
    native(|builder| builder);
}

#[test]
fn native_locked_in_anonymous_memory() {
    native(|builder| builder.backing(Backing::Anonymous));
}

#[test]
fn native_guarded() {
    native(|builder| builder.protection(Protection::Guarded { reprotect: Reprotect::Eager }));
}

#[test]
fn native_guarded_after_ages() {
    native(|builder| {
        // Not earlier, for the close of a secret that is just being made unreadable is deferred.
        let reprotect = Reprotect::After(Duration::from_secs(3600));
        builder.protection(Protection::Guarded { reprotect })
    });
}

#[test]
fn native_encrypted() {
    let builder = Secret::builder().protection(Protection::Encrypted);
    // An AEAD that isn't optimised takes minutes for all lengths.
    let host = || Native { length_step: 101, ..Native::new(builder) };
    conformance::lending(&host());
    conformance::lending_locally(host());
    conformance::restricting(&Restrictedly(host()));
}
