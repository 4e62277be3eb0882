//! Random sequences of operations on several handles, against a model.
#![cfg(not(any(target_family = "wasm", strongroom_loom)))]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use strongroom_tests::conformance::Lends;
use strongroom_tests::heap::{Heap, WAYS};
use strongroom_tests::hosts::{Core, Locally};
use strongroom_tests::model::{Op, play};
#[cfg(all(target_os = "linux", not(miri)))]
use strongroom_tests::{hosts::Native, linux::builders};

fn op() -> impl Strategy<Value = Op> {
    let content = || vec(any::<u8>(), 0..20);
    let leaf = prop_oneof![
        1 => any::<usize>().prop_map(Op::Share),
        1 => any::<usize>().prop_map(Op::Leave),
        1 => any::<usize>().prop_map(Op::Close),
        4 => (any::<usize>(), content()).prop_map(|(handle, bytes)| Op::Replace(handle, bytes)),
        2 => (any::<usize>(), 0..25_u8).prop_map(|(handle, room)| Op::Copy(handle, room)),
        1 => (any::<usize>(), 0..8_u8).prop_map(|(handle, piece)| Op::Read(handle, piece)),
        1 => (any::<usize>(), content()).prop_map(|(handle, bytes)| Op::Compare(handle, bytes)),
    ];
    leaf.prop_recursive(3, 30, 6, |inner| {
        (any::<usize>(), vec(inner, 0..6)).prop_map(|(handle, ops)| Op::Within(handle, ops))
    })
}

/// Plays random sequences on `host`, each followed by `check`.
fn plays_like_the_model<H: Lends>(host: &H, check: impl Fn()) {
    let config = Config {
        cases: if cfg!(miri) { 5 } else { 100 },
        failure_persistence: None,
        ..Config::default()
    };
    let content = vec(any::<u8>(), 1..20);
    let outcome = TestRunner::new(config).run(&(content, vec(op(), 1..30)), |(content, ops)| {
        play(host, content, ops);
        check();
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn on_the_heap() {
    for at_rest in WAYS {
        let host = Core(Heap::new(at_rest));
        plays_like_the_model(&host, || {
            let (allocated, released) = host.0.counts();
            assert_eq!(released, allocated, "one release for each content");
        });
    }
}

/// The same by a local handle for each handle.
#[test]
fn locally_on_the_heap() {
    for at_rest in WAYS {
        let heap = Heap::new(at_rest);
        plays_like_the_model(&Locally(Core(heap.clone())), || {
            let (allocated, released) = heap.counts();
            assert_eq!(released, allocated, "one release for each content");
        });
    }
}

#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn natively() {
    for (_, name, builder) in builders() {
        println!("{name}");
        plays_like_the_model(&Native::new(builder), || {});
        plays_like_the_model(&Locally(Native::new(builder)), || {});
    }
}
