//! A component that may use a secret tries to find out what it is.

use strongroom::Secret;
use strongroom_tests::oracle::{search, search_by_comparing};
use wasmtime_strongroom::provider::Named;
use wasmtime_strongroom::{Error, SecretCtxBuilder, Uses};

use crate::relay::App;

type Made = Result<u32, Error>;

/// A component that may derive from the host's `key`, and from nothing else.
fn app() -> (App, u32) {
    let named = Named::new().with("key", Secret::new(&mut [7; 32]).unwrap());
    let secrets = SecretCtxBuilder::new().provider(named).grant("key", Uses::KDF).build();
    let mut app = App::new(secrets);
    let got: Result<Option<u32>, Error> = app.call("get", ("key",));
    (app, got.unwrap().expect("it is granted"))
}

fn derive(app: &mut App, key: u32, len: usize) -> Made {
    app.call("hkdf-sha256", (key, &b"salt"[..], &b"info"[..], len as u64))
}

/// The control is in `tests/operations/tests/contract.rs`: native code, for which there is no such rule,
/// is searched so.
#[test]
fn a_derived_secret_can_t_be_searched_byte_by_byte() {
    let (mut app, key) = app();
    let by_tags = search(32, |len| {
        let derived = derive(&mut app, key, len)?;
        app.call::<_, Result<Vec<u8>, Error>>("hmac-sha256", (derived, &b""[..]))
    });
    assert!(matches!(by_tags, Err(Error::WrongSize(_))), "{by_tags:?}");

    let by_comparing = search_by_comparing(32, |guess| {
        let derived = derive(&mut app, key, guess.len())?;
        let guess = app.call::<_, Made>("from-bytes", (guess,))?;
        app.call::<_, Result<bool, Error>>("equals", (derived, guess))
    });
    assert!(matches!(by_comparing, Err(Error::WrongSize(_))), "{by_comparing:?}");
}

#[test]
fn nothing_short_that_it_has_not_given_is_handed_to_a_component() {
    let mut app = App::new(SecretCtxBuilder::new().build());
    let key = app.call::<_, Made>("random", (32_u64,)).unwrap();
    let native = Secret::new(&mut [1; 32]).unwrap();
    let own = app.call::<_, Made>("from-bytes", (&[1_u8; 32][..],)).unwrap();
    let x = &b""[..];
    for (len, fine) in [(1, false), (15, false), (16, true)] {
        let bytes = vec![9; len];
        let sealed = native.seal_aead(strongroom::Aead::Aes256Gcm, &bytes, x).unwrap();
        let len = len as u64;
        let salt = &b"somesalt"[..];
        let attempts: [(&str, Made); 4] = [
            ("random", app.call("random", (len,))),
            ("hkdf-sha256", app.call("hkdf-sha256", (key, x, x, len))),
            ("argon2id", app.call("argon2id", (key, salt, 8_u32, 1_u32, 1_u32, len))),
            ("unwrap-aead", app.call("unwrap-aead", (own, 0_u32, &sealed[..], x))),
        ];
        for (function, made) in attempts {
            assert_eq!(made.is_ok(), fine, "{function}, {len} bytes: {made:?}");
            assert!(fine || matches!(made, Err(Error::WrongSize(_))), "{function}: {made:?}");
        }
        // What it has given itself has any length, but what couldn't be unwrapped isn't wrapped.
        let given = app.call::<_, Made>("from-bytes", (&bytes[..],)).unwrap();
        let wrapped: Result<Vec<u8>, Error> = app.call("wrap-aead", (key, 0_u32, given, x));
        assert_eq!(wrapped.is_ok(), fine, "wrap-aead, {len} bytes: {wrapped:?}");
    }
    for (alphabet, len, fine) in
        [(&b"01"[..], 111_u64, false), (b"01", 112, true), (b"0123456789", 33, false)]
    {
        let made: Made = app.call("password", (alphabet, len));
        assert_eq!(made.is_ok(), fine, "{len} of {}: {made:?}", alphabet.len());
    }
}
