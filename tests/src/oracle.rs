//! Finding out a secret that one may use and may not read: the attack on families of secrets of which
//! a shorter one is the beginning of a longer one.

use strongroom::Secret;

/// The first `len` bytes of a family, by one tag for each: `tag` gives the HMAC-SHA256 of nothing
/// under the member of so many bytes.
///
/// # Errors
///
/// The first of `tag`.
///
/// # Panics
///
/// If no guess gives the tag.
pub fn search<E>(
    len: usize,
    mut tag: impl FnMut(usize) -> Result<Vec<u8>, E>,
) -> Result<Vec<u8>, E> {
    let mut found: Vec<u8> = Vec::new();
    for known in 0..len {
        let tag = tag(known + 1)?;
        let guesses = (0..=u8::MAX).map(|guess| [&found[..], &[guess]].concat());
        let mut guesses = guesses.filter(|guess| tag == signed(guess));
        found = guesses.next().expect("one of all the bytes is the next");
    }
    Ok(found)
}

/// The same by comparing: `equal` says whether a guess is the member of its length.
///
/// # Errors
///
/// The first of `equal`.
///
/// # Panics
///
/// If no guess is equal.
pub fn search_by_comparing<E>(
    len: usize,
    mut equal: impl FnMut(&[u8]) -> Result<bool, E>,
) -> Result<Vec<u8>, E> {
    let mut found = Vec::new();
    while found.len() < len {
        found.push(0);
        while !equal(&found)? {
            let last = found.last_mut().expect("pushed above");
            *last = last.checked_add(1).expect("one of all the bytes is the next");
        }
    }
    Ok(found)
}

fn signed(key: &[u8]) -> [u8; 32] {
    let key = Secret::new(&mut key.to_vec()).expect("there is memory for a small secret");
    key.hmac_sha256(b"").expect("the secret is open")
}
