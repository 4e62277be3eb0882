//! How secrets end.

use strongroom_core::CloseOutcome;

use super::{Case, Host, assert_refused, cases, content, secret};

pub(super) fn cases<H: Host>() -> [Case<H>; 3] {
    cases![
        a_close_is_seen_by_all_handles,
        closing_again_changes_nothing,
        nothing_works_after_a_close
    ]
}

fn a_close_is_seen_by_all_handles<H: Host>(host: &H) {
    let first = secret(host, 32);
    let second = host.share(&first);
    assert!(!host.is_closed(&first));
    assert_eq!(host.close(&first), CloseOutcome::Wiped);
    assert!(host.is_closed(&first));
    assert!(host.is_closed(&second));
    assert!(host.is_closed(&host.share(&second)), "also by later ones");
}

fn closing_again_changes_nothing<H: Host>(host: &H) {
    let first = secret(host, 32);
    let second = host.share(&first);
    assert_eq!(host.close(&first), CloseOutcome::Wiped);
    assert_eq!(host.close(&first), CloseOutcome::Already);
    assert_eq!(host.close(&second), CloseOutcome::Already);
}

fn nothing_works_after_a_close<H: Host>(host: &H) {
    let secret = secret(host, 32);
    let tag = host.hmac(&secret, b"message").unwrap();
    host.close(&secret);
    assert_refused::<H, _>(host.reveal(&secret), "closed");
    assert_refused::<H, _>(host.len(&secret), "closed");
    assert_refused::<H, _>(host.hmac(&secret, b"message"), "closed");
    assert_refused::<H, _>(host.verify(&secret, b"message", &tag), "closed");
    let mut source = content(32);
    assert_refused::<H, _>(host.replace(&secret, &mut source), "closed");
    assert_eq!(source, content(32), "the refused source is untouched");
    assert!(host.is_closed(&secret));
}
