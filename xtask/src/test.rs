//! `cargo xtask test`: every test there is, as a table of steps.

use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};
use xtask::{
    process::{cargo, command, on_path, target_dir},
    setup,
};

use crate::packaging;
use crate::step::{Step, run_all};

/// What may be left out.
#[derive(clap::Args)]
pub struct Args {
    /// Leave out the steps that need Chromium or Firefox
    #[arg(long)]
    without_browser: bool,
    /// Leave out the step that needs the tools of JavaScript and Python for components
    #[arg(long)]
    without_languages: bool,
    /// Leave out the step that needs nightly Rust with Miri
    #[arg(long)]
    without_miri: bool,
    /// Run these steps alone
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<String>,
}

/// Runs the tests.
pub fn run(args: &Args) -> Result<ExitCode> {
    run_chosen(Vec::new(), args)
}

/// Runs the `checks` and then the tests, as far as `args` leave them in.
pub fn run_chosen(checks: Vec<Step>, args: &Args) -> Result<ExitCode> {
    let mut steps = checks;
    steps.extend(everywhere());
    if !args.without_languages {
        steps.push(composed_languages());
    }
    if !args.without_miri {
        steps.push(miri());
    }
    if !args.without_browser {
        steps.extend(in_browsers());
    }
    if !args.only.is_empty() {
        let names: Vec<_> = steps.iter().map(|step| step.name).collect();
        for only in &args.only {
            let known = names.contains(&only.as_str());
            ensure!(known, "there is no step {only}; the steps are: {}", names.join(", "));
        }
        steps.retain(|step| args.only.iter().any(|only| only == step.name));
    }
    Ok(run_all(&steps))
}

fn everywhere() -> [Step; 9] {
    [
        Step {
            name: "native",
            needs: &[setup::crates, setup::packages],
            command: || cargo("test --workspace --exclude=strongroom-benches".split(' ')),
        },
        Step { name: "optimised", needs: &[setup::crates], command: optimised },
        Step {
            name: "instructions",
            needs: &[setup::packages, setup::valgrind],
            command: instructions,
        },
        Step { name: "loom", needs: &[setup::crates], command: loom },
        Step {
            name: "foreign-targets",
            needs: &[setup::foreign_targets],
            command: || {
                let mut check =
                    cargo("check --all-features -p=strongroom-core -p=strongroom".split(' '));
                check.args(setup::FOREIGN_TARGETS.map(|target| format!("--target={target}")));
                check
            },
        },
        Step { name: "emulated", needs: &[setup::emulated_targets], command: emulated },
        Step {
            name: "no-std",
            needs: &[setup::bare_target],
            command: || cargo("check --target=x86_64-unknown-none -p=strongroom-core".split(' ')),
        },
        Step { name: "wasm-node", needs: &[setup::wasm_target, setup::node], command: wasm },
        Step {
            name: "npm-node",
            needs: &[setup::npm_packages, setup::packages],
            command: || {
                node_test(&[
                    "node",
                    "hostile-node",
                    "worker-node",
                    "webcrypto-node",
                    "package",
                    "loading",
                    "families",
                    "random-calls",
                    "types",
                    "examples",
                    "readme",
                    "packaging",
                ])
            },
        },
    ]
}

fn in_browsers() -> [Step; 5] {
    [
        Step {
            name: "wasm-chromium",
            needs: &[setup::wasm_target, setup::chromium],
            command: || {
                let mut wasm = wasm();
                wasm.env("WASM_BINDGEN_USE_BROWSER", "1");
                wasm.envs(on_path("chromedriver").map(|driver| ("CHROMEDRIVER", driver)));
                wasm
            },
        },
        Step {
            name: "npm-chromium",
            needs: &[setup::npm_packages, setup::chromium, setup::packages],
            command: || node_test(&["chromium"]),
        },
        Step {
            name: "npm-firefox",
            needs: &[setup::npm_packages, setup::firefox, setup::packages],
            command: || node_test(&["firefox"]),
        },
        Step {
            name: "npm-packaging",
            needs: packaging::NEEDS,
            command: || packaging::command(["--tested"]),
        },
        Step {
            name: "picture",
            needs: &[
                setup::npm_packages,
                setup::chromium,
                setup::firefox,
                setup::packages,
                setup::naive,
            ],
            command: || node_test(&["picture"]),
        },
    ]
}

/// Applications in JavaScript and Python, in the example host and composed.
fn composed_languages() -> Step {
    Step {
        name: "composed-languages",
        needs: &[setup::componentize_js, setup::componentize_py, setup::packages],
        command: || {
            let what = "--features=example-host/languages --test=languages";
            // Unoptimised, it takes minutes to compile components of 12 and 18 MB.
            let mut test =
                cargo("test --release --workspace --exclude=strongroom-benches".split(' '));
            test.args(what.split(' '));
            test.env("STRONGROOM_COMPONENTIZE_PY", setup::python().join("bin/componentize-py"));
            test
        },
    }
}

fn miri() -> Step {
    Step {
        name: "miri",
        needs: &[setup::nightly],
        command: || {
            let miri = "run nightly cargo miri test -p=strongroom-proofs --test=stress";
            command("rustup", miri.split(' '))
        },
    }
}

/// What secrets leave behind, how much stack they need, and what is executed, where code is optimised: it
/// keeps other things in other places.
fn optimised() -> Command {
    let packages = "-p=strongroom-native-tests -p=strongroom-operations-tests";
    let tests = "--test=residue --test=stack --test=instructions --test=constant_time";
    cargo(["test", "--release"].into_iter().chain(packages.split(' ')).chain(tests.split(' ')))
}

/// How many instructions the most travelled ways take, in the build that benchmarks measure.
pub fn instructions() -> Command {
    let what = "test --profile=bench -p=strongroom-instructions --features=optimised,component --test=recorded";
    cargo(what.split(' '))
}

/// The core's models, with loom's atomics in the place of the machine's.
fn loom() -> Command {
    let mut loom = cargo("test --release -p=strongroom-proofs --test=loom".split(' '));
    loom.env("RUSTFLAGS", "--cfg strongroom_loom");
    // Other flags than every other build's, so another folder, or each would undo the other.
    loom.env("CARGO_TARGET_DIR", target_dir().join("loom"));
    loom
}

/// What depends on the size of words and the order of their bytes, on other processors. Left out are tests
/// that look into the kernel's books or take its advice, neither of which QEMU's user mode has, and
/// `encrypted`, whose million secrets take too long there.
fn emulated() -> Command {
    let mut emulated = cargo(["test"]);
    emulated.args(["-p=strongroom-proofs", "--test=conformance"]);
    emulated.args(["-p=strongroom-native-tests", "--test=handle"]);
    emulated.args(["-p=strongroom-operations-tests", "--test=vectors"]);
    for foreign in &setup::EMULATED {
        let key = foreign.target.to_uppercase().replace('-', "_");
        emulated.arg(format!("--target={}", foreign.target));
        emulated.env(format!("CARGO_TARGET_{key}_LINKER"), format!("{}-gcc", foreign.gnu));
        if let Some(qemu) = foreign.emulator {
            let emulator = format!("{qemu} -L /usr/{}", foreign.gnu);
            emulated.env(format!("CARGO_TARGET_{key}_RUNNER"), &emulator);
            let architecture = qemu.trim_start_matches("qemu-");
            emulated.env(format!("STRONGROOM_TEST_EMULATOR_{architecture}"), emulator);
        } else {
            // The C library of this system is for other programs.
            emulated.env(format!("CARGO_TARGET_{key}_RUSTFLAGS"), "-Ctarget-feature=+crt-static");
        }
    }
    // Unoptimised ciphers take minutes there.
    emulated.envs([("CARGO_PROFILE_DEV_OPT_LEVEL", "1"), ("CARGO_PROFILE_DEV_DEBUG", "0")]);
    // Other profiles than every other build's, so another folder, or each would undo the other.
    emulated.env("CARGO_TARGET_DIR", target_dir().join("emulated"));
    emulated
}

/// The conformance suite on linear memory; the runner is `.cargo/config.toml`'s.
fn wasm() -> Command {
    cargo("test --target=wasm32-unknown-unknown -p=strongroom-proofs --test=wasm".split(' '))
}

/// Tests of the npm package, by the names of their files.
fn node_test(names: &[&str]) -> Command {
    let mut node = command("node", ["--test", "--test-reporter=spec"]);
    node.args(names.iter().map(|name| format!("wasm/npm/test/{name}.test.mjs")));
    node
}
