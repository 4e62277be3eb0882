//! A component that passes on whatever the test calls: each of its functions is one of
//! `strongroom:secret`, with the guest's number of a handle where there is a handle.

use std::fmt::Write as _;
use std::path::Path;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use wasmtime::component::{
    Component, ComponentNamedList, Instance, Lift, Linker, Lower, ResourceTable,
};
use wasmtime::{Engine, Store};
use wasmtime_strongroom::{SecretCtx, SecretCtxView, SecretView};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Interface, function, its type in the relay's world, and the parameters of the core function. One
/// that returns its result in memory ends with `->`.
pub const FUNCTIONS: &[(&str, &str, &str, &str)] = &[
    ("types", "[method]secret.clone", "clone: func(s: u32) -> result<u32, error>", "i32 ->"),
    ("types", "[method]secret.length", "length: func(s: u32) -> result<u64, error>", "i32 ->"),
    (
        "types",
        "[method]secret.equals",
        "equals: func(s: u32, o: u32) -> result<bool, error>",
        "i32 i32 ->",
    ),
    ("types", "[method]secret.is-closed", "is-closed: func(s: u32) -> bool", "i32"),
    ("types", "[method]secret.close", "close: func(s: u32) -> closed", "i32"),
    ("create", "from-bytes", "from-bytes: func(b: list<u8>) -> result<u32, error>", "i32 i32 ->"),
    ("create", "random", "random: func(l: u64) -> result<u32, error>", "i64 ->"),
    (
        "create",
        "password",
        "password: func(a: list<u8>, l: u64) -> result<u32, error>",
        "i32 i32 i64 ->",
    ),
    (
        "create",
        "replace",
        "replace: func(s: u32, b: list<u8>) -> result<_, error>",
        "i32 i32 i32 ->",
    ),
    (
        "mac",
        "hmac-sha256",
        "hmac-sha256: func(k: u32, m: list<u8>) -> result<list<u8>, error>",
        "i32 i32 i32 ->",
    ),
    (
        "mac",
        "verify-hmac-sha256",
        "verify-hmac-sha256: func(k: u32, m: list<u8>, t: list<u8>) -> result<bool, error>",
        "i32 i32 i32 i32 i32 ->",
    ),
    (
        "mac",
        "hmac-sha512",
        "hmac-sha512: func(k: u32, m: list<u8>) -> result<list<u8>, error>",
        "i32 i32 i32 ->",
    ),
    (
        "mac",
        "verify-hmac-sha512",
        "verify-hmac-sha512: func(k: u32, m: list<u8>, t: list<u8>) -> result<bool, error>",
        "i32 i32 i32 i32 i32 ->",
    ),
    (
        "aead",
        "seal",
        "seal: func(k: u32, a: u32, p: list<u8>, d: list<u8>) -> result<list<u8>, error>",
        "i32 i32 i32 i32 i32 i32 ->",
    ),
    (
        "aead",
        "open",
        "open: func(k: u32, a: u32, s: list<u8>, d: list<u8>) -> result<list<u8>, error>",
        "i32 i32 i32 i32 i32 i32 ->",
    ),
    (
        "aead",
        "seal-with-nonce",
        "seal-with-nonce: func(k: u32, a: u32, n: list<u8>, p: list<u8>, d: list<u8>) -> result<list<u8>, error>",
        "i32 i32 i32 i32 i32 i32 i32 i32 ->",
    ),
    (
        "aead",
        "open-with-nonce",
        "open-with-nonce: func(k: u32, a: u32, n: list<u8>, s: list<u8>, d: list<u8>) -> result<list<u8>, error>",
        "i32 i32 i32 i32 i32 i32 i32 i32 ->",
    ),
    (
        "kdf",
        "hkdf-sha256",
        "hkdf-sha256: func(k: u32, s: list<u8>, i: list<u8>, l: u64) -> result<u32, error>",
        "i32 i32 i32 i32 i32 i64 ->",
    ),
    (
        "kdf",
        "argon2id",
        "argon2id: func(k: u32, s: list<u8>, m: u32, p: u32, n: u32, l: u64) -> result<u32, error>",
        "i32 i32 i32 i32 i32 i32 i64 ->",
    ),
    (
        "sign",
        "sign-ed25519",
        "sign-ed25519: func(k: u32, m: list<u8>) -> result<list<u8>, error>",
        "i32 i32 i32 ->",
    ),
    (
        "sign",
        "ed25519-public-key",
        "ed25519-public-key: func(k: u32) -> result<list<u8>, error>",
        "i32 ->",
    ),
    (
        "sign",
        "verify-ed25519",
        "verify-ed25519: func(p: list<u8>, m: list<u8>, s: list<u8>) -> result<bool, error>",
        "i32 i32 i32 i32 i32 i32 ->",
    ),
    (
        "wrap",
        "wrap-aead",
        "wrap-aead: func(k: u32, a: u32, s: u32, d: list<u8>) -> result<list<u8>, error>",
        "i32 i32 i32 i32 i32 ->",
    ),
    (
        "wrap",
        "unwrap-aead",
        "unwrap-aead: func(k: u32, a: u32, w: list<u8>, d: list<u8>) -> result<u32, error>",
        "i32 i32 i32 i32 i32 i32 ->",
    ),
    (
        "wrap",
        "wrap-aes-kw",
        "wrap-aes-kw: func(k: u32, s: u32) -> result<list<u8>, error>",
        "i32 i32 ->",
    ),
    (
        "wrap",
        "unwrap-aes-kw",
        "unwrap-aes-kw: func(k: u32, w: list<u8>) -> result<u32, error>",
        "i32 i32 i32 ->",
    ),
    ("store", "get", "get: func(n: string) -> result<option<u32>, error>", "i32 i32 ->"),
    ("reveal", "reveal", "reveal: func(s: u32) -> result<list<u8>, error>", "i32 ->"),
];

/// A relay that imports the interfaces, and `types`.
fn relay(interfaces: &[&str]) -> Vec<u8> {
    let used = FUNCTIONS.iter().filter(|(i, ..)| *i == "types" || interfaces.contains(i));
    let (mut world, mut imports, mut functions) = (String::new(), String::new(), String::new());
    for interface in ["types"].iter().chain(interfaces) {
        writeln!(world, "import strongroom:secret/{interface}@0.1.0;").unwrap();
    }
    for (interface, import, signature, core) in used {
        let export = signature.split(':').next().unwrap();
        writeln!(world, "export {signature};").unwrap();
        let (params, in_memory) = core.strip_suffix(" ->").map_or((*core, false), |p| (p, true));
        let (pointer, result) = if in_memory { (" i32", "") } else { ("", "(result i32)") };
        writeln!(
            imports,
            r#"(import "strongroom:secret/{interface}@0.1.0" "{import}"
                (func ${export} (param {params}{pointer}) {result}))"#
        )
        .unwrap();
        writeln!(functions, r#"(func (export "{export}") (param {params}) (result i32)"#).unwrap();
        for i in 0..params.split(' ').count() {
            writeln!(functions, "local.get {i}").unwrap();
        }
        let returned = if in_memory { "i32.const 16" } else { "" };
        writeln!(functions, "{returned} call ${export} {returned})").unwrap();
    }
    let module = format!(
        r#"(module
        {imports}
        (import "strongroom:secret/types@0.1.0" "[resource-drop]secret" (func $drop (param i32)))
        (memory (export "memory") 1)
        (data (i32.const 1024) "not a secret, but in the memory from the start")
        (global $next (mut i32) (i32.const 4096))
        {functions}
        (func (export "release") (param i32) local.get 0 call $drop)
        ;; All of the memory, as a list.
        (func (export "memory-bytes") (result i32)
            (i32.store (i32.const 16) (i32.const 0))
            (i32.store (i32.const 20) (i32.shl (memory.size) (i32.const 16)))
            i32.const 16)
        ;; Never takes anything back.
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $start i32)
            (local.set $start (i32.and
                (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1)))
                (i32.sub (i32.const 0) (local.get 2))))
            (global.set $next (i32.add (local.get $start) (local.get 3)))
            (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16)))
                (then (if (i32.eq (i32.const -1) (memory.grow (i32.add (i32.const 1)
                        (i32.shr_u (local.get 3) (i32.const 16)))))
                    (then unreachable))))
            local.get $start))"#
    );
    let wit = format!(
        "package test:relay;
        world relay {{
            use strongroom:secret/types@0.1.0.{{error, closed}};
            {world}
            export release: func(s: u32);
            export memory-bytes: func() -> list<u8>;
        }}"
    );
    encode(&module, &[&wit])
}

/// The component of a core module in text form, whose only world is in the last of the packages.
/// They may use each other in this order, and `strongroom:secret`.
pub fn encode(module: &str, packages: &[&str]) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_path(Path::new("../wit")).unwrap();
    let pushed = packages.iter().map(|wit| resolve.push_str("package.wit", wit).unwrap());
    let package = pushed.last().unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

/// Everything but `reveal`: what the world `sealed` has.
pub const SEALED: &[&str] = &["create", "mac", "aead", "kdf", "sign", "wrap", "store"];
/// Everything.
pub const FULL: &[&str] = &["create", "mac", "aead", "kdf", "sign", "wrap", "store", "reveal"];

/// The data of a store.
pub struct State {
    secrets: SecretCtx,
    table: ResourceTable,
}

impl State {
    pub fn new(secrets: SecretCtx) -> Self {
        Self { secrets, table: ResourceTable::new() }
    }
}

impl SecretView for State {
    fn secrets(&mut self) -> SecretCtxView<'_> {
        SecretCtxView { ctx: &mut self.secrets, table: &mut self.table }
    }
}

pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(Engine::default)
}

/// A relay of these interfaces, compiled.
pub fn component(engine: &Engine, interfaces: &[&str]) -> Component {
    Component::new(engine, relay(interfaces)).unwrap()
}

/// A relay that runs.
pub struct App {
    pub store: Store<State>,
    pub instance: Instance,
}

impl App {
    /// A relay of everything, all of it linked.
    pub fn new(secrets: SecretCtx) -> Self {
        static COMPONENT: OnceLock<Component> = OnceLock::new();
        let component = COMPONENT.get_or_init(|| component(engine(), FULL));
        let mut linker = Linker::new(engine());
        wasmtime_strongroom::add_to_linker(&mut linker).unwrap();
        Self::instantiate(component, &linker, secrets).unwrap()
    }

    pub fn instantiate(
        component: &Component,
        linker: &Linker<State>,
        secrets: SecretCtx,
    ) -> wasmtime::Result<Self> {
        let mut store = Store::new(linker.engine(), State::new(secrets));
        let instance = linker.instantiate(&mut store, component)?;
        Ok(Self { store, instance })
    }

    /// Calls a function of the relay; a trap is a panic.
    pub fn call<P, R>(&mut self, name: &str, params: P) -> R
    where
        P: ComponentNamedList + Lower,
        R: Lift + 'static,
        (R,): ComponentNamedList + Lift,
    {
        let function = self.instance.get_typed_func::<P, (R,)>(&mut self.store, name).unwrap();
        function.call(&mut self.store, params).unwrap().0
    }

    /// Drops a handle.
    pub fn release(&mut self, handle: u32) {
        let release = self.instance.get_typed_func::<(u32,), ()>(&mut self.store, "release");
        release.unwrap().call(&mut self.store, (handle,)).unwrap();
    }

    /// All that the guest has in its memory.
    pub fn memory(&mut self) -> Vec<u8> {
        self.call("memory-bytes", ())
    }
}

/// The outcome of a future, and how often it had to be asked.
pub fn wait<F: Future>(future: F) -> (F::Output, u32) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut asked = 0;
    loop {
        asked += 1;
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, asked);
        }
    }
}
