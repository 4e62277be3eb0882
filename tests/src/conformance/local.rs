//! Handles for one thread, beside others of the same secret.

use strongroom_core::CloseOutcome;

use super::{Case, LendsLocally, assert_refused, cases, content, secret};

pub(super) fn cases<H: LendsLocally>() -> [Case<H>; 6] {
    cases![
        a_local_handle_shows_what_others_do,
        an_idle_local_handle_delays_nothing,
        a_local_handle_keeps_the_secret,
        local_accesses_end_in_any_order,
        of_several_local_handles_the_one_inside_defers,
        a_local_handle_of_a_closed_secret_is_refused,
    ]
}

fn seen<H: LendsLocally>(host: &H, local: &H::Local) -> Result<Vec<u8>, H::Error> {
    host.with_local_bytes(local, <[u8]>::to_vec)
}

fn a_local_handle_shows_what_others_do<H: LendsLocally>(host: &H) {
    let secret = secret(host, 32);
    let local = host.local(&secret);
    assert_eq!(seen(host, &local).unwrap(), content(32));
    for byte in 1..5 {
        host.replace(&secret, &mut [byte; 100]).unwrap();
        for _ in 0..3 {
            assert_eq!(seen(host, &local).unwrap(), [byte; 100]);
        }
    }
    host.close(&secret);
    assert_refused::<H, _>(seen(host, &local), "closed");
    assert_refused::<H, _>(host.expose_locally(&local), "closed");
}

fn an_idle_local_handle_delays_nothing<H: LendsLocally>(host: &H) {
    let secret = secret(host, 32);
    let local = host.local(&secret);
    seen(host, &local).unwrap();
    host.replace(&secret, &mut [2; 32]).unwrap();
    host.replace(&secret, &mut [3; 32]).expect("the first content is drained");
    seen(host, &local).unwrap();
    assert_eq!(host.close(&secret), CloseOutcome::Wiped);
}

fn a_local_handle_keeps_the_secret<H: LendsLocally>(host: &H) {
    let secret = secret(host, 32);
    let local = host.local(&secret);
    drop(secret);
    assert_eq!(seen(host, &local).unwrap(), content(32));
}

fn local_accesses_end_in_any_order<H: LendsLocally>(host: &H) {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let secret = secret(host, 32);
        let local = host.local(&secret);
        let first = host.expose_locally(&local).unwrap();
        host.replace(&secret, &mut [2; 40]).unwrap();
        let second = host.expose_locally(&local).unwrap();
        let mut guards = [Some(first), Some(second), Some(host.expose_locally(&local).unwrap())];
        let shown = [content(32), vec![2; 40], vec![2; 40]];
        for ended in order {
            for (guard, shown) in guards.iter().zip(&shown) {
                assert!(guard.as_ref().is_none_or(|guard| **guard == **shown), "{order:?}");
            }
            guards[ended] = None;
        }
        assert_eq!(host.close(&secret), CloseOutcome::Wiped, "{order:?}: no access is left");
    }
}

fn of_several_local_handles_the_one_inside_defers<H: LendsLocally>(host: &H) {
    let secret = secret(host, 32);
    let [idle, inside, _unused] = [(); 3].map(|()| host.local(&secret));
    seen(host, &idle).unwrap();
    let guard = host.expose_locally(&inside).unwrap();
    assert_eq!(host.close(&secret), CloseOutcome::Deferred);
    assert_refused::<H, _>(seen(host, &idle), "closed");
    assert_refused::<H, _>(seen(host, &inside), "closed");
    assert_eq!(&*guard, content(32), "still there inside");
    drop(guard);
    assert_eq!(host.close(&secret), CloseOutcome::Already);
}

fn a_local_handle_of_a_closed_secret_is_refused<H: LendsLocally>(host: &H) {
    let secret = secret(host, 32);
    host.close(&secret);
    let local = host.local(&secret);
    assert_refused::<H, _>(seen(host, &local), "closed");
}
