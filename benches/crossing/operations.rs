//! The operations of a secret on servers: native, and those of the component in wasmtime. The same as
//! `wasm/npm/bench/` does in Node and in a browser, with the same bytes, for the same table.

use std::hint::black_box;

use anyhow::Result;
use strongroom::{Aead, Argon2Cost, Secret, verify_ed25519};
use strongroom_crossing::operations::{Algorithm, Cost, Operations, Repeated};
use strongroom_crossing::timed;
use strongroom_measure::batches::{several, undisturbed};
use strongroom_measure::{Cell, LEN, print_all};

const KEY: &[u8; LEN] = &{
    let mut key = [0; LEN];
    let mut place = 0;
    while place < LEN {
        key[place] = place as u8;
        place += 1;
    }
    key
};
const MESSAGE: &[u8] = &[0x5a; 1024];
const SALT: &[u8] = KEY.split_at(16).0;
const INFO: &[u8] = b"info";

/// A column of the table, and what makes it: native, and in the component.
struct Operation {
    name: &'static str,
    native: fn() -> Result<Repeated>,
    component: fn() -> Result<Repeated>,
}

fn key() -> Result<Secret> {
    Ok(Secret::new(&mut KEY.clone())?)
}

/// Does it so many times; what it gives is used, or it might not be done.
fn repeated<R>(mut operation: impl FnMut() -> R + 'static) -> Result<Repeated> {
    Ok(Box::new(move |n| {
        for _ in 0..n {
            drop(black_box(operation()));
        }
    }))
}

fn seal(aead: Aead) -> Result<Repeated> {
    let key = key()?;
    repeated(move || key.seal_aead(aead, MESSAGE, &[]).expect("the secret is open"))
}

const OPERATIONS: &[Operation] = &[
    Operation {
        name: "create + close",
        native: || repeated(|| key().expect("there is memory")),
        component: || component()?.create_drop(KEY),
    },
    Operation {
        name: "hmac-sha256, 1 KiB",
        native: || {
            let key = key()?;
            repeated(move || key.hmac_sha256(MESSAGE).expect("the secret is open"))
        },
        component: || component()?.mac("hmac-sha256", MESSAGE),
    },
    Operation {
        name: "hmac-sha512, 1 KiB",
        native: || {
            let key = key()?;
            repeated(move || key.hmac_sha512(MESSAGE).expect("the secret is open"))
        },
        component: || component()?.mac("hmac-sha512", MESSAGE),
    },
    Operation {
        name: "aes256-gcm seal, 1 KiB",
        native: || seal(Aead::Aes256Gcm),
        component: || component()?.seal(Algorithm::Aes256Gcm, MESSAGE),
    },
    Operation {
        name: "aes256-gcm open, 1 KiB",
        native: || {
            let key = key()?;
            let sealed = key.seal_aead(Aead::Aes256Gcm, MESSAGE, &[])?;
            repeated(move || key.open_aead(Aead::Aes256Gcm, &sealed, &[]).expect("it is authentic"))
        },
        component: || component()?.open(Algorithm::Aes256Gcm, MESSAGE),
    },
    Operation {
        name: "chacha20-poly1305 seal, 1 KiB",
        native: || seal(Aead::ChaCha20Poly1305),
        component: || component()?.seal(Algorithm::ChaCha20Poly1305, MESSAGE),
    },
    Operation {
        name: "xchacha20-poly1305 seal, 1 KiB",
        native: || seal(Aead::XChaCha20Poly1305),
        component: || component()?.seal(Algorithm::XChaCha20Poly1305, MESSAGE),
    },
    Operation {
        name: "ed25519 sign, 1 KiB",
        native: || {
            let key = key()?;
            repeated(move || key.sign_ed25519(MESSAGE).expect("the secret is open"))
        },
        component: || component()?.sign(MESSAGE),
    },
    Operation {
        name: "ed25519 verify, 1 KiB",
        native: || {
            let key = key()?;
            let (public, signature) = (key.ed25519_public_key()?, key.sign_ed25519(MESSAGE)?);
            repeated(move || assert_eq!(verify_ed25519(&public, MESSAGE, &signature), Ok(true)))
        },
        component: || component()?.verify(MESSAGE),
    },
    Operation {
        name: "hkdf-sha256, 32 bytes",
        native: || {
            let key = key()?;
            repeated(move || key.hkdf_sha256(SALT, INFO, LEN).expect("there is memory"))
        },
        component: || component()?.hkdf(SALT, INFO),
    },
    Operation {
        name: "argon2id, 1 MiB, 1 pass",
        native: || {
            let key = key()?;
            let cost = Argon2Cost { memory_kib: 1024, passes: 1, lanes: 1 };
            repeated(move || key.argon2id(SALT, cost, LEN).expect("there is memory"))
        },
        component: || component()?.argon2id(SALT, Cost { memory_kib: 1024, passes: 1, lanes: 1 }),
    },
];

fn component() -> Result<Operations> {
    Operations::new(KEY)
}

fn main() -> Result<()> {
    let rows: [(_, fn(&Operation) -> fn() -> Result<Repeated>); 2] = [
        ("strongroom, native", |operation| operation.native),
        ("strongroom, component in wasmtime", |operation| operation.component),
    ];
    let cells = rows.into_iter().flat_map(|(row, way)| {
        OPERATIONS.iter().map(move |operation| {
            let make = way(operation);
            Cell {
                table: "operations".to_owned(),
                row: row.to_owned(),
                column: operation.name.to_owned(),
                measure: Box::new(move || Ok(undisturbed(several(timed(make()?))))),
            }
        })
    });
    print_all(&cells.collect::<Vec<_>>())
}
