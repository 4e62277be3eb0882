//! No text holds bytes of a secret.

use super::{Case, Host, cases};

const TELLTALE: &[u8] = b"correct horse battery staple";

pub(super) fn cases<H: Host>() -> [Case<H>; 1] {
    cases![texts_hold_no_bytes_of_a_secret]
}

fn texts_hold_no_bytes_of_a_secret<H: Host>(host: &H) {
    let secret = host.create(&mut TELLTALE.to_vec()).unwrap();
    assert_tells_nothing(&format!("{secret:?} {secret:#?}"));
    let empty = host.replace(&secret, &mut []).unwrap_err();
    host.close(&secret);
    assert_tells_nothing(&format!("{secret:?}"));
    let closed = host.replace(&secret, &mut TELLTALE.to_vec()).unwrap_err();
    for error in [empty, closed] {
        assert_tells_nothing(&format!("{error} {error:?} {error:#?}"));
    }
}

/// Looks for pieces of the secret as text, as hexadecimal and as a list of numbers.
#[track_caller]
fn assert_tells_nothing(text: &str) {
    for piece in TELLTALE.windows(4) {
        let spoken = String::from_utf8_lossy(piece).into_owned();
        let hex: String = piece.iter().map(|byte| format!("{byte:02x}")).collect();
        let list = format!("{piece:?}");
        let numbers = list.trim_matches(['[', ']']);
        for form in [&spoken, &hex, numbers] {
            assert!(!text.to_lowercase().contains(form), "{form} is in {text}");
        }
    }
}
