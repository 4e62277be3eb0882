//! What the host is told.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use strongroom::{Builder, Secret};
use strongroom_building::encode;
use wasmtime::Store;
use wasmtime::component::{Component, Linker, Resource, Type, Val};
use wasmtime_strongroom::provider::{Failure, Found, Named, Provider};
use wasmtime_strongroom::{
    CloseOutcome, Error, Handle, MAX_TOLD, SecretCtxBuilder, SecretView, Uses,
};

use crate::relay::{App, FULL, Function, State, component, engine, functions, wait};

type Got = Result<Option<u32>, Error>;

/// What is heard of a component whose secrets are these.
fn audited(secrets: SecretCtxBuilder) -> (App, Arc<Mutex<Vec<String>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heard);
    let secrets = secrets
        .component("billing")
        .audit(move |event| log.lock().unwrap().push(event.to_string()))
        .build();
    (App::new(secrets), heard)
}

fn named() -> Named {
    Named::new().with("key", Secret::random(32).unwrap()).with("other", Secret::random(32).unwrap())
}

fn get(app: &mut App, name: &str) -> u32 {
    app.call::<_, Got>("get", (name,)).unwrap().expect("it is granted")
}

#[test]
fn the_host_is_told_of_each_use() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heard);
    let secrets = SecretCtxBuilder::new()
        .component("billing")
        .provider(named())
        .grant("key", Uses::MAC)
        .audit(move |event| log.lock().unwrap().push((event.to_string(), event.is_reveal())))
        .build();
    let mut app = App::new(secrets);
    let held = get(&mut app, "key");
    let _: Got = app.call("get", ("other",));
    let _: Result<Vec<u8>, Error> = app.call("hmac-sha256", (held, &b"x"[..]));
    let _: Result<Vec<u8>, Error> = app.call("reveal", (held,));
    let own = app.call::<_, Result<u32, Error>>("random", (32_u64,)).unwrap();
    let _: Result<Vec<u8>, Error> = app.call("reveal", (own,));
    let _: Result<bool, Error> = app.call("equals", (own, held));
    let verify = u32::from(Uses::VERIFY.bits());
    let restricted = app.call::<_, Result<u32, Error>>("restrict", (held, verify)).unwrap();
    let _: Result<Vec<u8>, Error> = app.call("hmac-sha256", (restricted, &b"x"[..]));
    let _: Result<bool, Error> = app.call("verify-hmac-sha256", (restricted, &b"x"[..], &b""[..]));
    let _: CloseOutcome = app.call("close", (own,));
    let heard: Vec<_> = heard.lock().unwrap().drain(..).collect();
    let refused = "refused, this use of the secret was not granted";
    let lacks = |uses: &str| {
        format!("{refused}: this handle may not be used so: it lacks {uses}; use one that has it")
    };
    let expected = [
        ("billing: store.get of \"key\": done".into(), false),
        (format!("billing: store.get of \"other\": {refused}"), false),
        ("billing: mac.hmac-sha256 of \"key\": done".into(), false),
        (format!("billing: reveal.reveal of \"key\": {}", lacks("REVEAL")), true),
        ("billing: create.random of a secret of its own: done".into(), false),
        ("billing: reveal.reveal of a secret of its own: done".into(), true),
        (
            format!("billing: types.secret.equals of a secret of its own: {}", lacks("EQUALS")),
            false,
        ),
        (format!("billing: types.secret.equals of \"key\": {}", lacks("EQUALS")), false),
        ("billing: types.secret.restrict of \"key\": done".into(), false),
        (format!("billing: mac.hmac-sha256 of \"key\": {}", lacks("MAC")), false),
        ("billing: mac.verify-hmac-sha256 of \"key\": done".into(), false),
        ("billing: types.secret.close of a secret of its own: done".into(), false),
    ];
    assert_eq!(heard, expected);
}

/// What uses no secret and gives none.
const UNHEARD: [&str; 1] = ["verify-ed25519"];

/// Whether a parameter of a relay's function is a handle.
fn is_handle(name: &str, ty: &Type) -> bool {
    name.ends_with("-handle") && matches!(ty, Type::U32)
}

/// An argument of this name and type; all handles are the same.
fn argument(name: &str, ty: &Type, handle: u32) -> Val {
    match ty {
        Type::U32 if is_handle(name, ty) => Val::U32(handle),
        Type::U32 => Val::U32(1),
        Type::U64 => Val::U64(32),
        Type::List(_) => Val::List(vec![Val::U8(0); 64]),
        Type::String => Val::String("key".into()),
        other => panic!("no function has had such a parameter: {other:?}"),
    }
}

#[test]
fn each_function_is_heard_of_by_its_name() {
    for Function { interface, import, export, .. } in functions() {
        let secrets = SecretCtxBuilder::new().provider(named()).grant("key", Uses::all());
        let (mut app, heard) = audited(secrets);
        let handle = get(&mut app, "key");
        heard.lock().unwrap().clear();

        let function = app.instance.get_func(&mut app.store, export).unwrap();
        let ty = function.ty(&app.store);
        let arguments: Vec<_> = ty.params().map(|(name, ty)| argument(name, &ty, handle)).collect();
        let handles = ty.params().filter(|(name, ty)| is_handle(name, ty)).count();
        function.call(&mut app.store, &arguments, &mut [Val::Bool(false)]).unwrap();

        // One for each secret: those that are used, or else the one that is made.
        let events = if UNHEARD.contains(&export.as_str()) { 0 } else { handles.max(1) };
        let expected = format!("billing: {interface}.{} of ", import.replace("[method]", ""));
        let heard = heard.lock().unwrap();
        assert!(heard.iter().all(|event| event.starts_with(&expected)), "{export}: {heard:?}");
        assert_eq!(heard.len(), events, "{export}: {heard:?}");
    }
}

#[test]
fn both_secrets_of_a_wrapping_are_heard_of() {
    let uses = Uses::WRAP | Uses::EXPORT;
    let secrets = SecretCtxBuilder::new().provider(named()).grant("key", uses);
    let (mut app, heard) = audited(secrets.grant("other", uses));
    let (key, other) = (get(&mut app, "key"), get(&mut app, "other"));
    heard.lock().unwrap().clear();
    app.call::<_, Result<Vec<u8>, Error>>("wrap-aes-kw", (key, other)).unwrap();
    let expected =
        ["other", "key"].map(|name| format!("billing: wrap.wrap-aes-kw of {name:?}: done"));
    assert_eq!(*heard.lock().unwrap(), expected);
}

/// A provider that can't be asked.
struct Broken;

impl Provider for Broken {
    fn get(&self, _: &str, _: Builder) -> Found {
        Err(Failure::from("10.0.0.7 refuses to answer"))
    }
}

#[test]
fn why_a_provider_failed_is_the_host_s_to_know() {
    let (mut app, heard) =
        audited(SecretCtxBuilder::new().provider(Broken).grant("key", Uses::MAC));
    let refusal = "the host could not get this secret";
    assert_eq!(app.call::<_, Got>("get", ("key",)), Err(Error::Other(refusal.into())));
    let told =
        format!("billing: store.get of \"key\": refused, {refusal}: 10.0.0.7 refuses to answer");
    assert_eq!(*heard.lock().unwrap(), [told]);
}

/// A provider that has been asked, and doesn't answer.
struct Silent(Arc<Mutex<Vec<String>>>);

impl Provider for Silent {
    fn get(&self, name: &str, _: Builder) -> Found {
        panic!("asked for {name}, on purpose")
    }

    fn get_async<'a>(
        &'a self,
        name: &'a str,
        _: Builder,
    ) -> Pin<Box<dyn Future<Output = Found> + Send + 'a>> {
        self.0.lock().unwrap().push(format!("asked for {name}"));
        Box::pin(std::future::pending())
    }
}

const UNANSWERED: &str = "refused, the call was ended before there was an answer";

#[test]
fn a_call_that_nobody_waits_for_is_heard_of() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heard);
    let secrets = SecretCtxBuilder::new()
        .provider(Silent(Arc::clone(&heard)))
        .grant("key", Uses::MAC)
        .audit(move |event| log.lock().unwrap().push(event.to_string()))
        .build();
    let mut linker = Linker::new(engine());
    wasmtime_strongroom::add_to_linker_async(&mut linker).unwrap();
    let mut store = Store::new(engine(), State::new(secrets));
    let instance =
        wait(linker.instantiate_async(&mut store, &component(engine(), FULL))).0.unwrap();
    let get = instance.get_typed_func::<(&str,), (Got,)>(&mut store, "get").unwrap();
    {
        let mut call = pin!(get.call_async(&mut store, ("key",)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(call.as_mut().poll(&mut context), Poll::Pending));
        assert_eq!(*heard.lock().unwrap(), ["asked for key"], "it is not over");
    }
    let expected =
        ["asked for key".into(), format!("component: store.get of \"key\": {UNANSWERED}")];
    assert_eq!(*heard.lock().unwrap(), expected);
}

#[test]
fn a_provider_that_panics_is_heard_of() {
    let silent = Silent(Arc::default());
    let (mut app, heard) =
        audited(SecretCtxBuilder::new().provider(silent).grant("key", Uses::MAC));
    let got = catch_unwind(AssertUnwindSafe(|| app.call::<_, Got>("get", ("key",))));
    assert!(got.is_err());
    assert_eq!(*heard.lock().unwrap(), [format!("billing: store.get of \"key\": {UNANSWERED}")]);
}

/// A component that measures the key that it is handed, or clones it.
const MEASURER: (&str, &str) = (
    r#"(module
        (import "strongroom:secret/types@0.1.0" "[method]secret.length"
            (func $length (param i32 i32)))
        (import "strongroom:secret/types@0.1.0" "[method]secret.clone"
            (func $clone (param i32 i32)))
        (import "strongroom:secret/types@0.1.0" "[resource-drop]secret" (func $drop (param i32)))
        (memory (export "memory") 1)
        (func (export "measure") (param $key i32) (result i32)
            (call $length (local.get $key) (i32.const 16))
            (call $drop (local.get $key))
            i32.const 16)
        (func (export "clone") (param $key i32) (result i32)
            (call $clone (local.get $key) (i32.const 16))
            (call $drop (local.get $key))
            i32.const 16)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))"#,
    "package test:measurer;
    world measurer {
        use strongroom:secret/types@0.1.0.{secret, error};
        export measure: func(key: secret) -> result<u64, error>;
        export clone: func(key: secret) -> result<secret, error>;
    }",
);

#[test]
fn to_measure_or_clone_takes_a_grant_and_is_heard_of() {
    type Key = Resource<Handle>;
    let component = Component::new(engine(), encode(MEASURER.0, &[MEASURER.1])).unwrap();
    let mut linker = Linker::new(engine());
    wasmtime_strongroom::add_to_linker(&mut linker).unwrap();
    for uses in [Uses::MAC, Uses::empty()] {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heard);
        let secrets = SecretCtxBuilder::new()
            .audit(move |event| log.lock().unwrap().push((event.to_string(), event.uses)))
            .build();
        let App { mut store, instance } = App::instantiate(&component, &linker, secrets).unwrap();
        let lend = |store: &mut Store<State>| {
            let key = Secret::random(32).unwrap();
            store.data_mut().secrets().lend("key", key, uses).unwrap()
        };
        let key = lend(&mut store);
        let measure =
            instance.get_typed_func::<(Key,), (Result<u64, Error>,)>(&mut store, "measure");
        let (measured,) = measure.unwrap().call(&mut store, (key,)).unwrap();
        let key = lend(&mut store);
        let clone = instance.get_typed_func::<(Key,), (Result<Key, Error>,)>(&mut store, "clone");
        let (cloned,) = clone.unwrap().call(&mut store, (key,)).unwrap();

        let (outcome, told) = match uses.is_empty() {
            false => (Ok(()), "done"),
            true => (
                Err(Error::NotPermitted),
                "refused, this use of the secret was not granted: this handle may not do that; use one that it \
                 was restricted from",
            ),
        };
        assert_eq!(measured, outcome.clone().map(|()| 32));
        assert_eq!(cloned.map(drop), outcome);
        let expected = ["length", "clone"].map(|function| {
            (format!("component: types.secret.{function} of \"key\": {told}"), Uses::empty())
        });
        assert_eq!(*heard.lock().unwrap(), expected);
    }
}

#[test]
fn a_grant_of_nothing_is_none() {
    let secrets = SecretCtxBuilder::new().provider(Broken).grant("key", Uses::empty());
    let (mut app, heard) = audited(secrets);
    assert_eq!(app.call::<_, Got>("get", ("key",)), Ok(None), "the provider isn't asked");
    let refused = "refused, this use of the secret was not granted";
    assert_eq!(*heard.lock().unwrap(), [format!("billing: store.get of \"key\": {refused}")]);
}

/// A provider whose reasons are long.
struct Verbose;

impl Provider for Verbose {
    fn get(&self, _: &str, _: Builder) -> Found {
        Err(Failure::from("ä".repeat(1 << 20)))
    }
}

#[test]
fn an_event_is_no_longer_than_is_said() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heard);
    let secrets = SecretCtxBuilder::new()
        .component("ö".repeat(1 << 20))
        .provider(Verbose)
        .grant("key", Uses::MAC)
        .audit(move |event| {
            let (component, secret) = (event.component.to_owned(), event.secret.map(str::to_owned));
            log.lock().unwrap().push((component, secret, event.to_string()));
        })
        .build();
    let mut app = App::new(secrets);
    let fits = "x".repeat(MAX_TOLD);
    for name in [fits.clone(), fits.clone() + "x", "€".repeat(5 << 20), "x".repeat(17 << 20)] {
        let _: Got = app.call("get", (name.as_str(),));
    }
    assert!(app.call::<_, Got>("get", ("key",)).is_err());

    let cut = |text: &str, letters| format!("{}…", text.repeat(letters));
    let names = [fits, cut("x", 253), cut("€", 84), cut("x", 253), "key".into()];
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), names.len());
    for ((component, secret, event), name) in heard.iter().zip(names) {
        assert_eq!(*component, cut("ö", 126));
        assert_eq!(secret.as_deref(), Some(&*name));
        assert!(event.len() < 1024, "{} bytes", event.len());
    }
    let (.., last) = &heard[4];
    assert!(last.ends_with(&format!(": {}", cut("ä", 126))), "{last}");
}

#[test]
fn of_a_limit_the_host_is_told_the_figures() {
    let (mut app, heard) = audited(SecretCtxBuilder::new().max_bytes(100));
    let made: Result<u32, Error> = app.call("random", (101_u64,));
    assert_eq!(made, Err(Error::QuotaExceeded));
    let told = "billing: create.random of a secret of its own: refused, more than the component's \
                quota: 101 bytes more are not allowed: 0 are taken of 100; close secrets, or raise \
                SecretCtxBuilder::max_bytes";
    assert_eq!(*heard.lock().unwrap(), [told]);
}
