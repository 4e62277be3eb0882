//! HMAC-SHA256 by handle.

use super::{Case, Host, cases, secret};

pub(super) fn cases<H: Host>() -> [Case<H>; 4] {
    cases![
        the_tags_are_those_of_rfc_4231,
        only_the_right_tag_is_verified,
        any_length_of_key_and_message_works,
        a_replaced_key_makes_other_tags,
    ]
}

/// Key, message and tag of each test case of RFC 4231, section 4. Case 5 gives the tag's first
/// half only.
fn rfc_4231() -> [(Vec<u8>, Vec<u8>, &'static str); 7] {
    let counting = (1..=25).collect();
    let long_key = || vec![0xAA; 131];
    [
        (
            vec![0x0B; 20],
            b"Hi There".to_vec(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            vec![0xAA; 20],
            vec![0xDD; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            counting,
            vec![0xCD; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (vec![0x0C; 20], b"Test With Truncation".to_vec(), "a3b6167473100ee06e0c796c2955552b"),
        (
            long_key(),
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            long_key(),
            b"This is a test using a larger than block-size key and a larger than block-size data. \
              The key needs to be hashed before being used by the HMAC algorithm."
                .to_vec(),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ]
}

fn the_tags_are_those_of_rfc_4231<H: Host>(host: &H) {
    for (mut key, message, expected) in rfc_4231() {
        let secret = host.create(&mut key).unwrap();
        let tag = host.hmac(&secret, &message).unwrap();
        let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((hex.len(), &hex[..expected.len()]), (64, expected));
        assert!(host.verify(&secret, &message, &tag).unwrap());
    }
}

fn only_the_right_tag_is_verified<H: Host>(host: &H) {
    let secret = secret(host, 32);
    let tag = host.hmac(&secret, b"message").unwrap();
    let verifies = |message: &[u8], tag: &[u8]| host.verify(&secret, message, tag).unwrap();
    assert!(verifies(b"message", &tag));
    assert!(!verifies(b"massage", &tag));
    for position in 0..tag.len() {
        let mut wrong = tag.clone();
        wrong[position] ^= 0x80;
        assert!(!verifies(b"message", &wrong), "byte {position} differs");
    }
    assert!(!verifies(b"message", &[]));
    assert!(!verifies(b"message", &tag[..31]), "a shortened tag");
    assert!(!verifies(b"message", &[&tag[..], &[0]].concat()), "a lengthened tag");
}

fn any_length_of_key_and_message_works<H: Host>(host: &H) {
    for len in [1, 63, 64, 65, 200] {
        let secret = secret(host, len);
        for message in [&[][..], &[1; 55], &[2; 56], &[3; 64], &[4; 1000]] {
            let tag = host.hmac(&secret, message).unwrap();
            assert!(host.verify(&secret, message, &tag).unwrap());
        }
    }
}

fn a_replaced_key_makes_other_tags<H: Host>(host: &H) {
    let secret = secret(host, 32);
    let before = host.hmac(&secret, b"message").unwrap();
    host.replace(&secret, &mut [9; 32]).unwrap();
    let after = host.hmac(&secret, b"message").unwrap();
    assert_ne!(before, after);
    assert!(!host.verify(&secret, b"message", &before).unwrap());
    assert!(host.verify(&secret, b"message", &after).unwrap());
}
