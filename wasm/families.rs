//! The families of operations, for whoever needs all of them: the build of this crate, `cargo xtask pack`
//! and its help.

/// Features of this crate, and interfaces of `strongroom:secret` by the same names. What a binary has
/// whatever is chosen are `types` and `create`.
pub const FAMILIES: [&str; 6] = ["mac", "aead", "kdf", "sign", "wrap", "reveal"];
