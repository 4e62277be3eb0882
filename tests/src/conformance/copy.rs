//! Copies into the caller's buffer.

use super::{Case, LONGEST, Lends, assert_refused, cases, content, secret};

pub(super) fn cases<H: Lends>() -> [Case<H>; 4] {
    cases![
        copies_are_exact,
        what_is_behind_the_copy_stays,
        a_short_buffer_is_refused,
        after_a_close_the_buffer_is_wiped,
    ]
}

fn copies_are_exact<H: Lends>(host: &H) {
    let lengths = (1..=80).chain((1..=LONGEST).step_by(509 * host.length_step()));
    for len in lengths {
        let mut out = vec![0xEE; len];
        assert_eq!(host.copy_into(&secret(host, len), &mut out), Ok(len));
        assert_eq!(out, content(len));
    }
}

fn what_is_behind_the_copy_stays<H: Lends>(host: &H) {
    let mut out = [0xEE; 40];
    assert_eq!(host.copy_into(&secret(host, 29), &mut out), Ok(29));
    assert_eq!(out[..29], content(29));
    assert_eq!(out[29..], [0xEE; 11]);
}

fn a_short_buffer_is_refused<H: Lends>(host: &H) {
    for given in [0, 1, 31] {
        let mut out = [0xEE; 31];
        let refused = host.copy_into(&secret(host, 32), &mut out[..given]);
        let error = strongroom_core::Error::BufferTooSmall { needed: 32, given };
        assert_eq!(refused, Err(error));
        let untouched = |byte: &u8| [0, 0xEE].contains(byte);
        assert!(out.iter().all(untouched), "{out:?}");
    }
}

fn after_a_close_the_buffer_is_wiped<H: Lends>(host: &H) {
    let secret = secret(host, 32);
    host.close(&secret);
    let mut out = [0xEE; 40];
    assert_refused::<H, _>(host.copy_into(&secret, &mut out), "closed");
    assert_eq!(out, [0; 40]);
}
