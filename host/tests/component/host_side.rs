//! What the host's side has of a component's secrets, and how it keeps them.

use strongroom::{Protection, Secret, Stats, stats};
use strongroom_tests::linux::{LEVELS, child};
use strongroom_tests::residue::{Needle, search_process};
use wasmtime::component::WasmList;
use wasmtime_strongroom::{CloseOutcome, Error, SecretCtxBuilder};

use crate::relay::App;

type Made = Result<u32, Error>;

/// How many secrets there are of this level.
fn count(stats: Stats, level: Protection) -> usize {
    match level {
        Protection::Locked => stats.locked,
        Protection::Guarded { .. } => stats.guarded,
        _ => stats.encrypted,
    }
}

#[test]
fn a_component_s_secrets_are_kept_as_the_host_says() {
    for (name, level) in LEVELS {
        // In a process of its own, where all secrets are this component's.
        child::run(name, || {
            let memory = Secret::builder().protection(level);
            let mut app = App::new(SecretCtxBuilder::new().memory(memory).build());
            let key = app.call::<_, Made>("random", (32_u64,)).unwrap();
            app.call::<_, Made>("from-bytes", (&b"content"[..],)).unwrap();
            let derived: Made = app.call("hkdf-sha256", (key, &b""[..], &b""[..], 32_u64));
            derived.unwrap();
            let all = stats();
            assert_eq!(count(all, level), 3, "{all:?}");
            assert_eq!(all.locked + all.guarded + all.encrypted, 3, "{all:?}");
        })
        .finishes();
    }
}

/// Calls a function that returns bytes, which stay in the guest's memory.
macro_rules! call_there {
    ($app:expr, $name:literal, $params:expr) => {{
        type Returned = (Result<WasmList<u8>, Error>,);
        let function = $app.instance.get_typed_func::<_, Returned>(&mut $app.store, $name).unwrap();
        function.call(&mut $app.store, $params).unwrap().0.unwrap()
    }};
}

#[test]
fn bytes_that_cross_are_wiped() {
    // In a process of its own, where nobody else maps and unmaps.
    child::run("searched", || {
        let needle = Needle::random(48);
        let windows = || search_process(&[&needle]).expect("/proc is there").windows;
        let mut source = [0; 48];
        let mut app = App::new(SecretCtxBuilder::new().build());

        // In, and in once more.
        needle.unmask_into(&mut source);
        let secret = app.call::<_, Made>("from-bytes", (&source[..],)).unwrap();
        app.call::<_, Result<(), Error>>("replace", (secret, &source[..])).unwrap();
        // Out.
        assert_eq!(call_there!(app, "reveal", (secret,)).as_le_slice(&app.store), source);
        // As what was encrypted.
        let key = app.call::<_, Made>("random", (32_u64,)).unwrap();
        let (data, nonce) = (&b"data"[..], &[1_u8; 12][..]);
        let seal = app.call::<_, Result<Vec<u8>, Error>>("seal", (key, 0_u32, &source[..], data));
        let opened = call_there!(app, "open", (key, 0_u32, &seal.unwrap()[..], data));
        assert_eq!(opened.as_le_slice(&app.store), source);
        let args = (key, 1_u32, nonce, &source[..], data);
        let seal = app.call::<_, Result<Vec<u8>, Error>>("seal-with-nonce", args);
        let args = (key, 1_u32, nonce, &seal.unwrap()[..], data);
        let opened = call_there!(app, "open-with-nonce", args);
        assert_eq!(opened.as_le_slice(&app.store), source);
        // Wrapped, and a secret again.
        let wrapped = app.call::<_, Result<Vec<u8>, Error>>("wrap-aes-kw", (key, secret)).unwrap();
        let again = app.call::<_, Made>("unwrap-aes-kw", (key, &wrapped[..])).unwrap();

        source.fill(0);
        assert_ne!(windows(), 0, "the control: the search sees what the guest has");
        assert_eq!(app.call::<_, CloseOutcome>("close", (secret,)), CloseOutcome::Wiped);
        assert_eq!(app.call::<_, CloseOutcome>("close", (again,)), CloseOutcome::Wiped);
        drop(app);
        assert_eq!(windows(), 0, "the guest's memory is gone, and nothing is on the host's side");

        needle.unmask_into(&mut source);
        let careless = source.to_vec();
        source.fill(0);
        assert_ne!(windows(), 0, "the control: the search sees the heap");
        drop(careless);
    })
    .finishes();
}
