//! What is in a guest's memory, and what becomes of it.

use std::sync::Arc;

use wasmtime::component::Linker;
use wasmtime::{Config, Engine};
use wasmtime_strongroom::provider::Named;
use wasmtime_strongroom::{Error, SecretCtxBuilder, SecureMemoryCreator, Uses};

use crate::relay::{App, FULL, component};

/// Whether any 8 bytes in a row of `secret` are in `memory`.
fn leaks(memory: &[u8], secret: &[u8]) -> bool {
    let windows: std::collections::HashSet<_> = secret.windows(8).collect();
    memory.windows(8).any(|window| windows.contains(window))
}

#[test]
fn a_guest_has_nothing_of_a_secret_that_it_uses() {
    let mut key = [0; 32];
    strongroom::Secret::random(32).unwrap().copy_into(&mut key).unwrap();
    let secret = strongroom::Secret::new(&mut key.clone()).unwrap();
    let secrets = SecretCtxBuilder::new()
        .provider(Named::new().with("key", secret))
        .grant("key", Uses::all())
        .build();
    let mut app = App::new(secrets);
    let held = app.call::<_, Result<Option<u32>, Error>>("get", ("key",)).unwrap().unwrap();
    let message = b"a message that the guest has".as_slice();
    app.call::<_, Result<Vec<u8>, Error>>("hmac-sha256", (held, message)).unwrap();
    app.call::<_, Result<Vec<u8>, Error>>("sign-ed25519", (held, message)).unwrap();
    app.call::<_, Result<Vec<u8>, Error>>("seal", (held, 0_u32, message, message)).unwrap();
    app.call::<_, Result<u32, Error>>("hkdf-sha256", (held, message, message, 32_u64)).unwrap();
    assert!(!leaks(&app.memory(), &key));
    // What the search would find.
    assert!(leaks(&app.memory(), message));
    app.call::<_, Result<Vec<u8>, Error>>("reveal", (held,)).unwrap();
    assert!(leaks(&app.memory(), &key));
}

/// A guest whose memory this crate has made.
fn guarded_app() -> App {
    let mut config = Config::new();
    config.with_host_memory(Arc::new(SecureMemoryCreator::new())).memory_init_cow(false);
    let engine = Engine::new(&config).unwrap();
    let mut linker = Linker::new(&engine);
    wasmtime_strongroom::add_to_linker(&mut linker).unwrap();
    let component = component(&engine, FULL);
    App::instantiate(&component, &linker, SecretCtxBuilder::new().build()).unwrap()
}

#[test]
fn a_guest_runs_and_grows_in_secure_memory() {
    let mut app = guarded_app();
    let before = app.memory();
    assert!(leaks(&before, b"not a secret, but in the memory from the start"));
    let key = app.call::<_, Result<u32, Error>>("random", (32_u64,)).unwrap();
    let message = vec![7_u8; 300_000];
    app.call::<_, Result<Vec<u8>, Error>>("hmac-sha256", (key, &message[..])).unwrap();
    let after = app.memory();
    assert!(after.len() >= before.len() + message.len());
    assert!(after.windows(message.len()).any(|window| window == message));
}

/// Whether memory that is locked and left out of dumps, as the system tells it, has this content.
#[cfg(target_os = "linux")]
fn locked_and_undumped(content: &[u8]) -> bool {
    use std::os::unix::fs::FileExt;

    let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let memory = std::fs::File::open("/proc/self/mem").unwrap();
    let mut mapping = 0..0;
    for line in smaps.lines() {
        let first = line.split(' ').next().unwrap();
        if let Some((start, end)) = first.split_once('-') {
            let at = |hex| u64::from_str_radix(hex, 16).unwrap();
            mapping = at(start)..at(end);
        } else if first == "VmFlags:" && line.contains(" lo") && line.contains(" dd") {
            let mut bytes = vec![0; usize::try_from(mapping.end - mapping.start).unwrap()];
            let read = memory.read_exact_at(&mut bytes, mapping.start);
            if read.is_ok() && bytes.windows(content.len()).any(|window| window == content) {
                return true;
            }
        }
    }
    false
}

#[cfg(target_os = "linux")]
#[test]
fn a_guest_s_memory_is_locked_and_out_of_dumps() {
    let mut app = guarded_app();
    let key = app.call::<_, Result<u32, Error>>("random", (32_u64,)).unwrap();
    // The guest keeps it where its allocator has put it.
    let marker: Vec<u8> = (0..64_u8).map(|i| i.wrapping_mul(37) ^ 0xA5).collect();
    app.call::<_, Result<Vec<u8>, Error>>("hmac-sha256", (key, &marker[..])).unwrap();
    assert!(locked_and_undumped(&marker));
    drop(app);
    assert!(!locked_and_undumped(&marker));
}
