//! Panics in the caller's code.

use std::panic::{AssertUnwindSafe, catch_unwind};

use strongroom_core::CloseOutcome;

use super::{Case, Lends, cases, content, secret};

pub(super) fn cases<H: Lends>() -> [Case<H>; 3] {
    cases![
        a_panic_inside_an_access_leaves_the_secret_usable,
        a_panic_after_a_close_inside_still_ends_it,
        a_panicking_initialiser_unwinds,
    ]
}

/// Runs `f`, which is to panic.
fn panics<R>(f: impl FnOnce() -> R) {
    assert!(catch_unwind(AssertUnwindSafe(f)).is_err(), "it did not panic");
}

fn a_panic_inside_an_access_leaves_the_secret_usable<H: Lends>(host: &H) {
    let secret = secret(host, 32);
    panics(|| host.with_bytes(&secret, |_| panic!("inside an access, on purpose")));
    assert_eq!(host.reveal(&secret).unwrap(), content(32));
    host.replace(&secret, &mut [2; 32]).unwrap();
    host.replace(&secret, &mut [3; 32]).expect("the first content is drained");
    assert_eq!(host.close(&secret), CloseOutcome::Wiped, "no access is left open");
}

fn a_panic_after_a_close_inside_still_ends_it<H: Lends>(host: &H) {
    let secret = secret(host, 32);
    panics(|| {
        host.with_bytes(&secret, |_| {
            assert_eq!(host.close(&secret), CloseOutcome::Deferred);
            panic!("after a close, on purpose");
        })
    });
    assert!(host.is_closed(&secret));
}

fn a_panicking_initialiser_unwinds<H: Lends>(host: &H) {
    panics(|| host.init(32, |_| panic!("in an initialiser, on purpose")));
    assert_eq!(host.reveal(&secret(host, 32)).unwrap(), content(32), "the host goes on");
}
