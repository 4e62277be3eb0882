//! Bad input and too much of it: errors, never traps.

use wasmtime_strongroom::{CloseOutcome, Error, MAX_INPUT, SecretCtxBuilder};

use crate::relay::App;

type Made = Result<u32, Error>;

/// A component that may have as large secrets as there are, on machines with a low limit, too.
fn app() -> App {
    let secrets = SecretCtxBuilder::new().max_locked_bytes(usize::MAX).keep_for_host(0, 0);
    App::new(secrets.build())
}

#[test]
fn after_close_everything_is_closed() {
    let mut app = app();
    let open = app.call::<_, Made>("random", (32_u64,)).unwrap();
    let key = app.call::<_, Made>("random", (32_u64,)).unwrap();
    let _: CloseOutcome = app.call("close", (key,));
    let (x, y) = (&b"x"[..], &[0_u8; 64][..]);

    assert_eq!(app.call::<_, Result<u64, Error>>("length", (key,)), Err(Error::Closed));
    assert_eq!(app.call::<_, Result<(), Error>>("replace", (key, x)), Err(Error::Closed));
    assert_eq!(
        app.call::<_, Result<bool, Error>>("verify-hmac-sha256", (key, x, y)),
        Err(Error::Closed)
    );
    let bytes: [(&str, Result<Vec<u8>, Error>); 10] = [
        ("hmac-sha256", app.call("hmac-sha256", (key, x))),
        ("seal", app.call("seal", (key, 0_u32, x, x))),
        ("open", app.call("open", (key, 0_u32, y, x))),
        ("seal-with-nonce", app.call("seal-with-nonce", (key, 0_u32, x, x, x))),
        ("open-with-nonce", app.call("open-with-nonce", (key, 0_u32, x, y, x))),
        ("sign-ed25519", app.call("sign-ed25519", (key, x))),
        ("ed25519-public-key", app.call("ed25519-public-key", (key,))),
        ("wrap-aead, key", app.call("wrap-aead", (key, 0_u32, open, x))),
        ("wrap-aes-kw, secret", app.call("wrap-aes-kw", (open, key))),
        ("reveal", app.call("reveal", (key,))),
    ];
    for (function, result) in bytes {
        assert_eq!(result, Err(Error::Closed), "{function}");
    }
    let made: [(&str, Made); 4] = [
        ("hkdf-sha256", app.call("hkdf-sha256", (key, x, x, 32_u64))),
        ("argon2id", app.call("argon2id", (key, y, 64_u32, 1_u32, 1_u32, 32_u64))),
        ("unwrap-aead", app.call("unwrap-aead", (key, 0_u32, y, x))),
        ("unwrap-aes-kw", app.call("unwrap-aes-kw", (key, y))),
    ];
    for (function, result) in made {
        assert_eq!(result, Err(Error::Closed), "{function}");
    }
}

#[test]
fn inputs_have_a_largest_size() {
    let mut app = app();
    let too_large = Error::TooLarge(MAX_INPUT as u64);
    let long = vec![0_u8; MAX_INPUT + 1];
    let key = app.call::<_, Made>("random", (32_u64,)).unwrap();
    assert_eq!(app.call::<_, Made>("from-bytes", (&long[..],)), Err(too_large.clone()));
    assert_eq!(app.call::<_, Made>("random", (u64::MAX,)), Err(too_large.clone()));
    let tag: Result<Vec<u8>, Error> = app.call("hmac-sha256", (key, &long[..]));
    assert_eq!(tag, Err(too_large));
    // The same without the byte too many.
    let tag: Result<Vec<u8>, Error> = app.call("hmac-sha256", (key, &long[1..]));
    assert!(tag.is_ok());
}

#[test]
fn no_argument_may_be_longer() {
    let long = &vec![0_u8; MAX_INPUT + 1][..];
    let name = &"x".repeat(MAX_INPUT + 1);
    let (x, key) = (&b"x"[..], 1_u32);
    let mut app = app();
    assert_eq!(app.call::<_, Made>("random", (32_u64,)), Ok(key));
    let mut refusals: Vec<(&str, Error)> = Vec::new();
    let mut refused = |function, result: Option<Error>| {
        refusals.push((function, result.expect(function)));
    };

    type Bytes = Result<Vec<u8>, Error>;
    type Verified = Result<bool, Error>;
    refused("replace", app.call::<_, Result<(), Error>>("replace", (key, long)).err());
    for [message, tag] in one_of(x, long) {
        for function in ["verify-hmac-sha256", "verify-hmac-sha384", "verify-hmac-sha512"] {
            refused(function, app.call::<_, Verified>(function, (key, message, tag)).err());
        }
    }
    for [text, data] in one_of(x, long) {
        for function in ["seal", "open"] {
            refused(function, app.call::<_, Bytes>(function, (key, 0_u32, text, data)).err());
        }
        refused("unwrap-aead", app.call::<_, Made>("unwrap-aead", (key, 0_u32, text, data)).err());
        refused("hkdf", app.call::<_, Made>("hkdf-sha256", (key, text, data, 32_u64)).err());
    }
    for [nonce, text, data] in one_of(x, long) {
        for function in ["seal-with-nonce", "open-with-nonce"] {
            let args = (key, 0_u32, nonce, text, data);
            refused(function, app.call::<_, Bytes>(function, args).err());
        }
        let args = (nonce, text, data);
        refused("verify-ed25519", app.call::<_, Verified>("verify-ed25519", args).err());
    }
    refused("hkdf", app.call::<_, Made>("hkdf-sha256", (key, x, x, u64::MAX)).err());
    for (salt, len) in [(long, 32_u64), (&[0; 8], u64::MAX)] {
        let args = (key, salt, 8_u32, 1_u32, 1_u32, len);
        refused("argon2id", app.call::<_, Made>("argon2id", args).err());
    }
    refused("password", app.call::<_, Made>("password", (long, 32_u64)).err());
    refused("password", app.call::<_, Made>("password", (&b"ab"[..], u64::MAX)).err());
    for function in ["hmac-sha256", "hmac-sha384", "hmac-sha512"] {
        refused(function, app.call::<_, Bytes>(function, (key, long)).err());
    }
    refused("sign", app.call::<_, Bytes>("sign-ed25519", (key, long)).err());
    refused("wrap-aead", app.call::<_, Bytes>("wrap-aead", (key, 0_u32, key, long)).err());
    refused("unwrap-aes-kw", app.call::<_, Made>("unwrap-aes-kw", (key, long)).err());
    refused("get", app.call::<_, Result<Option<u32>, Error>>("get", (name,)).err());

    for (function, error) in refusals {
        assert_eq!(error, Error::TooLarge(MAX_INPUT as u64), "{function}");
    }
}

/// In a process of its own, as it takes more locked memory than the others' components may leave.
#[cfg(target_os = "linux")]
#[test]
fn nothing_is_sealed_that_could_not_be_opened() {
    strongroom_tests::linux::child::run("sealed", || {
        type Bytes = Result<Vec<u8>, Error>;
        let mut app = app();
        let key = app.call::<_, Made>("random", (32_u64,)).unwrap();
        let secret = app.call::<_, Made>("random", (MAX_INPUT as u64,)).unwrap();
        let (plain, data) = (&vec![7; MAX_INPUT][..], &b""[..]);

        let sealed: Bytes = app.call("seal", (key, 0_u32, &plain[28..], data));
        let sealed = sealed.unwrap();
        assert_eq!(
            app.call::<_, Bytes>("open", (key, 0_u32, &sealed[..], data)).unwrap(),
            plain[28..]
        );

        let nonce = &[0_u8; 12][..];
        let refusals = [
            app.call::<_, Bytes>("seal", (key, 0_u32, &plain[27..], data)),
            app.call("seal-with-nonce", (key, 0_u32, nonce, &plain[15..], data)),
            app.call("wrap-aead", (key, 0_u32, secret, data)),
        ];
        for refusal in refusals {
            assert_eq!(refusal, Err(Error::TooLarge(MAX_INPUT as u64)));
        }
    })
    .finishes();
}

/// What takes more work for each byte than others has a limit of its own; `tests/component/tests/work.rs`
/// shows that no operation takes more than Argon2id at its limit.
#[test]
fn work_has_a_limit() {
    type Bytes = Result<Vec<u8>, Error>;
    let mut app = app();
    let key = app.call::<_, Made>("random", (32_u64,)).unwrap();
    for (len, fine) in [(65_536_u64, true), (65_544, false)] {
        let secret = app.call::<_, Made>("random", (len,)).unwrap();
        let wrapped: Bytes = app.call("wrap-aes-kw", (key, secret));
        assert_eq!(wrapped.is_ok(), fine, "{len}");
        let wrapped = wrapped.unwrap_or_else(|_| vec![0; len as usize + 8]);
        let unwrapped: Made = app.call("unwrap-aes-kw", (key, &wrapped[..]));
        assert_eq!(unwrapped.is_ok(), fine, "{len}");
        assert!(fine || unwrapped == Err(Error::TooLarge(65_536)), "{unwrapped:?}");
    }
    for (len, expected) in [(65_536, Ok(())), (65_537, Err(Error::TooLarge(65_536)))] {
        let info = &vec![0_u8; len][..];
        let made: Made = app.call("hkdf-sha256", (key, &b""[..], info, 8160_u64));
        assert_eq!(made.map(drop), expected);
    }
    for (len, expected) in [(4096_u64, Ok(())), (4097, Err(Error::TooLarge(4096)))] {
        let made: Made = app.call("password", (&b"ab"[..], len));
        assert_eq!(made.map(drop), expected);
    }
}

/// Arguments that are all `usual`, but for one.
fn one_of<'a, const N: usize>(usual: &'a [u8], one: &'a [u8]) -> [[&'a [u8]; N]; N] {
    std::array::from_fn(|at| std::array::from_fn(|i| if i == at { one } else { usual }))
}

/// wasmtime has a limit of its own, which ends in a trap, before this crate is asked.
#[test]
fn a_host_whose_guests_have_much_memory_lifts_wasmtime_s_limit() {
    let mut app = app();
    let long = vec![0_u8; app.store.hostcall_fuel() + 1];
    let create = app.instance.get_typed_func::<(&[u8],), (Made,)>(&mut app.store, "from-bytes");
    let create = create.unwrap();
    app.store.set_hostcall_fuel(usize::MAX);
    let refused = create.call(&mut app.store, (&long,)).unwrap().0;
    assert_eq!(refused, Err(Error::TooLarge(MAX_INPUT as u64)));
    // Without.
    app.store.set_hostcall_fuel(long.len() - 1);
    assert!(create.call(&mut app.store, (&long,)).is_err());
}

#[test]
fn there_is_no_empty_secret() {
    let mut app = app();
    assert_eq!(app.call::<_, Made>("from-bytes", (&b""[..],)), Err(Error::Empty));
    assert_eq!(app.call::<_, Made>("random", (0_u64,)), Err(Error::Empty));
}

#[test]
fn handles_are_counted() {
    let mut app = App::new(SecretCtxBuilder::new().max_handles(2).build());
    let one = app.call::<_, Made>("random", (32_u64,)).unwrap();
    let two = app.call::<_, Made>("clone", (one,)).unwrap();
    assert_eq!(app.call::<_, Made>("random", (32_u64,)), Err(Error::QuotaExceeded));
    assert_eq!(app.call::<_, Made>("clone", (two,)), Err(Error::QuotaExceeded));

    app.release(two);
    app.call::<_, Made>("random", (32_u64,)).unwrap();
}

#[test]
fn the_quota_of_handles_ends_before_wasmtime_s_does() {
    let mut app = app();
    let one = app.call::<_, Made>("random", (32_u64,)).unwrap();
    // More attempts than wasmtime allows handles: a refused one takes none.
    let attempts = app.store.max_component_handles() + 1;
    let refused = (0..attempts).filter(|_| app.call::<_, Made>("clone", (one,)).is_err()).count();
    assert!(refused > 0 && refused < attempts);
    assert_eq!(app.call::<_, Made>("random", (32_u64,)), Err(Error::QuotaExceeded));
}

#[test]
fn bytes_are_counted() {
    let mut app = App::new(SecretCtxBuilder::new().max_bytes(100).build());
    let one = app.call::<_, Made>("random", (60_u64,)).unwrap();
    assert_eq!(app.call::<_, Made>("random", (41_u64,)), Err(Error::QuotaExceeded));
    let two = app.call::<_, Made>("random", (40_u64,)).unwrap();

    // A clone is no more bytes, a shorter content is fewer.
    app.call::<_, Made>("clone", (one,)).unwrap();
    let replaced: Result<(), Error> = app.call("replace", (two, &[1_u8; 41][..]));
    assert_eq!(replaced, Err(Error::QuotaExceeded));
    let _: CloseOutcome = app.call("close", (one,));
    app.call::<_, Result<(), Error>>("replace", (two, &[1_u8; 60][..])).unwrap();
    assert_eq!(app.call::<_, Made>("random", (41_u64,)), Err(Error::QuotaExceeded));
    app.release(two);
    app.call::<_, Made>("random", (100_u64,)).unwrap();
}
