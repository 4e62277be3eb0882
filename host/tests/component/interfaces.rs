//! Every interface, where it can be with an answer that is known from elsewhere.

use std::cell::RefCell;

use strongroom_tests::operations::{Cost, Operations, assert_as_published};
use wasmtime::component::{ComponentNamedList, Lift, Lower};
use wasmtime_strongroom::{CloseOutcome, Error, SecretCtxBuilder};

use crate::relay::App;

fn app() -> App {
    App::new(SecretCtxBuilder::new().build())
}

fn secret(app: &mut App, bytes: &[u8]) -> u32 {
    app.call::<_, Result<u32, Error>>("from-bytes", (bytes,)).unwrap()
}

fn reveal(app: &mut App, handle: u32) -> Result<Vec<u8>, Error> {
    app.call("reveal", (handle,))
}

/// What a guest can do: a call each.
struct Guest(RefCell<App>);

impl Guest {
    fn call<P, R>(&self, function: &str, params: P) -> Result<R, Error>
    where
        P: ComponentNamedList + Lower,
        R: Lift + 'static,
        (Result<R, Error>,): ComponentNamedList + Lift,
    {
        self.0.borrow_mut().call(function, params)
    }
}

/// The number of an AEAD in the enumeration of `types`.
fn aead(algorithm: &str) -> u32 {
    match algorithm {
        "aes256-gcm" => 0,
        "chacha20-poly1305" => 1,
        "xchacha20-poly1305" => 2,
        _ => panic!("there is no AEAD {algorithm}"),
    }
}

impl Operations for Guest {
    type Secret = u32;
    type Error = Error;

    fn secret(&self, bytes: &[u8]) -> u32 {
        secret(&mut self.0.borrow_mut(), bytes)
    }

    fn bytes(&self, secret: &u32) -> Vec<u8> {
        reveal(&mut self.0.borrow_mut(), *secret).unwrap()
    }

    fn hmac(&self, key: &u32, algorithm: &str, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.call(algorithm, (*key, message))
    }

    fn verify_hmac(
        &self,
        key: &u32,
        algorithm: &str,
        message: &[u8],
        tag: &[u8],
    ) -> Result<bool, Error> {
        self.call(&format!("verify-{algorithm}"), (*key, message, tag))
    }

    fn seal_with_nonce(
        &self,
        key: &u32,
        algorithm: &str,
        nonce: &[u8],
        plain: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.call("seal-with-nonce", (*key, aead(algorithm), nonce, plain, data))
    }

    fn open_with_nonce(
        &self,
        key: &u32,
        algorithm: &str,
        nonce: &[u8],
        sealed: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.call("open-with-nonce", (*key, aead(algorithm), nonce, sealed, data))
    }

    fn open(
        &self,
        key: &u32,
        algorithm: &str,
        sealed: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.call("open", (*key, aead(algorithm), sealed, data))
    }

    fn unwrap_aead(
        &self,
        key: &u32,
        algorithm: &str,
        wrapped: &[u8],
        data: &[u8],
    ) -> Result<u32, Error> {
        self.call("unwrap-aead", (*key, aead(algorithm), wrapped, data))
    }

    fn hkdf(
        &self,
        key: &u32,
        algorithm: &str,
        salt: &[u8],
        info: &[u8],
        len: usize,
    ) -> Result<u32, Error> {
        self.call(algorithm, (*key, salt, info, len as u64))
    }

    fn argon2id(&self, password: &u32, salt: &[u8], cost: Cost, len: usize) -> Result<u32, Error> {
        let Cost { memory_kib, passes, lanes } = cost;
        self.call("argon2id", (*password, salt, memory_kib, passes, lanes, len as u64))
    }

    fn public_key(&self, seed: &u32, algorithm: &str) -> Result<Vec<u8>, Error> {
        self.call(&format!("{algorithm}-public-key"), (*seed,))
    }

    fn sign(&self, seed: &u32, algorithm: &str, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.call(&format!("sign-{algorithm}"), (*seed, message))
    }

    fn verify(
        &self,
        public_key: &[u8],
        algorithm: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, Error> {
        self.call(&format!("verify-{algorithm}"), (public_key, message, signature))
    }

    fn wrap(&self, key: &u32, algorithm: &str, secret: &u32) -> Result<Vec<u8>, Error> {
        self.call(&format!("wrap-{algorithm}"), (*key, *secret))
    }

    fn unwrap(&self, key: &u32, algorithm: &str, wrapped: &[u8]) -> Result<u32, Error> {
        self.call(&format!("unwrap-{algorithm}"), (*key, wrapped))
    }
}

#[test]
fn operations_are_as_published() {
    assert_as_published(&Guest(RefCell::new(app())));
}

#[test]
fn a_secret_is_made_replaced_and_closed() {
    let mut app = app();
    let key = secret(&mut app, b"first");
    let twin = app.call::<_, Result<u32, Error>>("clone", (key,)).unwrap();
    assert_eq!(app.call::<_, Result<u64, Error>>("length", (key,)), Ok(5));
    app.call::<_, Result<(), Error>>("replace", (key, &b"the second"[..])).unwrap();
    assert_eq!(reveal(&mut app, twin).unwrap(), b"the second");

    assert!(!app.call::<_, bool>("is-closed", (twin,)));
    assert_eq!(app.call::<_, CloseOutcome>("close", (twin,)), CloseOutcome::Wiped);
    assert_eq!(app.call::<_, CloseOutcome>("close", (key,)), CloseOutcome::Already);
    assert!(app.call::<_, bool>("is-closed", (key,)));
}

#[test]
fn random_secrets_differ() {
    let mut app = app();
    let [one, other] = [(), ()].map(|()| app.call::<_, Result<u32, Error>>("random", (32_u64,)));
    assert_ne!(reveal(&mut app, one.unwrap()), reveal(&mut app, other.unwrap()));
}

#[test]
fn passwords_are_of_their_alphabet() {
    let mut app = app();
    let password: Result<u32, Error> = app.call("password", (&b"abcdef"[..], 100_u64));
    let password = reveal(&mut app, password.unwrap()).unwrap();
    assert_eq!(password.len(), 100);
    assert!(password.iter().all(|byte| (b'a'..=b'f').contains(byte)));
    assert!(password.iter().any(|byte| *byte != password[0]));
    for alphabet in [&b"a"[..], b"aba", b""] {
        let refused: Result<u32, Error> = app.call("password", (alphabet, 100_u64));
        assert!(matches!(refused, Err(Error::WrongSize(_))), "{refused:?}");
    }
}

#[test]
fn secrets_are_equal_if_their_bytes_are() {
    let mut app = app();
    let one = secret(&mut app, b"the same");
    let equals = |app: &mut App, other| app.call::<_, Result<bool, Error>>("equals", (one, other));
    for (bytes, expected) in [(&b"the same"[..], true), (b"the sane", false), (b"the", false)] {
        let other = secret(&mut app, bytes);
        assert_eq!(equals(&mut app, other), Ok(expected));
    }
    assert_eq!(equals(&mut app, one), Ok(true));
    let closed = secret(&mut app, b"the same");
    let _: CloseOutcome = app.call("close", (closed,));
    assert_eq!(equals(&mut app, closed), Err(Error::Closed));
}

#[test]
fn every_aead_opens_what_it_sealed() {
    let mut app = app();
    let key = app.call::<_, Result<u32, Error>>("random", (32_u64,)).unwrap();
    let short = secret(&mut app, b"short");
    for algorithm in 0_u32..3 {
        let args = (key, algorithm, &b"plain"[..], &b"data"[..]);
        let sealed = app.call::<_, Result<Vec<u8>, Error>>("seal", args).unwrap();
        let opened: Result<Vec<u8>, Error> =
            app.call("open", (key, algorithm, &sealed[..], &b"data"[..]));
        assert_eq!(opened.unwrap(), b"plain");
        let forged: Result<Vec<u8>, Error> =
            app.call("open", (key, algorithm, &sealed[..], &b"other"[..]));
        assert_eq!(forged, Err(Error::NotAuthentic));
        let refused: Result<Vec<u8>, Error> =
            app.call("seal", (short, algorithm, &b"plain"[..], &b""[..]));
        assert!(matches!(refused, Err(Error::WrongSize(_))), "{refused:?}");
    }
}

#[test]
fn argon2id_derives_the_same_each_time_and_at_a_bounded_cost() {
    let mut app = app();
    let password = secret(&mut app, b"password");
    let mut derive = |memory_kib: u32| -> Result<u32, Error> {
        app.call("argon2id", (password, &b"somesalt"[..], memory_kib, 2_u32, 1_u32, 24_u64))
    };
    assert_eq!(derive(u32::MAX), Err(Error::QuotaExceeded));
    let (one, other) = (derive(256).unwrap(), derive(256).unwrap());
    let derived = reveal(&mut app, one).unwrap();
    assert_eq!(derived, reveal(&mut app, other).unwrap());
    assert_eq!(derived.len(), 24);
}

#[test]
fn wrapped_secrets_come_back() {
    let mut app = app();
    let key = app.call::<_, Result<u32, Error>>("random", (32_u64,)).unwrap();
    let data: Vec<u8> = (0..32).collect();
    let inner = secret(&mut app, &data);
    let wrapped = app.call::<_, Result<Vec<u8>, Error>>("wrap-aes-kw", (key, inner)).unwrap();
    let back = app.call::<_, Result<u32, Error>>("unwrap-aes-kw", (key, &wrapped[..])).unwrap();
    assert_eq!(reveal(&mut app, back).unwrap(), data);

    let args = (key, 0_u32, inner, &b"data"[..]);
    let wrapped = app.call::<_, Result<Vec<u8>, Error>>("wrap-aead", args).unwrap();
    let args = (key, 0_u32, &wrapped[..], &b"data"[..]);
    let back = app.call::<_, Result<u32, Error>>("unwrap-aead", args).unwrap();
    assert_eq!(reveal(&mut app, back).unwrap(), data);
}
