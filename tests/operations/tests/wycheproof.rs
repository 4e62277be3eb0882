//! The operations by handle against Project Wycheproof, which collects what implementations get
//! wrong: forged and cut tags, odd sizes, values that have two forms, counters that overflow.

use strongroom::{Aead, Error, Secret, verify_ed25519};
use wycheproof::{TestResult, aead, eddsa, hkdf, keywrap, mac};

/// The one size of key that AEADs and AES-KW have here.
const KEY_BITS: usize = 256;

fn secret(bytes: &[u8]) -> Secret {
    Secret::try_from(bytes.to_vec()).expect("there is memory for a small secret")
}

fn holds(secret: &Secret, bytes: &[u8]) -> bool {
    secret.ct_eq(bytes).expect("the secret is open")
}

fn check_hmac<const LEN: usize>(
    name: mac::TestName,
    tag_of: impl Fn(&Secret, &[u8]) -> Result<[u8; LEN], Error>,
    verify: impl Fn(&Secret, &[u8], &[u8]) -> Result<bool, Error>,
) {
    let set = mac::TestSet::load(name).unwrap();
    let mut verified = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let key = secret(&test.key);
        let valid = test.result == TestResult::Valid;
        assert_eq!(tag_of(&key, &test.msg).unwrap().starts_with(&test.tag), valid, "{test:?}");
        // Tags that are cut short are never taken for valid.
        let whole = test.tag.len() == LEN;
        assert_eq!(verify(&key, &test.msg, &test.tag).unwrap(), valid && whole, "{test:?}");
        verified += usize::from(valid && whole);
    }
    assert_eq!(verified, 33, "whole tags that are right");
}

#[test]
fn hmac_sha256() {
    check_hmac(mac::TestName::HmacSha256, Secret::hmac_sha256, Secret::verify_hmac_sha256);
}

#[test]
fn hmac_sha384() {
    check_hmac(mac::TestName::HmacSha384, Secret::hmac_sha384, Secret::verify_hmac_sha384);
}

#[test]
fn hmac_sha512() {
    check_hmac(mac::TestName::HmacSha512, Secret::hmac_sha512, Secret::verify_hmac_sha512);
}

fn check_aead(aead: Aead, name: aead::TestName, expected: usize) {
    let set = aead::TestSet::load(name).unwrap();
    let mut opened = 0;
    for group in set.test_groups.iter().filter(|group| group.key_size == KEY_BITS) {
        for test in &group.tests {
            let key = secret(&test.key);
            let sealed = [&test.ct[..], &test.tag[..]].concat();
            let open = key.open_aead_with_nonce(aead, &test.nonce, &sealed, &test.aad);
            let seal = key.seal_aead_with_nonce(aead, &test.nonce, &test.pt, &test.aad);
            if test.nonce.len() != aead.nonce_len() {
                assert!(matches!(open, Err(Error::WrongSize { .. })), "{test:?}");
                assert!(matches!(seal, Err(Error::WrongSize { .. })), "{test:?}");
            } else if test.result == TestResult::Valid {
                assert_eq!(seal.as_ref(), Ok(&sealed), "{test:?}");
                assert_eq!(open.as_deref().map(Vec::as_slice), Ok(&test.pt[..]), "{test:?}");
                opened += 1;
            } else {
                assert_eq!(open, Err(Error::NotAuthentic), "{test:?}");
                assert_ne!(seal, Ok(sealed), "{test:?}");
            }
        }
    }
    assert_eq!(opened, expected, "ciphertexts that are right");
}

#[test]
fn aes_256_gcm() {
    check_aead(Aead::Aes256Gcm, aead::TestName::AesGcm, 39);
}

#[test]
fn chacha20_poly1305() {
    check_aead(Aead::ChaCha20Poly1305, aead::TestName::ChaCha20Poly1305, 256);
}

#[test]
fn xchacha20_poly1305() {
    check_aead(Aead::XChaCha20Poly1305, aead::TestName::XChaCha20Poly1305, 246);
}

#[test]
fn hkdf_sha256() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap();
    let mut derived = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        match secret(&test.ikm).hkdf_sha256(&test.salt, &test.info, test.size) {
            Ok(okm) => {
                assert!(holds(&okm, &test.okm), "{test:?}");
                derived += 1;
            }
            Err(error) => {
                assert_eq!(error, Error::TooLarge { len: test.size, max: 8160 }, "{test:?}");
                assert_eq!(test.result, TestResult::Invalid, "{test:?}");
            }
        }
    }
    assert_eq!(derived, 83, "derived secrets");
}

#[test]
fn ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut verified = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            let valid = verify_ed25519(&group.key.pk, &test.msg, &test.sig).unwrap();
            assert_eq!(valid, test.result == TestResult::Valid, "{test:?}");
            verified += usize::from(valid);
        }
    }
    assert_eq!(verified, 88, "signatures that are right");
}

#[test]
fn aes_kw() {
    let set = keywrap::TestSet::load(keywrap::TestName::AesKeyWrap).unwrap();
    let mut unwrapped = 0;
    for group in set.test_groups.iter().filter(|group| group.key_size == KEY_BITS) {
        for test in &group.tests {
            let key = secret(&test.key);
            let unwrap = key.unwrap_aes_kw(&test.ct);
            if test.result == TestResult::Valid {
                assert!(holds(&unwrap.unwrap(), &test.pt), "{test:?}");
                assert_eq!(key.wrap_aes_kw(&secret(&test.pt)).as_deref(), Ok(&test.ct[..]));
                unwrapped += 1;
            } else if test.ct.len() >= 24 && test.ct.len().is_multiple_of(8) {
                assert_eq!(unwrap.unwrap_err(), Error::NotAuthentic, "{test:?}");
            } else {
                assert!(matches!(unwrap.unwrap_err(), Error::WrongSize { .. }), "{test:?}");
            }
        }
    }
    assert_eq!(unwrapped, 13, "wrapped keys that are right");
}
