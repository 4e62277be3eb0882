//! The host's own secrets: who gets them, and for what.

use std::sync::Arc;

use strongroom::Secret;
use strongroom_building::{encode, handing_over};
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

fn restrict(app: &mut App, held: u32, uses: Uses) -> u32 {
    app.call::<_, Result<u32, Error>>("restrict", (held, u32::from(uses.bits()))).unwrap()
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
        (Uses::VERIFY, &|app, key| {
            app.call::<_, Result<bool, Error>>("verify-hmac-sha256", (key, x, x)).map(drop)
        }),
        (Uses::MAC, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("hmac-sha384", (key, x)).map(drop)
        }),
        (Uses::VERIFY, &|app, key| {
            app.call::<_, Result<bool, Error>>("verify-hmac-sha384", (key, x, x)).map(drop)
        }),
        (Uses::MAC, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("hmac-sha512", (key, x)).map(drop)
        }),
        (Uses::VERIFY, &|app, key| {
            app.call::<_, Result<bool, Error>>("verify-hmac-sha512", (key, x, x)).map(drop)
        }),
        (Uses::SEAL, &|app, key| {
            app.call::<_, Result<Vec<u8>, Error>>("seal", (key, 0_u32, x, x)).map(drop)
        }),
        (Uses::OPEN, &|app, key| {
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
        // Who makes tags verifies them.
        let with_needed = if *needed == Uses::VERIFY { Uses::MAC } else { *needed };
        for (uses, expected) in
            [(*needed, Ok(())), (with_needed.complement(), Err(Error::NotPermitted))]
        {
            let mut app = app(uses);
            let held = get(&mut app, "key");
            assert_eq!(attempt(&mut app, held), expected, "trial {i} with {uses}");
            // What is granted more widely, and restricted to that.
            let mut app = self::app(Uses::all());
            let held = get(&mut app, "key");
            let restricted = restrict(&mut app, held, uses);
            assert_eq!(attempt(&mut app, restricted), expected, "trial {i} restricted to {uses}");
            assert_eq!(attempt(&mut app, held), Ok(()), "trial {i}: the other handle is as it was");
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

#[test]
fn what_a_component_restricts_is_never_more_than_it_is_granted() {
    let mut app = app(Uses::VERIFY | Uses::KDF);
    let held = get(&mut app, "key");
    for (uses, derives) in [(Uses::all(), true), (Uses::MAC, false), (Uses::REVEAL, false)] {
        let restricted = restrict(&mut app, held, uses);
        let x = b"x".as_slice();
        let tag: Result<Vec<u8>, Error> = app.call("hmac-sha256", (restricted, x));
        assert_eq!(tag, Err(Error::NotPermitted), "restricted to {uses}");
        let revealed: Result<Vec<u8>, Error> = app.call("reveal", (restricted,));
        assert_eq!(revealed, Err(Error::NotPermitted), "restricted to {uses}");
        let derived: Result<u32, Error> = app.call("hkdf-sha256", (restricted, x, x, 32_u64));
        assert_eq!(derived.is_ok(), derives, "restricted to {uses}");
        let Ok(derived) = derived else { continue };
        let revealed: Result<Vec<u8>, Error> = app.call("reveal", (derived,));
        assert_eq!(revealed, Err(Error::NotPermitted), "what it makes leaves no more than it");
    }
}

#[test]
fn a_restricted_handle_ends_itself_and_what_is_made_of_it() {
    let shared = key();
    let named = Named::new().with("key", shared.clone());
    let secrets = SecretCtxBuilder::new().provider(named).grant("key", Uses::MAC).build();
    let mut app = App::new(secrets);
    let hosts = get(&mut app, "key");
    let own = app.call::<_, Result<u32, Error>>("random", (32_u64,)).unwrap();
    let closed = |app: &mut App, handle| app.call::<_, bool>("is-closed", (handle,));
    for held in [hosts, own] {
        let restricted = restrict(&mut app, held, Uses::all());
        let narrower = restrict(&mut app, restricted, Uses::VERIFY);
        let replaced: Result<(), Error> = app.call("replace", (restricted, &b"mine"[..]));
        assert_eq!(replaced, Err(Error::NotPermitted));
        assert_eq!(app.call::<_, CloseOutcome>("close", (narrower,)), CloseOutcome::Deferred);
        assert!(closed(&mut app, narrower) && !closed(&mut app, restricted));
        let again = restrict(&mut app, restricted, Uses::VERIFY);
        assert_eq!(app.call::<_, CloseOutcome>("close", (restricted,)), CloseOutcome::Deferred);
        assert!(closed(&mut app, restricted) && closed(&mut app, again));
        assert!(!closed(&mut app, held));
        // The first handle ends all.
        let last = restrict(&mut app, held, Uses::VERIFY);
        assert_eq!(app.call::<_, CloseOutcome>("close", (held,)), CloseOutcome::Wiped);
        assert!(closed(&mut app, last));
    }
    assert_eq!(shared.ct_eq(KEY), Ok(true), "the host's secret stays the host's");
}

#[test]
fn a_restricted_handle_keeps_its_secret_charged_and_no_more_than_once() {
    let mut app = App::new(SecretCtxBuilder::new().max_bytes(64).max_handles(3).build());
    let random = |app: &mut App, len: u64| app.call::<_, Result<u32, Error>>("random", (len,));
    let held = random(&mut app, 40).unwrap();
    let restricted = restrict(&mut app, held, Uses::MAC);
    let narrower = restrict(&mut app, restricted, Uses::VERIFY);
    let mac = u32::from(Uses::MAC.bits());
    let more = app.call::<_, Result<u32, Error>>("restrict", (held, mac));
    assert_eq!(more, Err(Error::QuotaExceeded), "handles are counted");
    app.release(held);
    app.release(restricted);
    assert_eq!(random(&mut app, 40), Err(Error::QuotaExceeded), "it is there");
    assert_eq!(app.call::<_, CloseOutcome>("close", (narrower,)), CloseOutcome::Deferred);
    assert_eq!(random(&mut app, 40), Err(Error::QuotaExceeded), "it is there");
    app.release(narrower);
    let held = random(&mut app, 40).unwrap();
    restrict(&mut app, held, Uses::MAC);
    let _: CloseOutcome = app.call("close", (held,));
    random(&mut app, 40).expect("its bytes are gone, whatever handles there are");
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

#[test]
fn a_component_can_hand_another_a_key_that_verifies_and_does_not_sign() {
    let component = Component::new(engine(), handing_over()).unwrap();
    let mut linker = Linker::new(engine());
    wasmtime_strongroom::add_to_linker(&mut linker).unwrap();
    let mut app = App::instantiate(&component, &linker, SecretCtxBuilder::new().build()).unwrap();
    let mut with = |uses: Uses| {
        let bits = u32::from(uses.bits());
        let tag: Result<Vec<u8>, Error> = app.call("tag", (bits,));
        let widened: Result<Vec<u8>, Error> = app.call("widened", (bits,));
        let verified: Result<bool, Error> = app.call("verify", (bits,));
        (tag.map(|tag| tag.len()), widened.map(|tag| tag.len()), verified)
    };
    let refused = || Err(Error::NotPermitted);
    assert_eq!(with(Uses::VERIFY), (refused(), refused(), Ok(true)));
    // The control.
    assert_eq!(with(Uses::MAC), (Ok(32), Ok(32), Ok(true)));
    assert_eq!(with(Uses::KDF), (refused(), refused(), Err(Error::NotPermitted)));
}
