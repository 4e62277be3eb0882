//! New content under the same handle.

use super::{Case, Host, assert_refused, assert_wiped, cases, content, secret};

pub(super) fn cases<H: Host>() -> [Case<H>; 4] {
    cases![
        all_handles_see_the_new_content,
        lengths_may_differ,
        a_refused_replacement_changes_nothing,
        replacing_goes_on_for_ever,
    ]
}

fn all_handles_see_the_new_content<H: Host>(host: &H) {
    let first = secret(host, 32);
    let second = host.share(&first);
    let mut source = vec![0xA5; 32];
    host.replace(&first, &mut source).unwrap();
    assert_wiped::<H>(&source);
    assert_eq!(host.reveal(&second).unwrap(), [0xA5; 32]);
}

fn lengths_may_differ<H: Host>(host: &H) {
    let secret = secret(host, 32);
    for len in [1, 100, 8, 5000, 33] {
        host.replace(&secret, &mut content(len)).unwrap();
        assert_eq!(host.len(&secret).unwrap(), len);
        assert_eq!(host.reveal(&secret).unwrap(), content(len));
    }
}

fn a_refused_replacement_changes_nothing<H: Host>(host: &H) {
    let secret = secret(host, 32);
    assert_refused::<H, _>(host.replace(&secret, &mut []), "empty");
    assert_eq!(host.reveal(&secret).unwrap(), content(32));
}

fn replacing_goes_on_for_ever<H: Host>(host: &H) {
    let secret = secret(host, 1);
    for round in 0..100 {
        host.replace(&secret, &mut [round; 32]).unwrap();
        assert_eq!(host.reveal(&secret).unwrap(), [round; 32]);
    }
}
