//! Handles that can do less.

use strongroom_core::{CloseOutcome, Uses};

use super::{Case, Restricts, assert_refused, cases, content, secret};

pub(super) fn cases<H: Restricts>() -> [Case<H>; 5] {
    cases![
        a_handle_can_verify_and_not_sign,
        a_handle_gets_nothing_back,
        what_is_lent_is_neither_replaced_nor_ended,
        the_end_of_the_secret_is_seen_by_all,
        what_has_no_use_is_not_measured,
    ]
}

fn a_handle_can_verify_and_not_sign<H: Restricts>(host: &H) {
    let signer = secret(host, 32);
    let verifier = host.restrict(&signer, Uses::VERIFY).unwrap();
    let tag = host.hmac(&signer, b"message").unwrap();
    assert!(host.verify(&verifier, b"message", &tag).unwrap());
    assert!(!host.verify(&verifier, b"massage", &tag).unwrap());
    assert_refused::<H, _>(host.hmac(&verifier, b"message"), "not-permitted");
    assert_refused::<H, _>(host.reveal(&verifier), "not-permitted");
    assert_eq!(host.len(&verifier).unwrap(), 32);
    let signer = host.restrict(&signer, Uses::MAC).unwrap();
    assert_eq!(host.hmac(&signer, b"message").unwrap(), tag);
    assert!(host.verify(&signer, b"message", &tag).unwrap(), "who signs can verify");
    assert_refused::<H, _>(host.reveal(&signer), "not-permitted");
}

fn a_handle_gets_nothing_back<H: Restricts>(host: &H) {
    let verifier = host.restrict(&secret(host, 32), Uses::VERIFY).unwrap();
    for wider in [Uses::all(), Uses::MAC, Uses::REVEAL] {
        let handle = host.restrict(&verifier, wider).unwrap();
        assert_refused::<H, _>(host.hmac(&handle, b"message"), "not-permitted");
        assert_refused::<H, _>(host.reveal(&handle), "not-permitted");
    }
    let twin = host.share(&verifier);
    assert_refused::<H, _>(host.hmac(&twin, b"message"), "not-permitted");
}

fn what_is_lent_is_neither_replaced_nor_ended<H: Restricts>(host: &H) {
    let owner = secret(host, 32);
    let lent = host.restrict(&owner, Uses::all()).unwrap();
    let mut source = content(16);
    assert_refused::<H, _>(host.replace(&lent, &mut source), "not-permitted");
    assert_eq!(source, content(16), "the refused source is untouched");
    let (twin, narrower) = (host.share(&lent), host.restrict(&lent, Uses::REVEAL).unwrap());
    assert_eq!(host.close(&lent), CloseOutcome::Deferred);
    assert_eq!(host.close(&twin), CloseOutcome::Already);
    for ended in [lent, twin, narrower] {
        assert!(host.is_closed(&ended));
        assert_refused::<H, _>(host.reveal(&ended), "closed");
    }
    assert!(!host.is_closed(&owner));
    assert_eq!(host.reveal(&owner).unwrap(), content(32));
    // The control: who owns it may.
    host.replace(&owner, &mut source).unwrap();
    assert_eq!(host.close(&owner), CloseOutcome::Wiped);
}

fn the_end_of_the_secret_is_seen_by_all<H: Restricts>(host: &H) {
    let owner = secret(host, 32);
    let lent = host.restrict(&owner, Uses::REVEAL).unwrap();
    host.replace(&owner, &mut content(16)).unwrap();
    assert_eq!(host.reveal(&lent).unwrap(), content(16), "and so is a replacement");
    assert_eq!(host.close(&owner), CloseOutcome::Wiped);
    assert!(host.is_closed(&lent));
    assert_refused::<H, _>(host.reveal(&lent), "closed");
    assert_refused::<H, _>(host.hmac(&lent, b"message"), "closed");
    assert_eq!(host.close(&lent), CloseOutcome::Already);
}

fn what_has_no_use_is_not_measured<H: Restricts>(host: &H) {
    let nothing = host.restrict(&secret(host, 32), Uses::empty()).unwrap();
    assert_refused::<H, _>(host.len(&nothing), "not-permitted");
}
