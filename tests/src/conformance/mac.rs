//! HMAC-SHA256 by handle.

use super::{Case, Host, cases, secret};
use crate::vectors;

pub(super) fn cases<H: Host>() -> [Case<H>; 4] {
    cases![
        the_tags_are_as_published,
        only_the_right_tag_is_verified,
        any_length_of_key_and_message_works,
        a_replaced_key_makes_other_tags,
    ]
}

fn the_tags_are_as_published<H: Host>(host: &H) {
    for vector in vectors::mac() {
        let secret = host.create(&mut vector.key.to_vec()).unwrap();
        let tag = host.hmac(&secret, &vector.message).unwrap();
        assert_eq!(tag.len(), 32);
        assert_eq!(vector.shown(&tag), &*vector.tags["hmac-sha256"], "{}", vector.source);
        assert!(host.verify(&secret, &vector.message, &tag).unwrap());
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
