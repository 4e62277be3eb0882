//! What is done with a secret, `n` times in a row. Generic, so that each peer gets a loop
//! of its own with nothing indirect in it.

use std::hint::black_box;

use crate::{LEN, Peer};

/// The content that [`secret`], [`create_drop`] and [`replace`] write.
const CONTENT: [u8; LEN] = [0x5a; LEN];

/// A secret to do things with.
pub fn secret<P: Peer>() -> P {
    P::create(&mut CONTENT.clone())
}

/// Borrows the bytes and reads one.
pub fn borrow<P: Peer>(peer: &mut P, n: u64) {
    // Seen by the black box once, the peer may have changed at every later one.
    let peer = black_box(peer);
    for _ in 0..n {
        black_box(peer.borrow(|bytes| bytes[0]));
    }
}

/// Copies the bytes into a buffer of the caller's.
pub fn copy_out<P: Peer>(peer: &mut P, n: u64) {
    let peer = black_box(peer);
    let mut out = [0; LEN];
    for _ in 0..n {
        peer.copy_out(&mut out);
        black_box(&mut out);
    }
}

/// Creates another secret and drops it.
pub fn create_drop<P: Peer>(_: &mut P, n: u64) {
    for _ in 0..n {
        drop(black_box(secret::<P>()));
    }
}

/// Puts new bytes in place of the old.
pub fn replace<P: Peer>(peer: &mut P, n: u64) {
    let peer = black_box(peer);
    for _ in 0..n {
        peer.replace(black_box(&mut CONTENT.clone()));
    }
}
