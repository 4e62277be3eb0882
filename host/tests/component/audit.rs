//! What the host is told.

use std::sync::{Arc, Mutex};

use strongroom::{Builder, Secret};
use wasmtime::component::{Type, Val};
use wasmtime_strongroom::provider::{Failure, Found, Named, Provider};
use wasmtime_strongroom::{Closed, Error, SecretCtxBuilder, Uses};

use crate::relay::{App, FUNCTIONS};

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
    let _: Closed = app.call("close", (own,));
    let heard: Vec<_> = heard.lock().unwrap().drain(..).collect();
    let refused = "refused, this use of the secret was not granted";
    let expected = [
        ("billing: store.get of \"key\": done".into(), false),
        (format!("billing: store.get of \"other\": {refused}"), false),
        ("billing: mac.hmac-sha256 of \"key\": done".into(), false),
        (format!("billing: reveal.reveal of \"key\": {refused}"), true),
        ("billing: create.random of a secret of its own: done".into(), false),
        ("billing: reveal.reveal of a secret of its own: done".into(), true),
        (format!("billing: types.secret.equals of a secret of its own: {refused}"), false),
        (format!("billing: types.secret.equals of \"key\": {refused}"), false),
        ("billing: types.secret.close of a secret of its own: done".into(), false),
    ];
    assert_eq!(heard, expected);
}

/// What uses no secret and gives none.
const UNHEARD: [&str; 4] = ["clone", "length", "is-closed", "verify-ed25519"];

/// Whether a parameter of a relay's function is a handle.
fn is_handle(name: &str, ty: &Type) -> bool {
    ["k", "s", "o"].contains(&name) && matches!(ty, Type::U32)
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
    for (interface, import, signature, _) in FUNCTIONS {
        let secrets = SecretCtxBuilder::new().provider(named()).grant("key", Uses::all());
        let (mut app, heard) = audited(secrets);
        let handle = get(&mut app, "key");
        heard.lock().unwrap().clear();

        let export = signature.split(':').next().unwrap();
        let function = app.instance.get_func(&mut app.store, export).unwrap();
        let ty = function.ty(&app.store);
        let arguments: Vec<_> = ty.params().map(|(name, ty)| argument(name, &ty, handle)).collect();
        let handles = ty.params().filter(|(name, ty)| is_handle(name, ty)).count();
        function.call(&mut app.store, &arguments, &mut [Val::Bool(false)]).unwrap();

        // One for each secret: those that are used, or else the one that is made.
        let events = if UNHEARD.contains(&export) { 0 } else { handles.max(1) };
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
