//! A component that the host calls: `strongroom.component.wasm`, one that does no more than it has to,
//! or one whose functions do nothing.

use std::{env, fs};

use anyhow::{Context, Result};
use strongroom_measure::LEN;
use wasmtime::Store;
use wasmtime::component::{Component, Linker, ResourceAny, TypedFunc};
use wasmtime_strongroom::Error;

use crate::{ENGINE, MESSAGE, module};

/// The signatures of `strongroom:secret`.
const WIT: &str = "
    package bench:provider;

    interface secrets {
        use strongroom:secret/types@0.1.0.{error};

        resource secret;
        from-bytes: func(bytes: list<u8>) -> result<secret, error>;
        hmac-sha256: func(key: borrow<secret>, message: list<u8>) -> result<list<u8>, error>;
        length: func(key: borrow<secret>) -> result<u64, error>;
    }

    world provider {
        export secrets;
    }";

/// Results are at 16, and all zeros but for the handle, or the address and the length of the tag,
/// 8 bytes further on.
const MODULE: &str = r#"(module
    (import "[export]bench:provider/secrets" "[resource-new]secret"
        (func $new (param i32) (result i32)))
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "bench:provider/secrets#from-bytes") (param i32 i32) (result i32)
        (i32.store (i32.const 24) (call $new (i32.const 1)))
        i32.const 16)
    (func (export "bench:provider/secrets#hmac-sha256") (param i32 i32 i32) (result i32)
        (i32.store (i32.const 24) (i32.const 64))
        (i32.store (i32.const 28) (i32.const 32))
        i32.const 16)
    (func (export "bench:provider/secrets#length") (param i32) (result i32)
        i32.const 16)
    (func (export "cabi_post_bench:provider/secrets#hmac-sha256") (param i32)
        (global.set $next (i32.const 1024)))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $start i32)
        (local.set $start (global.get $next))
        (global.set $next (i32.add (global.get $next) (local.get 3)))
        local.get $start))"#;

/// The component in a store of its own, with a secret in it.
pub struct Provider {
    store: Store<()>,
    secret: ResourceAny,
    sign: Sign,
    length: Length,
}

type Create = TypedFunc<(&'static [u8],), (Result<ResourceAny, Error>,)>;
type Length = TypedFunc<(ResourceAny,), (Result<u64, Error>,)>;
type Sign = TypedFunc<(ResourceAny, &'static [u8]), (Result<Vec<u8>, Error>,)>;

impl Provider {
    /// What `cargo xtask pack` has made.
    ///
    /// # Errors
    ///
    /// If it hasn't, and those of wasmtime.
    pub fn strongroom() -> Result<Self> {
        Self::new(
            &module::packed()?,
            [
                "strongroom:secret/create@0.1.0",
                "strongroom:secret/mac@0.1.0",
                "strongroom:secret/types@0.1.0",
            ],
            "[method]secret.length",
        )
    }

    /// One with the same signatures that signs and does nothing else: `wasm/examples/bare.rs`.
    ///
    /// # Errors
    ///
    /// If nobody has made it, and those of wasmtime.
    pub fn bare() -> Result<Self> {
        // This program is in release/deps/ of the folder that cargo builds in.
        let here = env::current_exe()?;
        let target = here.ancestors().nth(3).context("this program is in no target folder")?;
        let file = target.join("wasm32-unknown-unknown/wasm/examples/bare.wasm");
        Self::of_module(fs::read(file).context("`cargo xtask bench` makes the module")?)
    }

    /// One with the same signatures that does nothing.
    ///
    /// # Errors
    ///
    /// Those of wasmtime.
    pub fn nothing() -> Result<Self> {
        Self::of_module(MODULE)
    }

    fn of_module(module: impl AsRef<[u8]>) -> Result<Self> {
        Self::new(&module::component(module, WIT)?, ["bench:provider/secrets"; 3], "length")
    }

    fn new(component: &Component, [create, mac, types]: [&str; 3], length: &str) -> Result<Self> {
        let mut linker = Linker::new(&ENGINE);
        // The secret is given, so nobody asks for random bytes.
        linker.define_unknown_imports_as_traps(component)?;
        let mut store = Store::new(&ENGINE, ());
        let instance = linker.instantiate(&mut store, component)?;
        let create: Create = module::function(&mut store, &instance, create, "from-bytes")?;
        let sign = module::function(&mut store, &instance, mac, "hmac-sha256")?;
        let length = module::function(&mut store, &instance, types, length)?;
        let secret = create.call(&mut store, (&[0x5a; LEN],))?.0?;
        Ok(Self { store, secret, sign, length })
    }

    /// Asks for the secret's length so many times.
    pub fn length(&mut self, times: u64) {
        for _ in 0..times {
            let length = self.length.call(&mut self.store, (self.secret,));
            assert!(length.expect("no call traps").0.is_ok());
        }
    }

    /// Signs 32 bytes so many times.
    pub fn sign(&mut self, times: u64) {
        for _ in 0..times {
            let signed = self.sign.call(&mut self.store, (self.secret, MESSAGE));
            assert!(signed.expect("no call traps").0.is_ok());
        }
    }
}
