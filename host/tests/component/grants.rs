//! The host's own secrets: who gets them, for what, and what the host is told.

use std::sync::{Arc, Mutex};

use strongroom::{Builder, Secret};
use wasmtime_strongroom::provider::{Environment, Files, Named, Provider};
use wasmtime_strongroom::{Closed, Error, SecretCtxBuilder, Uses};

use crate::relay::App;

type Got = Result<Option<u32>, Error>;

const KEY: &[u8; 32] = b"the host's, of thirty-two bytes!";

fn key() -> Secret {
    Secret::new(&mut { *KEY }).unwrap()
}

fn app(uses: Uses) -> App {
    App::new(SecretCtxBuilder::new().provider(named()).grant("key", uses).build())
}

fn named() -> Named {
    Named::new().with("key", key()).with("other", key())
}

fn get(app: &mut App, name: &str) -> u32 {
    app.call::<_, Got>("get", (name,)).unwrap().expect("it is granted")
}

#[test]
fn a_component_gets_what_it_is_granted() {
    let mut app = app(Uses::MAC);
    let held = get(&mut app, "key");
    let tag: Result<Vec<u8>, Error> = app.call("hmac-sha256", (held, &b"x"[..]));
    assert_eq!(tag.unwrap(), key().hmac_sha256(b"x").unwrap());
    for name in ["other", "no such", ""] {
        assert_eq!(app.call::<_, Got>("get", (name,)), Ok(None), "{name:?}");
    }
}

#[test]
fn each_use_needs_its_grant() {
    let x = b"x".as_slice();
    // Of the length that the functions take: what is refused is the use.
    let sealed = key().seal_aead(strongroom::Aead::Aes256Gcm, x, x).unwrap();
    let wrapped = key().wrap_aes_kw(&key()).unwrap();
    let trials: [(Uses, &dyn Fn(&mut App, u32) -> Result<(), Error>); 13] = [
        (Uses::MAC, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("hmac-sha256", (key, x)).map(drop)
        }),
        (Uses::MAC, &|app, key| {
            app.call::<_, Result<bool, Error>>("verify-hmac-sha256", (key, x, x)).map(drop)
        }),
        (Uses::MAC, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("hmac-sha512", (key, x)).map(drop)
        }),
        (Uses::MAC, &|app, key| {
            app.call::<_, Result<bool, Error>>("verify-hmac-sha512", (key, x, x)).map(drop)
        }),
        (Uses::AEAD, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("seal", (key, 0_u32, x, x)).map(drop)
        }),
        (Uses::AEAD, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("open", (key, 0_u32, &sealed[..], x)).map(drop)
        }),
        (Uses::KDF, &|app, key| {
            app.call::<_, Result<u32, Error>>("hkdf-sha256", (key, x, x, 32_u64)).map(drop)
        }),
        (Uses::SIGN, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("sign-ed25519", (key, x)).map(drop)
        }),
        (Uses::SIGN, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("ed25519-public-key", (key,)).map(drop)
        }),
        (Uses::WRAP, &|app, key| {
            app.call::<_, Result<u32, Error>>("unwrap-aes-kw", (key, &wrapped[..])).map(drop)
        }),
        (Uses::EXPORT, &|app, key| {
            let own = app.call::<_, Result<u32, Error>>("random", (32_u64,)).unwrap();
            app.call::<_, Result<Vec<u8>, Error>>("wrap-aes-kw", (own, key)).map(drop)
        }),
        (Uses::REVEAL, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("reveal", (key,)).map(drop)
        }),
        (Uses::EQUALS, &|app, key| {
            let own = app.call::<_, Result<u32, Error>>("random", (32_u64,)).unwrap();
            app.call::<_, Result<bool, Error>>("equals", (own, key)).map(drop)
        }),
    ];
    for (i, (needed, attempt)) in trials.iter().enumerate() {
        for (uses, expected) in [(*needed, Ok(())), (needed.complement(), Err(Error::NotPermitted))]
        {
            let mut app = app(uses);
            let held = get(&mut app, "key");
            assert_eq!(attempt(&mut app, held), expected, "trial {i} with {uses:?}");
        }
    }
}

#[test]
fn what_is_made_from_a_secret_leaves_no_more_than_that_secret() {
    let reveal_derived = |uses| -> Result<Vec<u8>, Error> {
        let mut app = app(uses);
        let held = get(&mut app, "key");
        let derived: Result<u32, Error> =
            app.call("hkdf-sha256", (held, &b""[..], &b"info"[..], 32_u64));
        let derived = derived.unwrap();
        // Any other use is free.
        app.call::<_, Result<Vec<u8>, Error>>("hmac-sha256", (derived, &b"x"[..])).unwrap();
        app.call("reveal", (derived,))
    };
    assert_eq!(reveal_derived(Uses::KDF), Err(Error::NotPermitted));
    assert!(reveal_derived(Uses::KDF | Uses::REVEAL).is_ok());
}

#[test]
fn the_host_s_secret_stays_the_host_s() {
    let shared = key();
    let secrets = SecretCtxBuilder::new()
        .provider(Named::new().with("key", shared.clone()))
        .grant("key", Uses::all())
        .build();
    let mut app = App::new(secrets);
    let held = get(&mut app, "key");
    let replaced: Result<(), Error> = app.call("replace", (held, &b"mine"[..]));
    assert_eq!(replaced, Err(Error::NotPermitted));
    let twin: u32 = app.call("clone", (held,));
    assert_eq!(app.call::<_, Closed>("close", (held,)), Closed::Wiped);
    assert_eq!(app.call::<_, Closed>("close", (twin,)), Closed::Already);
    assert_eq!(app.call::<_, Result<u64, Error>>("length", (twin,)), Err(Error::Closed));
    assert_eq!(shared.ct_eq(KEY), Ok(true));

    // The other way round the host's word counts.
    let again = get(&mut app, "key");
    shared.close();
    assert!(app.call::<_, bool>("is-closed", (again,)));
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

#[test]
fn files_are_secrets_by_name() {
    let folder = std::env::temp_dir().join(format!("wasmtime-strongroom-{}", std::process::id()));
    let inner = folder.join("inner");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(inner.join("key"), KEY).unwrap();
    std::fs::write(inner.join("empty"), b"").unwrap();
    std::fs::write(folder.join("outside"), KEY).unwrap();

    let files = Files::new(&inner);
    let memory = Builder::default();
    let found = files.get("key", memory).unwrap().expect("there is such a file");
    assert_eq!(found.ct_eq(KEY), Ok(true));
    let outside = inner.join("key");
    for name in ["../outside", "./key/", "", ".", "..", "absent", outside.to_str().unwrap()] {
        assert!(files.get(name, memory).unwrap().is_none(), "{name:?}");
    }
    assert!(files.get("empty", memory).is_err());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn environment_variables_are_secrets_by_name() {
    // Cargo sets it for tests.
    let environment = Environment::new("CARGO_PKG_");
    let found = environment.get("NAME", Builder::default()).unwrap().expect("it is set");
    assert_eq!(found.ct_eq(b"wasmtime-strongroom"), Ok(true));
    for name in ["NO_SUCH", "", "A=B", "\0"] {
        assert!(environment.get(name, Builder::default()).unwrap().is_none(), "{name:?}");
    }
}
