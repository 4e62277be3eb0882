//! A component that was written for wasmCloud.

use std::sync::{Arc, Mutex};

use strongroom::Secret;
use strongroom_building::encode;
use wasmtime::Store;
use wasmtime::component::{Component, ComponentType, Instance, Lift, Linker};
use wasmtime_strongroom::provider::Named;
use wasmtime_strongroom::{SecretCtx, SecretCtxBuilder, Uses, wasmcloud};

use crate::relay::{State, engine, wait};

/// What wasmCloud publishes as `wasmcloud:secrets`, version 0.1.0-draft, without its comments.
const SECRETS: &str = "
    package wasmcloud:secrets@0.1.0-draft;

    interface store {
        variant secrets-error { upstream(string), io(string), not-found }
        variant secret-value { %string(string), bytes(list<u8>) }
        resource secret;
        get: func(key: string) -> result<secret, secrets-error>;
    }

    interface reveal {
        use store.{secret, secret-value};
        reveal: func(s: borrow<secret>) -> secret-value;
    }";

const APP: &str = "
    package test:app;

    world app {
        use wasmcloud:secrets/store@0.1.0-draft.{secrets-error, secret-value};
        import wasmcloud:secrets/reveal@0.1.0-draft;

        /// Gets a secret and keeps the handle, for the other two.
        export get: func(key: string) -> result<_, secrets-error>;
        export reveal: func() -> secret-value;
        export release: func();
    }";

/// Its part in core WebAssembly, which keeps the handle in a global variable. Results are at 16.
const MODULE: &str = r#"(module
    (import "wasmcloud:secrets/store@0.1.0-draft" "get" (func $get (param i32 i32 i32)))
    (import "wasmcloud:secrets/store@0.1.0-draft" "[resource-drop]secret"
        (func $drop (param i32)))
    (import "wasmcloud:secrets/reveal@0.1.0-draft" "reveal" (func $reveal (param i32 i32)))
    (memory (export "memory") 2)
    (global $secret (mut i32) (i32.const 0))
    (global $next (mut i32) (i32.const 1024))
    (func (export "get") (param i32 i32) (result i32)
        (call $get (local.get 0) (local.get 1) (i32.const 16))
        (if (i32.eqz (i32.load8_u (i32.const 16)))
            (then (global.set $secret (i32.load (i32.const 20)))))
        i32.const 16)
    (func (export "reveal") (result i32)
        (call $reveal (global.get $secret) (i32.const 16))
        i32.const 16)
    (func (export "release") (call $drop (global.get $secret)))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $start i32)
        (local.set $start (global.get $next))
        (global.set $next (i32.add (global.get $next) (local.get 3)))
        local.get $start))"#;

/// `secrets-error`, as the test gets it from the component.
#[derive(ComponentType, Lift, PartialEq, Debug)]
#[component(variant)]
enum SecretsError {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
    #[component(name = "not-found")]
    NotFound,
}

/// `secret-value`, likewise.
#[derive(ComponentType, Lift, PartialEq, Debug)]
#[component(variant)]
enum SecretValue {
    #[component(name = "string")]
    String(String),
    #[component(name = "bytes")]
    Bytes(Vec<u8>),
}

/// The same, where the guest has it.
#[cfg(target_os = "linux")]
#[derive(ComponentType, Lift)]
#[component(variant)]
#[expect(dead_code, reason = "nobody reads it")]
enum RevealedThere {
    #[component(name = "string")]
    String(wasmtime::component::WasmStr),
    #[component(name = "bytes")]
    Bytes(wasmtime::component::WasmList<u8>),
}

fn component() -> Component {
    Component::new(engine(), encode(MODULE, &[SECRETS, APP])).unwrap()
}

struct App {
    store: Store<State>,
    instance: Instance,
}

impl App {
    fn new(secrets: SecretCtx) -> Self {
        let mut linker = Linker::new(engine());
        wasmcloud::add_to_linker(&mut linker).unwrap();
        let mut store = Store::new(engine(), State::new(secrets));
        let instance = linker.instantiate(&mut store, &component()).unwrap();
        Self { store, instance }
    }

    fn get(&mut self, key: &str) -> Result<(), SecretsError> {
        type Got = (Result<(), SecretsError>,);
        let get = self.instance.get_typed_func::<(&str,), Got>(&mut self.store, "get").unwrap();
        get.call(&mut self.store, (key,)).unwrap().0
    }

    fn reveal(&mut self) -> SecretValue {
        let reveal = self.instance.get_typed_func::<(), (SecretValue,)>(&mut self.store, "reveal");
        reveal.unwrap().call(&mut self.store, ()).unwrap().0
    }

    /// Reveals the secret, which stays in the guest's memory.
    #[cfg(target_os = "linux")]
    fn reveal_there(&mut self) {
        type There = (RevealedThere,);
        let reveal = self.instance.get_typed_func::<(), There>(&mut self.store, "reveal").unwrap();
        reveal.call(&mut self.store, ()).unwrap();
    }

    fn release(&mut self) {
        let release = self.instance.get_typed_func::<(), ()>(&mut self.store, "release").unwrap();
        release.call(&mut self.store, ()).unwrap();
    }
}

fn secret(bytes: &[u8]) -> Secret {
    Secret::new(&mut bytes.to_owned()).unwrap()
}

/// A component that may reveal these.
fn granted(secrets: &[(&str, &Secret)]) -> SecretCtxBuilder {
    let mut named = Named::new();
    let mut ctx = SecretCtxBuilder::new();
    for &(name, secret) in secrets {
        named = named.with(name, secret.clone());
        ctx = ctx.grant(name, Uses::REVEAL);
    }
    ctx.provider(named)
}

#[test]
fn it_gets_and_reveals_its_secrets() {
    let (text, bytes) = (secret("pässword".as_bytes()), secret(b"\xFF\0\x80"));
    let mut app = App::new(granted(&[("text", &text), ("bytes", &bytes)]).build());
    assert_eq!(app.get("text"), Ok(()));
    assert_eq!(app.reveal(), SecretValue::String("pässword".into()));
    // As often as it likes.
    assert_eq!(app.reveal(), SecretValue::String("pässword".into()));
    assert_eq!(app.get("bytes"), Ok(()));
    assert_eq!(app.reveal(), SecretValue::Bytes(b"\xFF\0\x80".into()));
}

#[test]
fn it_finds_nothing_that_it_may_not_reveal() {
    let key = secret(b"key");
    let named = Named::new().with("key", key.clone()).with("other", key);
    let secrets = SecretCtxBuilder::new().provider(named).grant("key", Uses::REVEAL.complement());
    let mut app = App::new(secrets.build());
    for name in ["key", "other", "no such", ""] {
        assert_eq!(app.get(name), Err(SecretsError::NotFound), "{name:?}");
    }
}

#[test]
fn what_it_has_got_can_be_revealed_whatever_the_host_does() {
    let key = secret(b"first");
    let mut app = App::new(granted(&[("key", &key)]).build());
    app.get("key").unwrap();
    key.replace(&mut b"second".to_owned()).unwrap();
    assert_eq!(app.reveal(), SecretValue::String("first".into()));
    app.get("key").unwrap();
    key.close();
    assert_eq!(app.reveal(), SecretValue::String("second".into()));
    assert_eq!(app.get("key"), Err(SecretsError::Upstream("the secret is closed".into())));
}

#[test]
fn its_quotas_count() {
    let key = secret(b"of 16 bytes, yes");
    let refused = || Err(SecretsError::Upstream("more than the component's quota".into()));
    for secrets in
        [granted(&[("key", &key)]).max_handles(1), granted(&[("key", &key)]).max_bytes(31)]
    {
        let mut app = App::new(secrets.build());
        assert_eq!(app.get("key"), Ok(()));
        assert_eq!(app.get("key"), refused());
        app.release();
        assert_eq!(app.get("key"), Ok(()));
    }
}

#[test]
fn the_host_is_told() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heard);
    let secrets = granted(&[("key", &secret(b"key"))])
        .audit(move |event| log.lock().unwrap().push((event.to_string(), event.is_reveal())))
        .build();
    let mut app = App::new(secrets);
    app.get("key").unwrap();
    app.get("other").unwrap_err();
    app.reveal();
    let package = "component: wasmcloud:secrets";
    let refused = "refused, this use of the secret was not granted";
    let expected = [
        (format!("{package}/store.get of \"key\": done"), false),
        (format!("{package}/store.get of \"other\": {refused}"), false),
        (format!("{package}/reveal.reveal of \"key\": done"), true),
    ];
    assert_eq!(*heard.lock().unwrap(), expected);
}

#[test]
fn without_reveal_it_is_not_instantiated() {
    let mut linker = Linker::new(engine());
    wasmcloud::store::add_to_linker(&mut linker).unwrap();
    let mut store = Store::new(engine(), State::new(SecretCtxBuilder::new().build()));
    let refused = linker.instantiate(&mut store, &component());
    let error = refused.expect_err("a component has got an interface that isn't linked");
    assert!(format!("{error:?}").contains("wasmcloud:secrets/reveal@0.1.0-draft"), "{error:?}");
}

#[test]
fn it_runs_asynchronously() {
    let secrets = granted(&[("key", &secret(b"key"))]).build();
    let mut linker = Linker::new(engine());
    wasmcloud::add_to_linker_async(&mut linker).unwrap();
    let mut store = Store::new(engine(), State::new(secrets));
    let instance = wait(linker.instantiate_async(&mut store, &component())).0.unwrap();

    type Got = (Result<(), SecretsError>,);
    let get = instance.get_typed_func::<(&str,), Got>(&mut store, "get").unwrap();
    assert_eq!(wait(get.call_async(&mut store, ("key",))).0.unwrap().0, Ok(()));
    let reveal = instance.get_typed_func::<(), (SecretValue,)>(&mut store, "reveal").unwrap();
    let (revealed,) = wait(reveal.call_async(&mut store, ())).0.unwrap();
    assert_eq!(revealed, SecretValue::String("key".into()));
}

#[cfg(target_os = "linux")]
#[test]
fn what_it_reveals_is_wiped_on_the_host_s_side() {
    use strongroom_tests::linux::child;
    use strongroom_tests::residue::{Needle, search_process};

    for (name, first) in [("string", b'x'), ("bytes", 0xFF)] {
        // In a process of its own, where nobody else maps and unmaps.
        child::run(name, || {
            // Random letters behind what decides whether they are text.
            let mut content = [0; 48];
            Secret::password(b"abcdefghijklmnop", 48).unwrap().copy_into(&mut content).unwrap();
            content[0] = first;
            let needle = Needle::new(&content);
            let windows = || search_process(&[&needle]).expect("/proc is there").windows;
            let secret = Secret::new(&mut content).unwrap();

            let mut app = App::new(granted(&[("key", &secret)]).build());
            app.get("key").unwrap();
            app.reveal_there();
            secret.close();
            assert_ne!(windows(), 0, "the control: the search sees what the guest has");
            drop(app);
            assert_eq!(windows(), 0);
        })
        .finishes();
    }
}
