//! Lent bytes, and what happens to the secret meanwhile.

use strongroom_core::CloseOutcome;

use super::{Case, Lends, assert_refused, cases, content, secret};

pub(super) fn cases<H: Lends>() -> [Case<H>; 10] {
    cases![
        accesses_nest,
        guards_overlap,
        a_refused_access_runs_nothing,
        closing_inside_an_access_is_deferred,
        closing_while_an_older_content_is_read_is_deferred,
        replacing_inside_an_access_shows_afterwards,
        a_third_content_has_to_wait,
        equality_is_of_all_bytes,
        initialisers_write_in_place,
        debug_shows_nothing,
    ]
}

fn accesses_nest<H: Lends>(host: &H) {
    let secret = secret(host, 32);
    let other = host.share(&secret);
    let nested = host.with_bytes(&secret, |outer| {
        host.with_bytes(&other, |inner| {
            assert_eq!(outer, inner);
            inner.to_vec()
        })
    });
    assert_eq!(nested.unwrap().unwrap(), content(32));
    assert_eq!(host.close(&secret), CloseOutcome::Wiped, "no access is left");
}

fn guards_overlap<H: Lends>(host: &H) {
    let secret = secret(host, 32);
    let first = host.expose(&secret).unwrap();
    let second = host.expose(&secret).unwrap();
    drop(first);
    let third = host.expose(&secret).unwrap();
    assert_eq!(&*second, content(32));
    drop(second);
    assert_eq!(&*third, content(32));
    drop(third);
    assert_eq!(host.close(&secret), CloseOutcome::Wiped, "no access is left");
}

fn a_refused_access_runs_nothing<H: Lends>(host: &H) {
    let secret = secret(host, 32);
    host.close(&secret);
    let refused = host.with_bytes(&secret, |_| panic!("the callback of a refused access ran"));
    assert_refused::<H, ()>(refused, "closed");
    assert_refused::<H, _>(host.expose(&secret), "closed");
    assert_refused::<H, _>(host.ct_eq(&secret, &content(32)), "closed");
}

fn closing_inside_an_access_is_deferred<H: Lends>(host: &H) {
    let secret = secret(host, 32);
    let outer = host.expose(&secret).unwrap();
    host.with_bytes(&secret, |bytes| {
        assert_eq!(host.close(&secret), CloseOutcome::Deferred);
        assert_eq!(bytes, content(32), "still there inside");
        assert_refused::<H, _>(host.reveal(&secret), "closed");
    })
    .unwrap();
    assert_eq!(&*outer, content(32), "the outermost access keeps it");
    drop(outer);
    assert_eq!(host.close(&secret), CloseOutcome::Already);
}

fn closing_while_an_older_content_is_read_is_deferred<H: Lends>(host: &H) {
    let secret = secret(host, 32);
    let older = host.expose(&secret).unwrap();
    host.replace(&secret, &mut [7; 100]).unwrap();
    assert_eq!(host.close(&secret), CloseOutcome::Deferred, "the older content isn't wiped");
    assert_eq!(&*older, content(32), "as somebody reads it");
    drop(older);
    assert_eq!(host.close(&secret), CloseOutcome::Already);
}

fn replacing_inside_an_access_shows_afterwards<H: Lends>(host: &H) {
    let secret = secret(host, 32);
    host.with_bytes(&secret, |bytes| {
        host.replace(&secret, &mut [7; 100]).unwrap();
        assert_eq!(bytes, content(32), "an access keeps what it began with");
        assert_eq!(host.reveal(&secret).unwrap(), [7; 100], "a later one sees the new");
    })
    .unwrap();
    assert_eq!(host.reveal(&secret).unwrap(), [7; 100]);
}

fn a_third_content_has_to_wait<H: Lends>(host: &H) {
    let secret = secret(host, 32);
    let first = host.expose(&secret).unwrap();
    host.replace(&secret, &mut [2; 32]).unwrap();
    let mut third = [3; 32];
    assert_refused::<H, _>(host.replace(&secret, &mut third), "busy");
    assert_eq!(third, [3; 32], "the refused source is untouched");
    assert_eq!(&*first, content(32));
    assert_eq!(host.reveal(&secret).unwrap(), [2; 32]);
    drop(first);
    host.replace(&secret, &mut third).unwrap();
    assert_eq!(host.reveal(&secret).unwrap(), [3; 32]);
}

fn equality_is_of_all_bytes<H: Lends>(host: &H) {
    let secret = secret(host, 32);
    assert!(host.ct_eq(&secret, &content(32)).unwrap());
    for len in [0, 1, 31, 33, 64] {
        assert!(!host.ct_eq(&secret, &content(len)).unwrap(), "{len} bytes");
    }
    for position in [0, 15, 31] {
        let mut other = content(32);
        other[position] ^= 1;
        assert!(!host.ct_eq(&secret, &other).unwrap(), "byte {position} differs");
    }
}

fn initialisers_write_in_place<H: Lends>(host: &H) {
    let secret = host.init(32, |bytes| {
        assert_eq!(bytes, [0; 32], "zeros at first");
        bytes.copy_from_slice(&content(32));
        Ok(())
    });
    assert_eq!(host.reveal(&secret.unwrap()).unwrap(), content(32));
    let failed = host.init(32, |bytes| {
        bytes.fill(1);
        Err(strongroom_core::Error::Random)
    });
    assert_refused::<H, _>(failed, "random");
}

fn debug_shows_nothing<H: Lends>(host: &H) {
    let secret = host.create(&mut b"SESAME".to_vec()).unwrap();
    let guard = host.expose(&secret).unwrap();
    let text = format!("{guard:?}");
    assert!(!text.contains("SESAME") && !text.contains("83, 69"), "{text}");
}
