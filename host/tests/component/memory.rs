//! What is in a guest's memory, and what becomes of it.

use wasmtime::component::Linker;
use wasmtime::{Config, Engine, InstanceAllocationStrategy};
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
    app_on(SecureMemoryCreator::engine(&mut Config::new()).unwrap())
}

/// A guest whose memory is as usual, written at the start, as the other's is.
#[cfg(target_os = "linux")]
fn ordinary_app() -> App {
    app_on(Engine::new(Config::new().memory_init_cow(false)).unwrap())
}

fn app_on(engine: Engine) -> App {
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

#[test]
fn memory_that_this_crate_would_not_make_is_refused() {
    let refused = |config: &mut Config| {
        let refused = SecureMemoryCreator::engine(config).err();
        format!("{:?}", refused.expect("a guest could have ordinary memory"))
    };
    let pooling = refused(Config::new().allocation_strategy(InstanceAllocationStrategy::pooling()));
    assert!(pooling.contains("OnDemand"), "{pooling}");
    let shared = refused(Config::new().shared_memory(true));
    assert!(shared.contains("shared_memory(false)"), "{shared}");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{PipeReader, Read, pipe};
    use std::os::fd::AsRawFd;

    use strongroom_tests::linux::memory::{LOCKED, NOT_DUMPED, mapping_at};
    use wasmtime::component::WasmList;

    use super::*;

    const PAGE: usize = 4096;

    /// What the guests here have in memory.
    fn marker() -> Vec<u8> {
        (0..64_u8).map(|i| i.wrapping_mul(37) ^ 0xA5).collect()
    }

    /// Has the guest put the marker where its allocator wants it, and says where that is.
    fn marked(app: &mut App) -> *const u8 {
        let key = app.call::<_, Result<u32, Error>>("random", (32_u64,)).unwrap();
        app.call::<_, Result<Vec<u8>, Error>>("hmac-sha256", (key, &marker()[..])).unwrap();
        let bytes =
            app.instance.get_typed_func::<(), (WasmList<u8>,)>(&mut app.store, "memory-bytes");
        let (memory,) = bytes.unwrap().call(&mut app.store, ()).unwrap();
        let memory = memory.as_le_slice(&app.store);
        let at = memory.windows(64).position(|window| window == marker());
        memory[at.expect("the guest has it")..].as_ptr()
    }

    #[test]
    fn a_guest_s_memory_is_locked_and_out_of_dumps() {
        for (mut app, secure) in [(guarded_app(), true), (ordinary_app(), false)] {
            let mapping = mapping_at(marked(&mut app)).expect("the guest has memory");
            let flags = mapping.extension.vm_flags;
            assert_eq!(flags.contains(LOCKED), secure, "{flags:?}");
            assert_eq!(flags.contains(NOT_DUMPED), secure, "{flags:?}");
        }
    }

    /// Keeps the page that `address` is in beyond the end of its mapping: the kernel puts the page
    /// itself into the pipe, and no copy of it.
    fn keep_page(address: *const u8) -> PipeReader {
        let (kept, pipe) = pipe().unwrap();
        let start = address.wrapping_sub(address.addr() % PAGE);
        let page = libc::iovec { iov_base: start.cast_mut().cast(), iov_len: PAGE };
        // SAFETY: the kernel reads one range, and checks that the process may.
        let spliced = unsafe { libc::vmsplice(pipe.as_raw_fd(), &raw const page, 1, 0) };
        assert_eq!(spliced, PAGE.cast_signed(), "{}", std::io::Error::last_os_error());
        kept
    }

    /// What the documentation says isn't made so. Should wasmtime change, it is to be changed.
    #[test]
    fn a_memory_of_the_host_s_is_ordinary() {
        let engine = SecureMemoryCreator::engine(&mut Config::new()).unwrap();
        let mut store = wasmtime::Store::new(&engine, ());
        let memory = wasmtime::Memory::new(&mut store, wasmtime::MemoryType::new(1, None)).unwrap();
        let mapping = mapping_at(memory.data_ptr(&store)).expect("it is there");
        assert!(!mapping.extension.vm_flags.contains(LOCKED));
    }

    #[test]
    fn a_guest_s_memory_is_wiped_when_its_store_goes() {
        for (mut app, secure) in [(guarded_app(), true), (ordinary_app(), false)] {
            let marker_at = marked(&mut app);
            let mut kept = keep_page(marker_at);
            drop(app);
            let mut page = vec![0; PAGE];
            kept.read_exact(&mut page).unwrap();
            assert_eq!(page.iter().all(|byte| *byte == 0), secure);
            // What the page would show.
            let offset = marker_at.addr() % PAGE;
            let shown = marker().iter().zip(&page[offset..]).all(|(a, b)| a == b);
            assert_eq!(shown, !secure);
        }
    }
}
