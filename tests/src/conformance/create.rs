//! How secrets begin.

use super::{Case, Host, LONGEST, assert_refused, assert_wiped, cases, content, secret};

pub(super) fn cases<H: Host>() -> [Case<H>; 6] {
    cases![
        the_source_is_wiped_and_the_content_equal,
        every_length_works,
        nothing_is_no_secret,
        impossible_lengths_are_errors,
        random_bytes_differ,
        handles_share_one_secret,
    ]
}

fn the_source_is_wiped_and_the_content_equal<H: Host>(host: &H) {
    let mut source = content(32);
    let secret = host.create(&mut source).unwrap();
    assert_wiped::<H>(&source);
    assert_eq!(host.reveal(&secret).unwrap(), content(32));
    assert_eq!(host.reveal(&secret).unwrap(), content(32), "a second time");
}

fn every_length_works<H: Host>(host: &H) {
    let edges = [1, 7, 8, 9, 31, 32, 33, 4095, 4096, 4097, 16_383, 16_384, LONGEST];
    for len in (1..=LONGEST).step_by(host.length_step()).chain(edges) {
        let secret = secret(host, len);
        assert_eq!(host.len(&secret).unwrap(), len);
        assert_eq!(host.reveal(&secret).unwrap(), content(len));
    }
}

fn nothing_is_no_secret<H: Host>(host: &H) {
    assert_refused::<H, _>(host.create(&mut []), "empty");
    assert_refused::<H, _>(host.random(0), "empty");
}

fn impossible_lengths_are_errors<H: Host>(host: &H) {
    let huge = usize::try_from(1_u64 << 62).unwrap_or(usize::MAX);
    for len in [huge, isize::MAX as usize, isize::MAX as usize + 1, usize::MAX] {
        let error = host.random(len).expect_err("no machine has that much");
        let code = H::code(&error);
        assert!(["too-large", "out-of-memory", "lock-limit"].contains(&code), "{len}: {error}");
    }
    secret(host, 32);
}

fn random_bytes_differ<H: Host>(host: &H) {
    let reveal = |secret| host.reveal(&secret).unwrap();
    let first = reveal(host.random(32).unwrap());
    let second = reveal(host.random(32).unwrap());
    assert_eq!((first.len(), second.len()), (32, 32));
    assert_ne!(first, second);
    assert_ne!(first, [0; 32]);
}

fn handles_share_one_secret<H: Host>(host: &H) {
    let first = secret(host, 32);
    let second = host.share(&first);
    drop(first);
    assert_eq!(host.reveal(&second).unwrap(), content(32), "the last handle keeps it");
}
