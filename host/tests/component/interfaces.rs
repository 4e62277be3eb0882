//! Every interface, with an answer that is known from elsewhere.

use wasmtime_strongroom::{Closed, Error, SecretCtxBuilder};

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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_secret_is_made_replaced_and_closed() {
    let mut app = app();
    let key = secret(&mut app, b"first");
    let twin: u32 = app.call("clone", (key,));
    assert_eq!(app.call::<_, Result<u64, Error>>("length", (key,)), Ok(5));
    app.call::<_, Result<(), Error>>("replace", (key, &b"the second"[..])).unwrap();
    assert_eq!(reveal(&mut app, twin).unwrap(), b"the second");

    assert!(!app.call::<_, bool>("is-closed", (twin,)));
    assert_eq!(app.call::<_, Closed>("close", (twin,)), Closed::Wiped);
    assert_eq!(app.call::<_, Closed>("close", (key,)), Closed::Already);
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
    let _: Closed = app.call("close", (closed,));
    assert_eq!(equals(&mut app, closed), Err(Error::Closed));
}

#[test]
fn hmac_of_rfc_4231() {
    let mut app = app();
    let key = secret(&mut app, b"Jefe");
    let message = b"what do ya want for nothing?".as_slice();
    let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let sha512 = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
        9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
    for (name, expected) in [("hmac-sha256", sha256), ("hmac-sha512", sha512)] {
        let tag = app.call::<_, Result<Vec<u8>, Error>>(name, (key, message)).unwrap();
        assert_eq!(hex(&tag), expected);
        let verify = format!("verify-{name}");
        for (tag, genuine) in [(&tag[..], true), (&tag[1..], false)] {
            let verified: Result<bool, Error> = app.call(&verify, (key, message, tag));
            assert_eq!(verified, Ok(genuine), "{verify}");
        }
    }
}

#[test]
fn aead_of_rfc_8439() {
    let mut app = app();
    let key: Vec<u8> = (0x80..0xa0).collect();
    let key = secret(&mut app, &key);
    let nonce: &[u8] = &[7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47];
    let data: &[u8] = &[0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
    let plain = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for \
        the future, sunscreen would be it."
        .as_slice();
    let sealed: Result<Vec<u8>, Error> =
        app.call("seal-with-nonce", (key, 1_u32, nonce, plain, data));
    let sealed = sealed.unwrap();
    assert_eq!(hex(&sealed[plain.len()..]), "1ae10b594f09e26a7e902ecbd0600691");
    let open = "open-with-nonce";
    let opened: Result<Vec<u8>, Error> = app.call(open, (key, 1_u32, nonce, &sealed[..], data));
    assert_eq!(opened.unwrap(), plain);
    let forged: Result<Vec<u8>, Error> = app.call(open, (key, 1_u32, nonce, &sealed[..], nonce));
    assert_eq!(forged, Err(Error::NotAuthentic));
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
        let refused: Result<Vec<u8>, Error> =
            app.call("seal", (short, algorithm, &b"plain"[..], &b""[..]));
        assert!(matches!(refused, Err(Error::WrongSize(_))), "{refused:?}");
    }
}

#[test]
fn hkdf_of_rfc_5869() {
    let mut app = app();
    let key = secret(&mut app, &[0x0b; 22]);
    let salt: Vec<u8> = (0..13).collect();
    let info: Vec<u8> = (0xf0..0xfa).collect();
    let derived: Result<u32, Error> = app.call("hkdf-sha256", (key, &salt[..], &info[..], 42_u64));
    let derived = reveal(&mut app, derived.unwrap()).unwrap();
    assert_eq!(
        hex(&derived),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    );
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
fn ed25519_of_rfc_8032() {
    let mut app = app();
    let seed = b"\x9d\x61\xb1\x9d\xef\xfd\x5a\x60\xba\x84\x4a\xf4\x92\xec\x2c\xc4\
        \x44\x49\xc5\x69\x7b\x32\x69\x19\x70\x3b\xac\x03\x1c\xae\x7f\x60";
    let seed = secret(&mut app, seed);
    let public: Result<Vec<u8>, Error> = app.call("ed25519-public-key", (seed,));
    let public = public.unwrap();
    assert_eq!(hex(&public), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    let signature =
        app.call::<_, Result<Vec<u8>, Error>>("sign-ed25519", (seed, &b""[..])).unwrap();
    assert!(
        hex(&signature).starts_with("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065")
    );
    for (message, genuine) in [(&b""[..], true), (&b"x"[..], false)] {
        let args = (&public[..], message, &signature[..]);
        assert_eq!(app.call::<_, Result<bool, Error>>("verify-ed25519", args), Ok(genuine));
    }
}

#[test]
fn wrapped_secrets_come_back() {
    let mut app = app();
    // RFC 3394, section 4.6.
    let key: Vec<u8> = (0..32).collect();
    let key = secret(&mut app, &key);
    let data: Vec<u8> = (0..16).map(|i| i * 0x11).chain(0..16).collect();
    let inner = secret(&mut app, &data);
    let wrapped = app.call::<_, Result<Vec<u8>, Error>>("wrap-aes-kw", (key, inner)).unwrap();
    assert_eq!(
        hex(&wrapped),
        "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"
    );
    let back = app.call::<_, Result<u32, Error>>("unwrap-aes-kw", (key, &wrapped[..])).unwrap();
    assert_eq!(reveal(&mut app, back).unwrap(), data);

    let args = (key, 0_u32, inner, &b"data"[..]);
    let wrapped = app.call::<_, Result<Vec<u8>, Error>>("wrap-aead", args).unwrap();
    let args = (key, 0_u32, &wrapped[..], &b"data"[..]);
    let back = app.call::<_, Result<u32, Error>>("unwrap-aead", args).unwrap();
    assert_eq!(reveal(&mut app, back).unwrap(), data);
}
