//! Two components, put together: one makes a key, and hands the other a handle that may do less.

use crate::{encode, plugged};

/// What the one asks of the other.
const CHECKER: &str = "package test:checker;
    interface checker {
        use strongroom:secret/types@0.1.0.{secret, error};
        /// Attempts to make a tag of nothing.
        tag: func(key: secret) -> result<list<u8>, error>;
        /// Whether this is a tag of nothing.
        verify: func(key: secret, tag: list<u8>) -> result<bool, error>;
        /// Attempts to have more uses, and then to make a tag.
        widened: func(key: secret) -> result<list<u8>, error>;
    }";

/// The component that is handed a key.
const CHECKS: (&str, &str) = (
    r#"(module
        (import "strongroom:secret/mac@0.1.0" "hmac-sha256"
            (func $hmac (param i32 i32 i32 i32)))
        (import "strongroom:secret/mac@0.1.0" "verify-hmac-sha256"
            (func $verify (param i32 i32 i32 i32 i32 i32)))
        (import "strongroom:secret/types@0.1.0" "[method]secret.restrict"
            (func $restrict (param i32 i32 i32)))
        (import "strongroom:secret/types@0.1.0" "[resource-drop]secret" (func $drop (param i32)))
        (memory (export "memory") 1)
        (func $tag (export "test:checker/checker#tag") (param $key i32) (result i32)
            (call $hmac (local.get $key) (i32.const 0) (i32.const 0) (i32.const 16))
            (call $drop (local.get $key))
            i32.const 16)
        (func (export "test:checker/checker#verify")
            (param $key i32) (param $tag i32) (param $len i32) (result i32)
            (call $verify (local.get $key) (i32.const 0) (i32.const 0)
                (local.get $tag) (local.get $len) (i32.const 16))
            (call $drop (local.get $key))
            i32.const 16)
        (func (export "test:checker/checker#widened") (param $key i32) (result i32)
            ;; To all there are; what comes of it has its place behind the case.
            (call $restrict (local.get $key) (i32.const 0x3FF) (i32.const 64))
            (call $drop (local.get $key))
            (call $tag (i32.load (i32.const 72))))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))"#,
    "package test:checks;
    world checks {
        import strongroom:secret/mac@0.1.0;
        export test:checker/checker;
    }",
);

/// The component that hands one over. Its functions take the uses that are left, as bits.
const GIVES: (&str, &str) = (
    r#"(module
        (import "strongroom:secret/create@0.1.0" "random" (func $random (param i64 i32)))
        (import "strongroom:secret/mac@0.1.0" "hmac-sha256"
            (func $hmac (param i32 i32 i32 i32)))
        (import "strongroom:secret/types@0.1.0" "[method]secret.restrict"
            (func $restrict (param i32 i32 i32)))
        (import "test:checker/checker" "tag" (func $tag (param i32 i32)))
        (import "test:checker/checker" "verify" (func $verify (param i32 i32 i32 i32)))
        (import "test:checker/checker" "widened" (func $widened (param i32 i32)))
        (memory (export "memory") 1)
        (global $key (mut i32) (i32.const 0))
        ;; A handle on a new key that may be used so; results have their place behind the case.
        (func $given (param $uses i32) (result i32)
            (call $random (i64.const 32) (i32.const 16))
            (global.set $key (i32.load (i32.const 24)))
            (call $restrict (global.get $key) (local.get $uses) (i32.const 64))
            (i32.load (i32.const 72)))
        (func (export "tag") (param $uses i32) (result i32)
            (call $tag (call $given (local.get $uses)) (i32.const 128))
            i32.const 128)
        (func (export "widened") (param $uses i32) (result i32)
            (call $widened (call $given (local.get $uses)) (i32.const 128))
            i32.const 128)
        (func (export "verify") (param $uses i32) (result i32) (local $given i32)
            (local.set $given (call $given (local.get $uses)))
            (call $hmac (global.get $key) (i32.const 0) (i32.const 0) (i32.const 192))
            (call $verify (local.get $given)
                (i32.load (i32.const 200)) (i32.load (i32.const 204)) (i32.const 128))
            i32.const 128)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))"#,
    "package test:gives;
    world gives {
        use strongroom:secret/types@0.1.0.{error};
        import strongroom:secret/create@0.1.0;
        import strongroom:secret/mac@0.1.0;
        import test:checker/checker;
        export tag: func(uses: u32) -> result<list<u8>, error>;
        export widened: func(uses: u32) -> result<list<u8>, error>;
        export verify: func(uses: u32) -> result<bool, error>;
    }",
);

/// Both, in one component that imports `strongroom:secret`.
///
/// `tag`, `widened` and `verify` have the one make a key and hand the other a handle with these uses, as bits
/// in their order in `wit/types.wit`, which attempts to make a tag, to do so after having asked for all uses, and
/// to verify one of the first's.
///
/// # Panics
///
/// If they don't fit together.
#[must_use]
pub fn handing_over() -> Vec<u8> {
    let gives = encode(GIVES.0, &[CHECKER, GIVES.1]);
    plugged(&gives, &encode(CHECKS.0, &[CHECKER, CHECKS.1]))
        .expect("the one has what the other asks")
}
