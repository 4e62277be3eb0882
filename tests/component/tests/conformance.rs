//! The component that ships, in wasmtime.
#![cfg(target_os = "linux")]

use strongroom_component_tests::host::{InWasmtime, compiled, packed};
use strongroom_tests::conformance::{self, Host};
use strongroom_tests::linux::child;
use strongroom_tests::residue::{Needle, search_process};

fn instance() -> InWasmtime {
    let file = packed();
    compiled(&file).and_then(|component| InWasmtime::new(&component)).unwrap_or_else(|error| {
        panic!("{}: {error:#}; `cargo xtask pack` makes it", file.display())
    })
}

#[test]
fn conforms() {
    conformance::restricting(&instance());
}

#[test]
fn inputs_over_the_limit_are_an_error() {
    let host = instance();
    let mut over = vec![7; (16 << 20) + 1];
    let refused = host.create(&mut over).expect_err("one byte too many");
    assert_eq!(InWasmtime::code(&refused), "too-large");
    let secret = host.create(&mut over[1..]).expect("exactly as many as allowed");
    let refused = host.hmac(&secret, &over).expect_err("one byte too many");
    assert_eq!(InWasmtime::code(&refused), "too-large");
    assert_eq!(host.len(&secret).expect("open"), 16 << 20);
}

/// Searches the whole process, and so the component's linear memory, too: in a process of its own,
/// where nobody maps and unmaps meanwhile.
#[test]
fn nothing_is_left_of_a_closed_secret() {
    child::run("searched", || {
        let host = instance();
        let needle = Needle::random(48);
        let windows = || search_process(&[&needle]).expect("/proc is there").windows;
        assert_eq!(windows(), 0, "the needle doesn't find itself");

        let mut source = [0; 48];
        needle.unmask_into(&mut source);
        let secret = host.create(&mut source).expect("there is memory");
        source.fill(0);
        assert_ne!(windows(), 0, "the control: the search sees the live secret");

        host.hmac(&secret, b"message").expect("open");
        let mut revealed = host.reveal(&secret).expect("open");
        revealed.fill(0);
        drop(revealed);
        host.replace(&secret, &mut [9; 48]).expect("open");
        assert_eq!(windows(), 0, "after a replace");

        needle.unmask_into(&mut source);
        host.replace(&secret, &mut source).expect("open");
        source.fill(0);
        host.close(&secret);
        assert_eq!(windows(), 0, "after a close");
    })
    .finishes();
}
