//! The host's own secrets: who gets them, and for what.

use std::sync::Arc;

use strongroom::Secret;
use strongroom_building::encode;
use wasmtime::component::{Component, Linker, Resource};
use wasmtime_strongroom::provider::Named;
use wasmtime_strongroom::{CloseOutcome, Error, Handle, SecretCtxBuilder, SecretView, Uses};

use crate::relay::{App, engine};

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
fn components_that_share_a_provider_have_their_own_grants() {
    let shared = Arc::new(named());
    let app = |granted: &str| {
        let provider = Arc::clone(&shared);
        App::new(SecretCtxBuilder::new().provider(provider).grant(granted, Uses::MAC).build())
    };
    for (granted, refused) in [("key", "other"), ("other", "key")] {
        let mut app = app(granted);
        get(&mut app, granted);
        assert_eq!(app.call::<_, Got>("get", (refused,)), Ok(None));
    }
}

#[test]
fn the_host_s_secrets_count_among_a_component_s() {
    let granted = || SecretCtxBuilder::new().provider(named()).grant("key", Uses::MAC);
    for (mut app, fits) in [
        (App::new(granted().max_bytes(KEY.len()).build()), true),
        (App::new(granted().max_bytes(KEY.len() - 1).build()), false),
        (App::new(granted().max_handles(0).build()), false),
    ] {
        let got = app.call::<_, Got>("get", ("key",));
        assert!(if fits { got.is_ok() } else { got == Err(Error::QuotaExceeded) }, "{got:?}");
    }
}

#[test]
fn each_use_needs_its_grant() {
    let x = b"x".as_slice();
    // Of the length that the functions take: what is refused is the use.
    let sealed = key().seal_aead(strongroom::Aead::Aes256Gcm, x, x).unwrap();
    let wrapped = key().wrap_aes_kw(&key()).unwrap();
    let trials: [(Uses, &dyn Fn(&mut App, u32) -> Result<(), Error>); 15] = [
        (Uses::MAC, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("hmac-sha256", (key, x)).map(drop)
        }),
        (Uses::MAC, &|app, key| {
            app.call::<_, Result<bool, Error>>("verify-hmac-sha256", (key, x, x)).map(drop)
        }),
        (Uses::MAC, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("hmac-sha384", (key, x)).map(drop)
        }),
        (Uses::MAC, &|app, key| {
            app.call::<_, Result<bool, Error>>("verify-hmac-sha384", (key, x, x)).map(drop)
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
    let twin = app.call::<_, Result<u32, Error>>("clone", (held,)).unwrap();
    assert_eq!(app.call::<_, CloseOutcome>("close", (held,)), CloseOutcome::Wiped);
    assert_eq!(app.call::<_, CloseOutcome>("close", (twin,)), CloseOutcome::Already);
    assert_eq!(app.call::<_, Result<u64, Error>>("length", (twin,)), Err(Error::Closed));
    assert_eq!(shared.ct_eq(KEY), Ok(true));

    // The other way round the host's word counts.
    let again = get(&mut app, "key");
    shared.close();
    assert!(app.call::<_, bool>("is-closed", (again,)));
}

/// A component with one function, which signs with the key that it is handed.
const SIGNER: (&str, &str) = (
    r#"(module
        (import "strongroom:secret/mac@0.1.0" "hmac-sha256"
            (func $hmac (param i32 i32 i32 i32)))
        (import "strongroom:secret/types@0.1.0" "[resource-drop]secret" (func $drop (param i32)))
        (memory (export "memory") 1)
        (func (export "tag") (param $key i32) (result i32)
            (call $hmac (local.get $key) (i32.const 0) (i32.const 0) (i32.const 16))
            (call $drop (local.get $key))
            i32.const 16)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))"#,
    "package test:signer;
    world signer {
        use strongroom:secret/types@0.1.0.{secret, error};
        import strongroom:secret/mac@0.1.0;
        export tag: func(key: secret) -> result<list<u8>, error>;
    }",
);

#[test]
fn the_host_can_hand_a_secret_to_a_function() {
    type Tag = (Result<Vec<u8>, Error>,);
    let component = Component::new(engine(), encode(SIGNER.0, &[SIGNER.1])).unwrap();
    let mut linker = Linker::new(engine());
    wasmtime_strongroom::add_to_linker(&mut linker).unwrap();
    let secrets = SecretCtxBuilder::new().max_handles(1).build();
    let mut app = App::instantiate(&component, &linker, secrets).unwrap();
    let tag =
        app.instance.get_typed_func::<(Resource<Handle>,), Tag>(&mut app.store, "tag").unwrap();
    for (uses, expected) in [
        (Uses::MAC, Ok(key().hmac_sha256(b"").unwrap().to_vec())),
        (Uses::KDF, Err(Error::NotPermitted)),
    ] {
        let lent = app.store.data_mut().secrets().lend("key", key(), uses).unwrap();
        // It counts among the component's handles, until the component drops it.
        let more = app.store.data_mut().secrets().lend("key", key(), uses);
        assert_eq!(more.unwrap_err().error, Error::QuotaExceeded);
        assert_eq!(tag.call(&mut app.store, (lent,)).unwrap().0, expected);
    }
}
