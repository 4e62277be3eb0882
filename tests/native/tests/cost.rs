//! What secrets are said to take of what their process may have is what they take, as the system
//! counts it.
#![cfg(target_os = "linux")]

use strongroom::{Builder, Protection, Secret, limits, trim, usage};
use strongroom_tests::linux::lacking::not_shown;
use strongroom_tests::linux::{builders, child, material, memory};

/// Secrets that are made at a time.
const CROWD: usize = 300;

/// What a slab may have more than its slots take so far.
const SLAB: usize = 64 * 1024;

fn crowd(builder: Builder, len: usize) -> Vec<Secret> {
    let build = |number| builder.build(&mut material(number as u64, len));
    (0..CROWD).map(|number| build(number).expect("there is memory")).collect()
}

/// What the system counts for this process: locked bytes, and mappings.
fn counted() -> (usize, usize) {
    (memory::locked_bytes(), memory::mappings().len())
}

#[test]
fn a_secret_costs_what_is_said() {
    for (level, kind, builder) in builders() {
        for len in [1, 100, 4096, 4097] {
            child::run(&format!("{kind}, {len} bytes"), || {
                // What is made once for all secrets: the vault's key, the threads, the heap.
                drop(crowd(builder, len));
                trim();
                let before = counted();
                let secrets = crowd(builder, len);
                let after = counted();
                let (locked, mappings) = (after.0 - before.0, after.1.saturating_sub(before.1));
                let cost = builder.cost(len);
                assert_eq!(secrets[0].cost(len), cost);
                let told = (cost.locked_bytes * CROWD, cost.mappings * CROWD);
                if cost.mappings > 0 {
                    assert_eq!(locked, told.0, "pages of its own");
                    assert!(mappings <= told.1 && mappings >= told.1 / 2, "{mappings} of {told:?}");
                } else {
                    assert!(locked <= told.0 + SLAB, "{locked} of {told:?}");
                    // Larger slabs have less room to spare.
                    assert!(locked + SLAB >= told.0 * 3 / 4, "{locked} of {told:?}");
                    assert!(mappings <= 3 * (locked / 4096 + 1), "{mappings}");
                }
                match level {
                    Protection::Encrypted => assert_eq!(told, (0, 0)),
                    Protection::Guarded { .. } => assert!(cost.mappings > 0),
                    _ => assert_eq!(cost.mappings > 0, len > 4096),
                }

                // Opened, each takes the scratch that is told, and nothing else does.
                let open: Vec<_> =
                    secrets.iter().map(|secret| secret.expose().expect("it is open")).collect();
                let reading = memory::locked_bytes() - after.0;
                if level == Protection::Encrypted {
                    let told = cost.scratch_bytes * CROWD;
                    assert!(
                        reading <= told + SLAB && reading + SLAB >= told * 3 / 4,
                        "{reading} of {told}"
                    );
                } else {
                    assert_eq!(reading, 0);
                }
                drop(open);
            })
            .finishes();
        }
    }
}

#[test]
fn what_is_used_is_what_the_system_counts() {
    for (_, kind, builder) in builders() {
        child::run(&kind, || {
            let before = memory::mappings().len();
            assert_eq!((usage().locked_bytes, usage().mappings), (0, 0));
            for len in [32, 20_000] {
                let secrets = crowd(builder, len);
                assert_eq!(usage().locked_bytes, memory::locked_bytes());
                let mappings = memory::mappings().len() - before;
                assert!(usage().mappings + 16 >= mappings, "{:?}, {mappings}", usage());
                drop(secrets);
            }
            trim();
            assert_eq!(usage().locked_bytes, memory::locked_bytes());
            // The keys of vaults stay.
            assert!(usage().locked_bytes <= SLAB, "{:?}", usage());
        })
        .finishes();
    }
}

#[test]
fn limits_are_the_system_s() {
    let told = procfs::sys::vm::max_map_count().expect("/proc is there");
    assert_eq!(limits().mappings.map(|limit| limit as u64), Some(told));
    assert_eq!(limits().locked_bytes, strongroom::capabilities().lock_limit);
}

#[test]
fn what_nobody_has_costs_more_than_anybody_has() {
    for (_, _, builder) in builders() {
        assert_eq!(builder.cost(usize::MAX).scratch_bytes, usize::MAX);
    }
}

/// What README says of pages of 4 KiB.
#[test]
fn the_table_is_right() {
    if strongroom::capabilities().page_size != 4096 {
        let why = "pages are larger here, and so is what secrets take";
        return not_shown("README's table of costs", why, "it is of pages of 4 KiB");
    }
    let cost = |level, len| {
        let cost = Secret::builder().protection(level).cost(len);
        (cost.locked_bytes, cost.mappings, cost.scratch_bytes)
    };
    let guarded = Protection::Guarded { reprotect: strongroom::Reprotect::Eager };
    assert_eq!(cost(Protection::Locked, 32), (49, 0, 64));
    assert_eq!(cost(Protection::Locked, 4096), (5120, 0, 5120));
    assert_eq!(cost(Protection::Locked, 4097), (8192, 3, 8192));
    assert_eq!(cost(guarded, 1), (4096, 3, 64));
    assert_eq!(cost(guarded, 4096), (8192, 3, 5120));
    assert_eq!(cost(Protection::Encrypted, 4097), (0, 0, 8192));
}
