//! Operations by handle: what they take, what they refuse and how, and what their results are.

use std::collections::HashSet;
use std::thread::{self, ScopedJoinHandle};

use strongroom::{
    Aead, Argon2Cost, Error, OnLockFailure, Protection, Reprotect, Secret, verify_ed25519,
};
use strongroom_tests::oracle::{search, search_by_comparing};

const AEADS: [Aead; 3] = [Aead::Aes256Gcm, Aead::ChaCha20Poly1305, Aead::XChaCha20Poly1305];

/// The cheapest there is.
const CHEAP: Argon2Cost = Argon2Cost { memory_kib: 8, passes: 1, lanes: 1 };

fn secret(bytes: &[u8]) -> Secret {
    Secret::try_from(bytes.to_vec()).expect("there is memory for a small secret")
}

fn key() -> Secret {
    Secret::random(32).expect("there is memory for a small secret")
}

fn wrong_size(what: &'static str, given: usize, needed: &'static str) -> Option<Error> {
    Some(Error::WrongSize { what, given, needed })
}

#[test]
fn a_closed_secret_does_nothing() {
    let closed = key();
    closed.close();
    let open = key();
    let sealed = [0; 64];
    for aead in AEADS {
        assert_eq!(closed.seal_aead(aead, b"", b"").err(), Some(Error::Closed));
        assert_eq!(closed.open_aead(aead, &sealed, b"").err(), Some(Error::Closed));
        assert_eq!(closed.wrap_aead(aead, &open, b"").err(), Some(Error::Closed));
        assert_eq!(open.wrap_aead(aead, &closed, b"").err(), Some(Error::Closed));
        assert_eq!(closed.unwrap_aead(aead, &sealed, b"").err(), Some(Error::Closed));
    }
    assert_eq!(closed.hmac_sha256(b"").err(), Some(Error::Closed));
    assert_eq!(closed.verify_hmac_sha256(b"", b"").err(), Some(Error::Closed));
    assert_eq!(closed.hmac_sha384(b"").err(), Some(Error::Closed));
    assert_eq!(closed.verify_hmac_sha384(b"", b"").err(), Some(Error::Closed));
    assert_eq!(closed.hmac_sha512(b"").err(), Some(Error::Closed));
    assert_eq!(closed.verify_hmac_sha512(b"", b"").err(), Some(Error::Closed));
    assert_eq!(closed.hkdf_sha256(b"", b"", 32).err(), Some(Error::Closed));
    assert_eq!(closed.argon2id(&[0; 16], CHEAP, 32).err(), Some(Error::Closed));
    let keyed = open.argon2id_keyed(&closed, &[0; 16], b"", CHEAP, 32);
    assert_eq!(keyed.err(), Some(Error::Closed));
    assert_eq!(closed.sign_ed25519(b"").err(), Some(Error::Closed));
    assert_eq!(closed.ed25519_public_key().err(), Some(Error::Closed));
    assert_eq!(closed.wrap_aes_kw(&open).err(), Some(Error::Closed));
    assert_eq!(open.wrap_aes_kw(&closed).err(), Some(Error::Closed));
    assert_eq!(closed.unwrap_aes_kw(&sealed).err(), Some(Error::Closed));
    assert_eq!(closed.equals(&open).err(), Some(Error::Closed));
    assert_eq!(open.equals(&closed).err(), Some(Error::Closed));
}

#[test]
fn keys_and_nonces_of_other_sizes_are_named() {
    for len in [1, 16, 31, 33, 64] {
        let key = secret(&vec![1; len]);
        let key_error = wrong_size("key length in bytes", len, "32");
        for aead in AEADS {
            assert_eq!(key.seal_aead(aead, b"", b"").err(), key_error);
            assert_eq!(key.open_aead(aead, &[0; 64], b"").err(), key_error);
            assert_eq!(key.unwrap_aead(aead, &[0; 64], b"").err(), key_error);
        }
        assert_eq!(key.wrap_aes_kw(&secret(&[0; 16])).err(), key_error);
        assert_eq!(key.unwrap_aes_kw(&[0; 24]).err(), key_error);
        let seed_error = wrong_size("Ed25519 seed length in bytes", len, "32");
        assert_eq!(key.sign_ed25519(b"").err(), seed_error);
        assert_eq!(key.ed25519_public_key().err(), seed_error);
        let public_key_error = wrong_size("Ed25519 public key length in bytes", len, "32");
        assert_eq!(verify_ed25519(&vec![1; len], b"", &[0; 64]).err(), public_key_error);
    }
    let key = key();
    for aead in AEADS {
        for len in [0, 8, 16, 32, 36 - aead.nonce_len()] {
            let nonce = vec![1; len];
            let error =
                wrong_size("nonce length in bytes", len, "12, or 24 for XChaCha20-Poly1305");
            assert_eq!(key.seal_aead_with_nonce(aead, &nonce, b"", b"").err(), error);
            assert_eq!(key.open_aead_with_nonce(aead, &nonce, &[0; 16], b"").err(), error);
        }
    }
}

#[test]
fn ciphertexts_of_impossible_sizes_are_named() {
    let key = key();
    for aead in AEADS {
        let least = aead.nonce_len() + Aead::TAG_LEN;
        for len in [0, aead.nonce_len(), least - 1] {
            let needed = "at least 28, or 40 for XChaCha20-Poly1305";
            let error = wrong_size("sealed length in bytes", len, needed);
            assert_eq!(key.open_aead(aead, &vec![0; len], b"").err(), error);
            assert_eq!(key.unwrap_aead(aead, &vec![0; len], b"").err(), error);
        }
        let nonce = vec![0; aead.nonce_len()];
        let error = wrong_size("sealed length in bytes", 15, "at least 16");
        assert_eq!(key.open_aead_with_nonce(aead, &nonce, &[0; 15], b"").err(), error);
    }
    for len in [1, 8, 15, 17, 20] {
        let what = "length in bytes of what AES-KW wraps";
        let error = wrong_size(what, len, "a multiple of 8, at least 16");
        assert_eq!(key.wrap_aes_kw(&secret(&vec![1; len])).err(), error);
    }
    for len in [0, 8, 16, 23, 25] {
        let what = "length in bytes of what AES-KW unwraps";
        let error = wrong_size(what, len, "a multiple of 8, at least 24");
        assert_eq!(key.unwrap_aes_kw(&vec![1; len]).err(), error);
    }
}

#[test]
fn derivations_of_impossible_sizes_are_named() {
    let key = key();
    assert_eq!(key.hkdf_sha256(b"", b"", 0).err(), Some(Error::Empty));
    assert!(key.hkdf_sha256(b"", b"", 8160).is_ok());
    let too_large = Error::TooLarge { len: 8161, max: 8160 };
    assert_eq!(key.hkdf_sha256(b"", b"", 8161).err(), Some(too_large));

    let argon2id = |salt: usize, cost, len| key.argon2id(&vec![0; salt], cost, len).err();
    assert_eq!(argon2id(8, CHEAP, 4), None);
    assert_eq!(argon2id(7, CHEAP, 4), wrong_size("salt length in bytes", 7, "from 8 to 2^32 - 1"),);
    assert_eq!(
        argon2id(8, CHEAP, 3),
        wrong_size("derived length in bytes", 3, "from 4 to 2^32 - 1"),
    );
    assert_eq!(argon2id(8, CHEAP, 0), Some(Error::Empty));
    assert_eq!(
        argon2id(8, Argon2Cost { memory_kib: 15, lanes: 2, ..CHEAP }, 32),
        wrong_size("Argon2id memory in KiB", 15, "at least 8 for each lane"),
    );
    assert_eq!(
        argon2id(8, Argon2Cost { passes: 0, ..CHEAP }, 32),
        wrong_size("number of Argon2id passes", 0, "at least 1"),
    );
    for lanes in [0, 1 << 24] {
        assert_eq!(
            argon2id(8, Argon2Cost { lanes, memory_kib: u32::MAX, ..CHEAP }, 32),
            wrong_size("number of Argon2id lanes", lanes as usize, "from 1 to 2^24 - 1"),
        );
    }
    assert_eq!(
        key.argon2id_keyed(&key, &[0; 8], &[0; 33], CHEAP, 32).err(),
        wrong_size("associated data length in bytes", 33, "at most 32"),
    );
}

#[test]
fn a_cost_above_the_limit_is_refused_whichever_figure_it_is() {
    let limit = Argon2Cost { memory_kib: 64, passes: 3, lanes: 2 };
    assert_eq!(limit.within(limit), Ok(limit));
    let too_costly = |what, given, max| Err(Error::TooCostly { what, given, max });
    assert_eq!(
        Argon2Cost { memory_kib: 65, ..limit }.within(limit),
        too_costly("Argon2id memory in KiB", 65, 64),
    );
    assert_eq!(
        Argon2Cost { passes: 4, ..limit }.within(limit),
        too_costly("number of Argon2id passes", 4, 3),
    );
    assert_eq!(
        Argon2Cost { lanes: 3, ..limit }.within(limit),
        too_costly("number of Argon2id lanes", 3, 2),
    );
}

#[test]
fn whatever_is_not_authentic_gives_one_error() {
    let key = key();
    let others = self::key();
    let content = secret(b"sixteen bytes...");
    for aead in AEADS {
        let sealed = key.wrap_aead(aead, &content, b"data").unwrap();
        assert!(key.unwrap_aead(aead, &sealed, b"data").unwrap().equals(&content).unwrap());

        let refused = |key: &Secret, sealed: &[u8], data: &[u8]| {
            assert_eq!(key.open_aead(aead, sealed, data).err(), Some(Error::NotAuthentic));
            assert_eq!(key.unwrap_aead(aead, sealed, data).err(), Some(Error::NotAuthentic));
        };
        for bit in 0..sealed.len() * 8 {
            let mut forged = sealed.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            refused(&key, &forged, b"data");
        }
        refused(&key, &sealed, b"");
        refused(&key, &sealed, b"Data");
        refused(&key, &sealed[..sealed.len() - 1], b"data");
        refused(&key, &[&sealed[..], &[0]].concat(), b"data");
        refused(&others, &sealed, b"data");
        for other in AEADS.into_iter().filter(|&other| other != aead) {
            assert_eq!(key.open_aead(other, &sealed, b"data").err(), Some(Error::NotAuthentic));
        }
    }

    let wrapped = key.wrap_aes_kw(&content).unwrap();
    assert!(key.unwrap_aes_kw(&wrapped).unwrap().equals(&content).unwrap());
    for bit in 0..wrapped.len() * 8 {
        let mut forged = wrapped.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(key.unwrap_aes_kw(&forged).err(), Some(Error::NotAuthentic));
    }
    assert_eq!(others.unwrap_aes_kw(&wrapped).err(), Some(Error::NotAuthentic));
}

#[test]
fn tags_and_signatures_that_are_not_right_are_refused() {
    let key = key();
    let tag = key.hmac_sha256(b"message").unwrap();
    let signature = key.sign_ed25519(b"message").unwrap();
    let public_key = key.ed25519_public_key().unwrap();
    assert!(key.verify_hmac_sha256(b"message", &tag).unwrap());
    assert!(verify_ed25519(&public_key, b"message", &signature).unwrap());

    assert!(!key.verify_hmac_sha256(b"massage", &tag).unwrap());
    assert!(!verify_ed25519(&public_key, b"massage", &signature).unwrap());
    for len in [0, 31, 63] {
        assert!(!key.verify_hmac_sha256(b"message", &tag[..len.min(31)]).unwrap());
        assert!(!verify_ed25519(&public_key, b"message", &signature[..len]).unwrap());
    }
    // Not a point of the curve, and one of its weak points.
    assert!(!verify_ed25519(&[2; 32], b"message", &signature).unwrap());
    assert!(!verify_ed25519(&[0; 32], b"message", &signature).unwrap());
}

#[test]
fn signatures_are_those_of_the_seed_that_there_is() {
    let [first, second] = [[1; 32], [2; 32]];
    let alone = |seed: [u8; 32]| secret(&seed);
    for protection in [
        Protection::Locked,
        Protection::Guarded { reprotect: Reprotect::Eager },
        Protection::Encrypted,
    ] {
        let key = Secret::builder().protection(protection).build(&mut { first }).unwrap();
        // The third time, another's public key is noted.
        for seed in [first, second, first] {
            key.replace(&mut { seed }).unwrap();
            for _ in 0..3 {
                let signature = alone(seed).sign_ed25519(b"message").unwrap();
                assert_eq!(key.sign_ed25519(b"message").unwrap(), signature);
                let public_key = alone(seed).ed25519_public_key().unwrap();
                assert_eq!(key.ed25519_public_key().unwrap(), public_key);
            }
        }
    }
}

#[test]
fn signatures_are_right_while_their_seed_is_replaced() {
    let seeds = [[1; 32], [2; 32]];
    let right = seeds.map(|seed| secret(&seed).sign_ed25519(b"message").unwrap());
    let key = secret(&seeds[0]);
    thread::scope(|scope| {
        let signing = [(); 2].map(|()| {
            scope.spawn(|| {
                let signatures = (0..100).map(|_| key.sign_ed25519(b"message").unwrap());
                let signatures: Vec<_> = signatures.collect();
                assert!(signatures.iter().all(|signature| right.contains(signature)));
            })
        });
        for seed in seeds.iter().cycle() {
            // Until the last thread has left the content before, there is no place for another.
            assert!([Ok(()), Err(Error::Busy)].contains(&key.replace(&mut { *seed })));
            if signing.iter().all(ScopedJoinHandle::is_finished) {
                break;
            }
        }
    });
    key.close();
    assert_eq!(key.sign_ed25519(b"message").err(), Some(Error::Closed));
}

#[test]
fn nonces_made_inside_are_new_each_time() {
    let key = key();
    for aead in AEADS {
        let nonces: HashSet<_> = (0..1000)
            .map(|_| key.seal_aead(aead, b"", b"").unwrap()[..aead.nonce_len()].to_vec())
            .collect();
        assert_eq!(nonces.len(), 1000);
    }
}

#[test]
fn results_are_protected_as_their_source_is() {
    for protection in [
        Protection::Locked,
        Protection::Guarded { reprotect: Reprotect::Eager },
        Protection::Encrypted,
    ] {
        let builder = Secret::builder().protection(protection);
        let builder = builder.on_lock_failure(OnLockFailure::Degrade);
        let key = builder.random(32).unwrap();
        let level = |secret: &Secret| secret.protections().unwrap().level;
        assert_eq!(level(&key), protection);
        assert_eq!(level(&key.hkdf_sha256(b"", b"", 32).unwrap()), protection);
        assert_eq!(level(&key.argon2id(&[0; 8], CHEAP, 32).unwrap()), protection);
        let wrapped = key.wrap_aes_kw(&key).unwrap();
        assert_eq!(level(&key.unwrap_aes_kw(&wrapped).unwrap()), protection);
        let wrapped = key.wrap_aead(AEADS[0], &key, b"").unwrap();
        assert_eq!(level(&key.unwrap_aead(AEADS[0], &wrapped, b"").unwrap()), protection);
        assert_eq!(level(&builder.password(b"01", 32).unwrap()), protection);
    }
}

#[test]
fn equal_is_who_has_the_same_bytes() {
    let bytes = secret(b"the same bytes");
    assert!(bytes.equals(&bytes).unwrap());
    assert!(bytes.equals(&secret(b"the same bytes")).unwrap());
    assert!(!bytes.equals(&secret(b"the same byteS")).unwrap());
    assert!(!bytes.equals(&secret(b"the same byte")).unwrap());
}

#[test]
fn passwords_favour_no_byte_of_their_alphabet() {
    const LEN: usize = 100_000;
    for count in [129, 200] {
        let alphabet: Vec<u8> = (20..).take(count).collect();
        let is_even = |password: &Secret| {
            let mut seen = [0_usize; 256];
            let count_byte = |&byte: &u8| seen[usize::from(byte)] += 1;
            password.with_bytes(|bytes| bytes.iter().for_each(count_byte)).unwrap();
            let expected = LEN / count;
            (0..=u8::MAX).zip(seen).all(|(byte, seen)| match alphabet.contains(&byte) {
                // Seven standard deviations.
                true => seen.abs_diff(expected) < expected / 3,
                false => seen == 0,
            })
        };
        let remainders = Secret::init(LEN, |bytes| {
            getrandom::fill(bytes).unwrap();
            bytes.iter_mut().for_each(|byte| *byte = alphabet[usize::from(*byte) % count]);
        });
        assert!(!is_even(&remainders.unwrap()), "the plain remainder is not even");
        // Of as many as one may have, until there are as many as are counted.
        let passwords = Secret::init(LEN, |bytes| {
            for part in bytes.chunks_mut(4000) {
                Secret::password(&alphabet, part.len()).unwrap().copy_into(part).unwrap();
            }
        });
        assert!(is_even(&passwords.unwrap()));
        let refused = Secret::password(&alphabet, 4097).err();
        assert_eq!(refused, Some(Error::TooLarge { len: 4097, max: 4096 }));
    }
}

#[test]
fn alphabets_without_choice_are_refused() {
    let all: Vec<u8> = (0..=u8::MAX).collect();
    assert_eq!(Secret::password(&all, 1000).unwrap().len(), Ok(1000));
    let refusal = |given| {
        let what = "number of different bytes in the alphabet";
        wrong_size(what, given, "at least 2, and none of them twice")
    };
    assert_eq!(Secret::password(b"", 10).err(), refusal(0));
    assert_eq!(Secret::password(b"a", 10).err(), refusal(1));
    assert_eq!(Secret::password(b"abca", 10).err(), refusal(3));
    assert_eq!(Secret::password(&[&all[..], b"a"].concat(), 10).err(), refusal(256));
    assert_eq!(Secret::password(b"ab", 0).err(), Some(Error::Empty));
}

/// The control for the tests of components, for which there is a least length: where there is none, a
/// family of which a shorter member is the beginning of a longer one is searched byte by byte.
#[test]
fn secrets_that_begin_alike_are_found_out_by_whoever_may_use_them() {
    let key = key();
    let derived = |len| key.hkdf_sha256(b"salt", b"info", len);
    let by_tags = search(32, |len| Ok::<_, Error>(derived(len)?.hmac_sha256(b"")?.to_vec()));
    let by_comparing = search_by_comparing(32, |guess| derived(guess.len())?.ct_eq(guess));
    let read = derived(32).unwrap().with_bytes(<[u8]>::to_vec);
    assert_eq!(by_tags, read);
    assert_eq!(by_comparing, read);
}
