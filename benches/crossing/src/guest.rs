//! A guest that calls its host in a loop: `wasmtime-strongroom`, functions that do the native operation
//! and nothing else, or functions that do nothing.

use std::hint::black_box;
use std::sync::OnceLock;

use anyhow::Result;
use strongroom::Secret;
use strongroom_measure::LEN;
use wasmtime::component::{
    Component, Linker, Resource, ResourceTable, ResourceType, TypedFunc, WasmList, WasmStr,
};
use wasmtime::{Store, StoreContextMut};
use wasmtime_strongroom::provider::Named;
use wasmtime_strongroom::{Error, SecretCtx, SecretCtxBuilder, SecretCtxView, SecretView, Uses};

use crate::{ENGINE, module};

/// Each function does one thing so many times.
const WIT: &str = "
    package bench:guest;

    world guest {
        import strongroom:secret/types@0.1.0;
        import strongroom:secret/create@0.1.0;
        import strongroom:secret/mac@0.1.0;
        import strongroom:secret/store@0.1.0;

        /// Gets the host's secret `key`, for `sign`.
        export get: func();
        export sign: func(times: u64);
        export create-drop: func(times: u64);
        /// Drops nothing. Returns how often there was a secret.
        export create: func(times: u64) -> u64;
    }";

/// Results are at 16; handles are in them at 24, or at 28 within an `option`. What is signed, and
/// what secrets are made of, is at 64.
const MODULE: &str = r#"(module
    (import "strongroom:secret/store@0.1.0" "get" (func $get (param i32 i32 i32)))
    (import "strongroom:secret/mac@0.1.0" "hmac-sha256" (func $sign (param i32 i32 i32 i32)))
    (import "strongroom:secret/create@0.1.0" "from-bytes" (func $create (param i32 i32 i32)))
    (import "strongroom:secret/types@0.1.0" "[resource-drop]secret" (func $drop (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "key")
    (global $key (mut i32) (i32.const 0))
    (global $next (mut i32) (i32.const 1024))
    (func $succeed (if (i32.load8_u (i32.const 16)) (then unreachable)))
    (func (export "get")
        (call $get (i32.const 0) (i32.const 3) (i32.const 16))
        (call $succeed)
        (global.set $key (i32.load (i32.const 28))))
    (func (export "sign") (param $times i64)
        (loop $again
            (global.set $next (i32.const 1024))
            (call $sign (global.get $key) (i32.const 64) (i32.const 32) (i32.const 16))
            (call $succeed)
            (local.set $times (i64.sub (local.get $times) (i64.const 1)))
            (br_if $again (i64.ne (local.get $times) (i64.const 0)))))
    (func (export "create-drop") (param $times i64)
        (loop $again
            (call $create (i32.const 64) (i32.const 32) (i32.const 16))
            (call $succeed)
            (call $drop (i32.load (i32.const 24)))
            (local.set $times (i64.sub (local.get $times) (i64.const 1)))
            (br_if $again (i64.ne (local.get $times) (i64.const 0)))))
    (func (export "create") (param $times i64) (result i64) (local $created i64)
        (loop $again
            (call $create (i32.const 64) (i32.const 32) (i32.const 16))
            (local.set $created (i64.add (local.get $created)
                (i64.extend_i32_u (i32.eqz (i32.load8_u (i32.const 16))))))
            (local.set $times (i64.sub (local.get $times) (i64.const 1)))
            (br_if $again (i64.ne (local.get $times) (i64.const 0))))
        local.get $created)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $start i32)
        (local.set $start (global.get $next))
        (global.set $next (i32.add (global.get $next) (local.get 3)))
        local.get $start))"#;

struct State {
    secrets: SecretCtx,
    table: ResourceTable,
}

impl SecretView for State {
    fn secrets(&mut self) -> SecretCtxView<'_> {
        SecretCtxView { ctx: &mut self.secrets, table: &mut self.table }
    }
}

/// Handles that a guest may have.
const MAX_HANDLES: usize = 200_000;

/// Bytes of locked memory that its secrets may take, which 100,000 do not exhaust.
const MAX_LOCKED_BYTES: usize = 16 << 20;

/// The guest in a store of its own.
pub struct Guest {
    store: Store<State>,
    sign: TypedFunc<(u64,), ()>,
    create_drop: TypedFunc<(u64,), ()>,
    create: TypedFunc<(u64,), (u64,)>,
}

impl Guest {
    /// On `wasmtime-strongroom`, with a secret of the host's.
    ///
    /// # Errors
    ///
    /// Those of wasmtime.
    pub fn of_strongroom(secret: Secret) -> Result<Self> {
        let mut linker = Linker::new(&ENGINE);
        wasmtime_strongroom::add_to_linker(&mut linker)?;
        let named = Named::new().with("key", secret);
        let secrets = SecretCtxBuilder::new().provider(named).grant("key", Uses::MAC);
        let secrets = secrets.max_handles(MAX_HANDLES).max_locked_bytes(MAX_LOCKED_BYTES);
        // What is asked is what handles cost, not what the host keeps for itself.
        Self::new(&linker, secrets.keep_for_host(0, 0))
    }

    /// On functions that have the same signatures and do what `operations` do.
    ///
    /// # Errors
    ///
    /// Those of wasmtime.
    pub fn of(operations: impl Operations) -> Result<Self> {
        Self::new(&linker(operations)?, SecretCtxBuilder::new())
    }

    fn new(linker: &Linker<State>, secrets: SecretCtxBuilder) -> Result<Self> {
        let state = State { secrets: secrets.build(), table: ResourceTable::new() };
        let mut store = Store::new(&ENGINE, state);
        store.set_max_component_handles(MAX_HANDLES);
        let guest = linker.instantiate(&mut store, component()?)?;
        guest.get_typed_func::<(), ()>(&mut store, "get")?.call(&mut store, ())?;
        Ok(Self {
            sign: guest.get_typed_func(&mut store, "sign")?,
            create_drop: guest.get_typed_func(&mut store, "create-drop")?,
            create: guest.get_typed_func(&mut store, "create")?,
            store,
        })
    }

    /// Signs 32 bytes so many times.
    pub fn sign(&mut self, times: u64) {
        self.sign.call(&mut self.store, (times,)).expect("no call traps");
    }

    /// Creates a secret and drops it, so many times.
    pub fn create_drop(&mut self, times: u64) {
        self.create_drop.call(&mut self.store, (times,)).expect("no call traps");
    }

    /// Creates so many secrets, keeps them, and says how many there are.
    pub fn create(&mut self, times: u64) -> u64 {
        self.create.call(&mut self.store, (times,)).expect("no call traps").0
    }
}

fn component() -> Result<&'static Component> {
    static COMPONENT: OnceLock<Component> = OnceLock::new();
    if COMPONENT.get().is_none() {
        let _ = COMPONENT.set(module::component(MODULE, WIT)?);
    }
    Ok(COMPONENT.get().expect("it has just been made"))
}

/// What functions do besides passing their arguments and results.
pub trait Operations: Copy + Send + Sync + 'static {
    /// What signing takes.
    fn sign(self, message: &[u8]) -> [u8; LEN];
    /// What creating a secret and dropping it takes.
    fn create_drop(self, bytes: &[u8]);
}

/// Nothing.
#[derive(Clone, Copy)]
pub struct Nothing;

impl Operations for Nothing {
    fn sign(self, _: &[u8]) -> [u8; LEN] {
        [0; LEN]
    }

    fn create_drop(self, _: &[u8]) {}
}

/// The native operations, the first with this secret.
#[derive(Clone, Copy)]
pub struct Native(pub &'static Secret);

impl Operations for Native {
    fn sign(self, message: &[u8]) -> [u8; LEN] {
        self.0.hmac_sha256(message).expect("the secret is open")
    }

    fn create_drop(self, bytes: &[u8]) {
        let secret = Secret::init(bytes.len(), |secret| secret.copy_from_slice(bytes));
        drop(black_box(secret));
    }
}

fn linker(operations: impl Operations) -> Result<Linker<State>> {
    let mut linker = Linker::<State>::new(&ENGINE);
    linker.instance("strongroom:secret/types@0.1.0")?.resource(
        "secret",
        ResourceType::host::<Nothing>(),
        |mut store, rep| {
            store.data_mut().table.delete(Resource::<Nothing>::new_own(rep))?;
            Ok(())
        },
    )?;
    linker.instance("strongroom:secret/store@0.1.0")?.func_wrap(
        "get",
        |mut store: StoreContextMut<'_, State>, (_,): (WasmStr,)| {
            let handle = store.data_mut().table.push(Nothing)?;
            Ok((Ok::<_, Error>(Some(handle)),))
        },
    )?;
    linker.instance("strongroom:secret/create@0.1.0")?.func_wrap(
        "from-bytes",
        move |mut store: StoreContextMut<'_, State>, (bytes,): (WasmList<u8>,)| {
            operations.create_drop(bytes.as_le_slice(&store));
            Ok((Ok::<_, Error>(store.data_mut().table.push(Nothing)?),))
        },
    )?;
    linker.instance("strongroom:secret/mac@0.1.0")?.func_wrap(
        "hmac-sha256",
        move |store: StoreContextMut<'_, State>,
              (_, message): (Resource<Nothing>, WasmList<u8>)| {
            Ok((Ok::<_, Error>(operations.sign(message.as_le_slice(&store)).to_vec()),))
        },
    )?;
    Ok(linker)
}
