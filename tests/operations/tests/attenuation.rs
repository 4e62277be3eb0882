//! Handles that can do less: each operation needs its use, and nothing gives a handle more.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, thread};

use strongroom::{Aead, Argon2Cost, CloseOutcome, Error, Restricted, Secret, Uses};

/// The cheapest there is.
const CHEAP: Argon2Cost = Argon2Cost { memory_kib: 8, passes: 1, lanes: 1 };

const AEAD: Aead = Aead::XChaCha20Poly1305;

const NONCE: [u8; 24] = [7; 24];

const KEY: [u8; 32] = *b"a key, of thirty-two bytes, no !";

fn secret() -> Secret {
    Secret::try_from(KEY.to_vec()).expect("there is memory for a small secret")
}

/// An operation by a handle, and by a second one if it takes two.
struct Trial {
    name: &'static str,
    /// What the handle needs, and what the second.
    needs: Uses,
    needs_of_other: Option<Uses>,
    attempt: fn(&Restricted, &Restricted) -> Result<(), Error>,
}

/// What one handle does.
const fn by_one(
    name: &'static str,
    needs: Uses,
    attempt: fn(&Restricted, &Restricted) -> Result<(), Error>,
) -> Trial {
    Trial { name, needs, needs_of_other: None, attempt }
}

/// What takes two.
const fn by_two(
    name: &'static str,
    needs: Uses,
    of_other: Uses,
    attempt: fn(&Restricted, &Restricted) -> Result<(), Error>,
) -> Trial {
    Trial { name, needs, needs_of_other: Some(of_other), attempt }
}

fn trials() -> Vec<Trial> {
    vec![
        by_one("hmac_sha256", Uses::MAC, |key, _| key.hmac_sha256(b"x").map(drop)),
        by_one("verify_hmac_sha256", Uses::VERIFY, |key, _| {
            key.verify_hmac_sha256(b"x", b"").map(drop)
        }),
        by_one("hmac_sha384", Uses::MAC, |key, _| key.hmac_sha384(b"x").map(drop)),
        by_one("verify_hmac_sha384", Uses::VERIFY, |key, _| {
            key.verify_hmac_sha384(b"x", b"").map(drop)
        }),
        by_one("hmac_sha512", Uses::MAC, |key, _| key.hmac_sha512(b"x").map(drop)),
        by_one("verify_hmac_sha512", Uses::VERIFY, |key, _| {
            key.verify_hmac_sha512(b"x", b"").map(drop)
        }),
        by_one("seal_aead", Uses::SEAL, |key, _| key.seal_aead(AEAD, b"x", b"").map(drop)),
        by_one("open_aead", Uses::OPEN, |key, _| {
            key.open_aead(AEAD, &secret().seal_aead(AEAD, b"x", b"")?, b"").map(drop)
        }),
        by_one("seal_aead_with_nonce", Uses::SEAL, |key, _| {
            key.seal_aead_with_nonce(AEAD, &NONCE, b"x", b"").map(drop)
        }),
        by_one("open_aead_with_nonce", Uses::OPEN, |key, _| {
            let sealed = secret().seal_aead_with_nonce(AEAD, &NONCE, b"x", b"")?;
            key.open_aead_with_nonce(AEAD, &NONCE, &sealed, b"").map(drop)
        }),
        by_one("hkdf_sha256", Uses::KDF, |key, _| key.hkdf_sha256(b"", b"", 32).map(drop)),
        by_one("argon2id", Uses::KDF, |key, _| key.argon2id(&[0; 16], CHEAP, 32).map(drop)),
        by_two("argon2id_keyed", Uses::KDF, Uses::KDF, |key, other| {
            key.argon2id_keyed(other, &[0; 16], b"", CHEAP, 32).map(drop)
        }),
        by_one("sign_ed25519", Uses::SIGN, |key, _| key.sign_ed25519(b"x").map(drop)),
        by_one("ed25519_public_key", Uses::SIGN, |key, _| key.ed25519_public_key().map(drop)),
        by_two("wrap_aead", Uses::WRAP, Uses::EXPORT, |key, other| {
            key.wrap_aead(AEAD, other, b"").map(drop)
        }),
        by_one("unwrap_aead", Uses::WRAP, |key, _| {
            key.unwrap_aead(AEAD, &secret().wrap_aead(AEAD, &secret(), b"")?, b"").map(drop)
        }),
        by_two("wrap_aes_kw", Uses::WRAP, Uses::EXPORT, |key, other| {
            key.wrap_aes_kw(other).map(drop)
        }),
        by_one("unwrap_aes_kw", Uses::WRAP, |key, _| {
            key.unwrap_aes_kw(&secret().wrap_aes_kw(&secret())?).map(drop)
        }),
        by_two("equals", Uses::EQUALS, Uses::EQUALS, |key, other| key.equals(other).map(drop)),
        // Those that are no operations by handle.
        by_one("with_bytes", Uses::REVEAL, |key, _| key.with_bytes(|_| ())),
        by_one("expose", Uses::REVEAL, |key, _| key.expose().map(drop)),
        by_one("copy_into", Uses::REVEAL, |key, _| key.copy_into(&mut [0; 32]).map(drop)),
        by_one("ct_eq", Uses::EQUALS, |key, _| key.ct_eq(&[0; 32]).map(drop)),
    ]
}

/// Each bit of `uses`, with which others may be named together.
fn bits(uses: Uses) -> impl Iterator<Item = Uses> {
    (0..u16::BITS)
        .map(|bit| Uses::from_bits_retain(1 << bit))
        .filter(move |bit| uses.contains(*bit))
}

#[test]
fn each_operation_needs_its_uses_and_no_other() {
    let (key, other) = (secret(), secret());
    let all = Uses::all();
    for Trial { name, needs, needs_of_other, attempt } in trials() {
        let of_other = needs_of_other.unwrap_or(Uses::empty());
        // The control: a handle that may do everything, and those that may do just that.
        assert_eq!(attempt(&key.restrict(all), &other.restrict(all)), Ok(()), "{name}");
        assert_eq!(attempt(&key.restrict(needs), &other.restrict(of_other)), Ok(()), "{name}");
        for bit in bits(needs) {
            let refused = attempt(&key.restrict(all - bit), &other.restrict(all));
            assert_eq!(refused, Err(Error::NotPermitted { needed: needs }), "{name} without {bit}");
        }
        for bit in bits(of_other) {
            let refused = attempt(&key.restrict(all), &other.restrict(all - bit));
            let needed = of_other;
            assert_eq!(refused, Err(Error::NotPermitted { needed }), "{name} of {bit}");
        }
    }
}

/// No operation is declared without a use; that it is the right one is tried above.
#[test]
fn every_operation_is_tried() {
    let tried: BTreeSet<_> = trials().iter().map(|trial| trial.name.to_owned()).collect();
    let mut declared = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/src/ops");
    for file in fs::read_dir(folder).unwrap() {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        for list in source.split("\noperations! {\n").skip(1) {
            let list = list.split("\n}\n").next().unwrap();
            let functions = list.split("    pub fn ").skip(1);
            declared.extend(functions.map(|text| text.split('(').next().unwrap().to_owned()));
        }
    }
    assert!(declared.len() >= 20, "{declared:?}");
    let missing: Vec<_> = declared.difference(&tried).collect();
    assert!(missing.is_empty(), "no trial says which use these need: {missing:?}");
}

#[test]
fn uses_never_become_more() {
    let secret = secret();
    let every = || (0..=Uses::all().bits()).map(Uses::from_bits_truncate);
    for first in every() {
        let handle = secret.restrict(first);
        for second in every() {
            let narrower = handle.restrict(second);
            assert_eq!(narrower.uses(), first & second);
            assert_eq!(narrower.restrict(Uses::all()).uses(), first & second);
            assert_eq!(narrower.clone().uses(), first & second);
        }
    }
}

#[test]
fn what_is_made_by_a_handle_never_leaves_where_that_one_may_not() {
    let wrapped = secret().wrap_aead(AEAD, &secret(), b"").unwrap();
    let made = |uses: Uses| {
        let key = secret().restrict(uses | Uses::KDF | Uses::WRAP);
        let password = secret().restrict(Uses::all());
        [
            key.hkdf_sha256(b"", b"", 32).unwrap(),
            key.argon2id(&[0; 16], CHEAP, 32).unwrap(),
            key.argon2id_keyed(&password, &[0; 16], b"", CHEAP, 32).unwrap(),
            password.argon2id_keyed(&key, &[0; 16], b"", CHEAP, 32).unwrap(),
            key.unwrap_aead(AEAD, &wrapped, b"").unwrap(),
        ]
    };
    for made in made(Uses::empty()) {
        assert!(made.hmac_sha256(b"x").is_ok(), "another secret, to be used for anything");
        assert!(made.with_bytes(|_| ()).is_err() && made.expose().is_err());
        let wrapping = secret().restrict(Uses::all());
        assert!(wrapping.wrap_aead(AEAD, &made, b"").is_err());
        let again = made.hkdf_sha256(b"", b"", 32).unwrap();
        assert!(again.with_bytes(|_| ()).is_err(), "nor what is made of it");
    }
    // The control.
    for made in made(Uses::REVEAL) {
        assert!(made.with_bytes(|_| ()).is_ok());
    }
}

#[test]
fn what_is_lent_can_neither_be_replaced_nor_ended() {
    let secret = secret();
    let lent = secret.restrict(Uses::all());
    let (twin, narrower) = (lent.clone(), lent.restrict(Uses::MAC));
    let mut source = [1; 8];
    let refused = Err(Error::NotPermitted { needed: Uses::empty() });
    assert_eq!(lent.replace(&mut source), refused);
    assert_eq!(source, [1; 8], "it is the caller's still");

    // A narrower one ends itself alone.
    assert_eq!(narrower.close(), CloseOutcome::Deferred);
    assert_eq!(narrower.close(), CloseOutcome::Already);
    assert_eq!(narrower.hmac_sha256(b"x"), Err(Error::Closed));
    assert!(narrower.is_closed() && !lent.is_closed());

    // One that others were made of ends those, too, and not the secret.
    let other = secret.restrict(Uses::all());
    let narrower = lent.restrict(Uses::MAC).restrict(Uses::VERIFY);
    assert_eq!(lent.close(), CloseOutcome::Deferred);
    assert!(twin.is_closed() && narrower.is_closed());
    for ended in [&lent, &twin, &narrower] {
        assert_eq!(ended.len(), Err(Error::Closed));
        assert_eq!(ended.verify_hmac_sha256(b"x", b""), Err(Error::Closed));
        assert_eq!(ended.restrict(Uses::MAC).len(), Err(Error::Closed));
    }
    assert!(secret.ct_eq(&KEY).unwrap() && other.ct_eq(&KEY).unwrap());

    // The secret ends all.
    secret.close();
    assert!(other.is_closed());
    assert_eq!(other.close(), CloseOutcome::Already);
    assert_eq!(
        other.restrict(Uses::MAC).with_bytes(|_| ()),
        Err(Error::Closed),
        "whatever it lacks"
    );
}

#[test]
fn who_owns_a_secret_may_replace_and_end_it_whatever_else() {
    let signer = secret().into_restricted(Uses::MAC);
    let lent = signer.restrict(Uses::MAC);
    let derived = secret().restrict(Uses::KDF).hkdf_sha256(b"", b"", 32).unwrap();
    for owner in [&signer, &derived] {
        let before = owner.hmac_sha256(b"x").unwrap();
        owner.replace(&mut [1; 32]).unwrap();
        assert_ne!(owner.hmac_sha256(b"x").unwrap(), before);
    }
    assert_eq!(
        lent.replace(&mut [1; 8]),
        Err(Error::NotPermitted { needed: Uses::empty() }),
        "as many uses, but lent"
    );
    assert_eq!(signer.close(), CloseOutcome::Wiped);
    assert_eq!(derived.close(), CloseOutcome::Wiped);
    assert_eq!(lent.hmac_sha256(b"x"), Err(Error::Closed));
}

#[test]
fn a_handle_without_uses_tells_nothing() {
    let nothing = secret().restrict(Uses::empty());
    assert_eq!(nothing.len(), Err(Error::NotPermitted { needed: Uses::empty() }));
    // The control: any use will do.
    assert_eq!(secret().restrict(Uses::VERIFY).len(), Ok(32));
}

/// However often a handle is restricted and dropped, nothing piles up behind the last one.
#[test]
fn handles_keep_no_more_of_those_before_than_there_are_uses() {
    let mut handle = secret().restrict(Uses::all());
    for round in 0..1_000_000_u32 {
        // Most of these change nothing.
        let drop_one = Uses::from_bits_retain(1 << (round / 100_000));
        handle = handle.restrict(Uses::all() - drop_one);
    }
    // As long a chain as that would overflow the stack of a thread that drops it.
    thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(move || drop(handle))
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn a_refusal_says_what_is_missing() {
    let refused = secret().restrict(Uses::VERIFY).hmac_sha256(b"x").unwrap_err();
    assert_eq!(refused.code(), "not-permitted");
    assert!(refused.to_string().contains("MAC"), "{refused}");
    let debug = format!("{:?}", secret().restrict(Uses::VERIFY));
    assert!(debug.contains("VERIFY") && !debug.contains("a key"), "{debug}");
}
