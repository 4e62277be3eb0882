//! Reading piece by piece.

use super::{Case, Lends, assert_refused, cases, content, secret};

pub(super) fn cases<H: Lends>() -> [Case<H>; 4] {
    cases![
        pieces_join_to_the_whole,
        a_reader_ends_with_the_close,
        a_reader_ends_with_a_replacement,
        reading_does_not_keep_the_secret,
    ]
}

fn pieces_join_to_the_whole<H: Lends>(host: &H) {
    let mut reader = host.reader(&secret(host, 10));
    let mut whole = Vec::new();
    for (room, expected) in [(4, 4), (4, 4), (1, 1), (4, 1), (4, 0), (4, 0), (0, 0)] {
        let mut out = [0xEE; 4];
        let read = host.read(&mut reader, &mut out[..room]);
        assert_eq!(read, Ok(expected));
        whole.extend_from_slice(&out[..expected]);
        assert!(out[expected..].iter().all(|byte| *byte == 0xEE), "nothing behind the piece");
    }
    assert_eq!(whole, content(10));
}

fn a_reader_ends_with_the_close<H: Lends>(host: &H) {
    let secret = secret(host, 10);
    let mut reader = host.reader(&secret);
    let mut out = [0xEE; 4];
    assert_eq!(host.read(&mut reader, &mut out), Ok(4));
    host.close(&secret);
    out.fill(0xEE);
    assert_refused::<H, _>(host.read(&mut reader, &mut out), "closed");
    assert_eq!(out, [0xEE; 4], "nothing was read");
}

fn a_reader_ends_with_a_replacement<H: Lends>(host: &H) {
    let secret = secret(host, 10);
    let mut reader = host.reader(&secret);
    let mut out = [0; 4];
    assert_eq!(host.read(&mut reader, &mut out), Ok(4));
    host.replace(&secret, &mut content(10)).unwrap();
    assert_refused::<H, _>(host.read(&mut reader, &mut out), "replaced");
    assert_eq!(host.read(&mut host.reader(&secret), &mut out), Ok(4), "a new one works");
}

fn reading_does_not_keep_the_secret<H: Lends>(host: &H) {
    let secret = secret(host, 10);
    let mut reader = host.reader(&secret);
    assert_eq!(host.read(&mut reader, &mut [0; 4]), Ok(4));
    assert_eq!(host.close(&secret), strongroom_core::CloseOutcome::Wiped, "no access is left open");
}
