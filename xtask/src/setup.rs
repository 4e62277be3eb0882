//! What a fresh machine lacks, and how it gets it.
//!
//! Each function does nothing where nothing is missing. Where something is and cannot be had, its
//! error is one line: what is missing, and the remedy.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use anyhow::{Context, Result, bail, ensure};

use crate::process::{cargo, command, on_path, printed, root, run_quietly, target_dir};

/// The crates of `Cargo.lock`, fetched first so that no network is told apart from a failed build.
pub fn crates() -> Result<()> {
    let targets = ["--target=host-tuple", "--target=wasm32-unknown-unknown"];
    run_quietly(cargo(["fetch", "--locked"]).args(targets)).context(
        "the crates of Cargo.lock cannot be fetched; check the network (and HTTPS_PROXY), \
         then run the command again",
    )
}

/// The target that browsers, Node and components share.
pub fn wasm_target() -> Result<()> {
    rust_target("wasm32-unknown-unknown")
}

/// Systems and processors that are type-checked from here; README.md names them.
pub const FOREIGN_TARGETS: [&str; 15] = [
    "aarch64-apple-darwin",
    "aarch64-apple-ios",
    "aarch64-linux-android",
    "aarch64-unknown-linux-gnu",
    "aarch64-unknown-linux-musl",
    "armv7-linux-androideabi",
    "armv7-unknown-linux-gnueabihf",
    "i686-unknown-linux-gnu",
    "i686-unknown-linux-musl",
    "powerpc64le-unknown-linux-gnu",
    "riscv64gc-unknown-linux-gnu",
    "s390x-unknown-linux-gnu",
    "x86_64-pc-windows-gnu",
    "x86_64-unknown-freebsd",
    "x86_64-unknown-linux-musl",
];

/// The targets that are type-checked from here.
pub fn foreign_targets() -> Result<()> {
    FOREIGN_TARGETS.into_iter().try_for_each(rust_target)
}

/// A processor whose programs are run here.
pub struct Foreign {
    /// What Rust calls the target.
    pub target: &'static str,
    /// What GNU's tools and folders for it begin with.
    pub gnu: &'static str,
    /// The program that runs its programs, with the name of the processor behind `qemu-`; x86 needs none.
    pub emulator: Option<&'static str>,
    /// Debian's linker and C library for it.
    packages: [&'static str; 2],
}

/// The other processors on which tests run; README.md names them.
pub const EMULATED: [Foreign; 5] = [
    Foreign {
        target: "aarch64-unknown-linux-gnu",
        gnu: "aarch64-linux-gnu",
        emulator: Some("qemu-aarch64"),
        packages: ["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
    },
    Foreign {
        target: "armv7-unknown-linux-gnueabihf",
        gnu: "arm-linux-gnueabihf",
        emulator: Some("qemu-arm"),
        packages: ["gcc-arm-linux-gnueabihf", "libc6-dev-armhf-cross"],
    },
    Foreign {
        target: "i686-unknown-linux-gnu",
        gnu: "i686-linux-gnu",
        emulator: None,
        packages: ["gcc-i686-linux-gnu", "libc6-dev-i386-cross"],
    },
    Foreign {
        target: "riscv64gc-unknown-linux-gnu",
        gnu: "riscv64-linux-gnu",
        emulator: Some("qemu-riscv64"),
        packages: ["gcc-riscv64-linux-gnu", "libc6-dev-riscv64-cross"],
    },
    Foreign {
        target: "s390x-unknown-linux-gnu",
        gnu: "s390x-linux-gnu",
        emulator: Some("qemu-s390x"),
        packages: ["gcc-s390x-linux-gnu", "libc6-dev-s390x-cross"],
    },
];

/// Those targets, with their linkers and emulators.
pub fn emulated_targets() -> Result<()> {
    EMULATED.iter().try_for_each(|foreign| rust_target(foreign.target))?;
    let linkers = EMULATED.iter().flat_map(|foreign| foreign.packages);
    debian_packages(&linkers.chain(["qemu-user"]).collect::<Vec<_>>())
}

/// A target without an operating system, on which only `no_std` crates compile.
pub fn bare_target() -> Result<()> {
    rust_target("x86_64-unknown-none")
}

/// A program of the oldest Rust that will do, `rust-version` of `Cargo.toml`.
///
/// # Errors
///
/// If it isn't there and can't be had.
pub fn oldest_rust(program: &str) -> Result<Command> {
    const VERSION: &str = concat!(env!("CARGO_PKG_RUST_VERSION"), ".0");
    let is_oldest = |rustc: &mut Command| {
        printed(rustc).is_some_and(|it| it.split(' ').nth(1) == Some(VERSION))
    };
    if is_oldest(&mut command("rustc", ["--version"])) {
        return Ok(command(program, [] as [&str; 0]));
    }
    if !is_oldest(&mut command("rustup", ["run", VERSION, "rustc", "--version"])) {
        rustup(&["toolchain", "install", VERSION, "--profile=minimal"])
            .with_context(|| format!("Rust {VERSION}, the oldest that will do, is missing"))?;
    }
    Ok(command("rustup", ["run", VERSION, program]))
}

/// The same, as what a step needs.
pub fn the_oldest_rust() -> Result<()> {
    oldest_rust("cargo").map(|_| ())
}

/// The program that checks dependencies: one that is on the path, or else compiled here.
pub fn cargo_deny() -> Result<PathBuf> {
    cargo_tool("cargo-deny", "0.20.2", &["--no-default-features"])
}

/// The program that runs libFuzzer.
pub fn cargo_fuzz() -> Result<PathBuf> {
    cargo_tool("cargo-fuzz", "0.13.2", &[])
}

/// The program that changes code to see whether tests notice.
pub fn cargo_mutants() -> Result<PathBuf> {
    cargo_tool("cargo-mutants", "27.1.0", &[])
}

/// A program of crates.io's; in this version where none is on the path.
fn cargo_tool(name: &str, version: &str, features: &[&str]) -> Result<PathBuf> {
    if let Some(program) = on_path(name) {
        return Ok(program);
    }
    let tools = target_dir().join("tools");
    let program = tools.join("bin").join(name);
    // As cargo calls it: there are tools that don't answer otherwise.
    let subcommand = name.trim_start_matches("cargo-");
    let installed = printed(&mut command(&program, [subcommand, "--version"]));
    if installed.is_none_or(|installed| !installed.ends_with(version)) {
        let mut install = cargo(["install", "--locked", "--force", "--version", version, name]);
        install.args(features).arg("--root").arg(&tools);
        run_quietly(&mut install).with_context(|| {
            format!(
                "{name} is missing; check the network, then run: \
                 cargo install --locked --version {version} {name}"
            )
        })?;
    }
    Ok(program)
}

fn rust_target(target: &str) -> Result<()> {
    let libraries = format!("lib/rustlib/{target}/lib");
    if in_sysroot(&mut command("rustc", ["--print=sysroot"]), &libraries) {
        return Ok(());
    }
    rustup(&["target", "add", target])
        .with_context(|| format!("the Rust target {target} is missing"))
}

/// Nightly Rust with Miri and the standard library's sources.
pub fn nightly() -> Result<()> {
    let nightly = |args: &[&str]| command("rustup", [&["run", "nightly"], args].concat());
    let sources = "lib/rustlib/src/rust/library";
    if printed(&mut nightly(&["cargo", "miri", "--version"])).is_some()
        && in_sysroot(&mut nightly(&["rustc", "--print=sysroot"]), sources)
    {
        return Ok(());
    }
    let (act, components) = match printed(&mut nightly(&["rustc", "--version"])) {
        Some(_) => (["component", "add", "--toolchain=nightly"], ["miri", "rust-src"]),
        None => (
            ["toolchain", "install", "nightly"],
            ["--profile=minimal", "--component=miri,rust-src"],
        ),
    };
    rustup(&[&act[..], &components[..]].concat())
        .context("nightly Rust is missing (`--without-miri` leaves its step out)")
}

fn in_sysroot(print_sysroot: &mut Command, path: &str) -> bool {
    printed(print_sysroot).is_some_and(|sysroot| Path::new(&sysroot).join(path).exists())
}

fn rustup(args: &[&str]) -> Result<()> {
    let typed = args.join(" ");
    ensure!(
        on_path("rustup").is_some(),
        "there is no rustup to add it; install rustup from https://rustup.rs, \
         then run: rustup {typed}"
    );
    run_quietly(&mut command("rustup", args)).with_context(|| {
        format!("rustup cannot add it; check the network, then run: rustup {typed}")
    })
}

/// The oldest major version of Node that the package and its tests are written for.
const OLDEST_NODE: u32 = 20;

/// Node, which is the user's to install.
pub fn node() -> Result<()> {
    let version = printed(&mut command("node", ["--version"]));
    let Some(version) = version.filter(|_| on_path("npm").is_some()) else {
        bail!("node or npm is not on the PATH; {NODE_REMEDY}");
    };
    let major = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok());
    ensure!(
        major.is_some_and(|major: u32| major >= OLDEST_NODE),
        "node is {version}, and {OLDEST_NODE} is the oldest that will do; {NODE_REMEDY}"
    );
    Ok(())
}

const NODE_REMEDY: &str = "install Node from https://nodejs.org, or: apt-get install nodejs npm";

/// The npm packages of the lock file.
pub fn npm_packages() -> Result<()> {
    npm_ci("wasm/npm").context("the npm packages cannot be installed")
}

/// The tool that makes components of JavaScript.
pub fn componentize_js() -> Result<()> {
    npm_ci(LANGUAGES).with_context(|| format!("componentize-js is missing ({WITHOUT_LANGUAGES})"))
}

/// Applications in other languages, with the versions of their tools.
const LANGUAGES: &str = "host/example/languages";

const WITHOUT_LANGUAGES: &str = "`--without-languages` leaves its step out";

/// Installs what the lock file of a folder says.
fn npm_ci(folder: &str) -> Result<()> {
    node()?;
    let package = root().join(folder);
    let modified = |file: &str| fs::metadata(package.join(file)).and_then(|file| file.modified());
    // npm leaves this copy of the lock file behind when it has installed everything.
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_ok_and(|installed| modified("package-lock.json").is_ok_and(|l| l < installed)) {
        return Ok(());
    }
    let mut npm = command("npm", ["ci", "--no-audit", "--no-fund"]);
    run_quietly(npm.current_dir(&package)).with_context(|| {
        format!(
            "npm cannot install it; check the network (and HTTPS_PROXY), \
             then run: npm ci --prefix {folder}"
        )
    })
}

/// The virtual environment for tools of Python's.
#[must_use]
pub fn python() -> PathBuf {
    target_dir().join("python")
}

/// The tool that makes components of Python.
pub fn componentize_py() -> Result<()> {
    let missing = || format!("componentize-py is missing ({WITHOUT_LANGUAGES})");
    let requirements = format!("{LANGUAGES}/requirements.txt");
    let wanted = fs::read_to_string(root().join(&requirements))?;
    // pip writes `name==version` as the requirements do.
    let pip = |args: &[&str]| command(python().join("bin/pip"), args);
    if printed(&mut pip(&["freeze"])).is_some_and(|installed| {
        wanted.lines().all(|line| installed.lines().any(|installed| installed == line))
    }) {
        return Ok(());
    }
    if on_path("python3").is_none() || !has_venv() {
        debian_packages(&["python3", "python3-venv"]).with_context(missing)?;
    }
    let place = python();
    let mut venv = command("python3", ["-m", "venv"]);
    run_quietly(venv.arg(&place))
        .and_then(|()| {
            run_quietly(&mut pip(&["install", "--quiet", "--requirement", &requirements]))
        })
        .with_context(|| {
            let pip = place.join("bin/pip");
            format!(
                "pip cannot install it; check the network (and HTTPS_PROXY), \
                 then run: {} install --requirement {requirements}",
                pip.display()
            )
        })
        .with_context(missing)
}

/// Whether Python can make virtual environments with pip in them, which is a package of its own on Debian.
fn has_venv() -> bool {
    printed(&mut command("python3", ["-c", "import ensurepip, venv"])).is_some()
}

/// What `cargo xtask pack` leaves in `target/pack/`, made once per task.
pub fn packages() -> Result<()> {
    static MADE: OnceLock<()> = OnceLock::new();
    if MADE.get().is_none() {
        pack([])?;
        MADE.get_or_init(|| ());
    }
    Ok(())
}

/// Runs the program that makes them, with these arguments.
pub fn pack<'a>(args: impl IntoIterator<Item = &'a str>) -> Result<()> {
    crates()?;
    wasm_target()?;
    let mut pack = cargo("run --package=xtask --features=pack --bin=pack --".split(' '));
    run_quietly(pack.args(args))
}

/// The module that the picture compares with, in `target/picture/`, made once per task.
pub fn naive() -> Result<()> {
    static MADE: OnceLock<()> = OnceLock::new();
    if MADE.get().is_none() {
        crates()?;
        wasm_target()?;
        run_quietly(&mut cargo("run --package=xtask --features=naive --bin=naive".split(' ')))?;
        MADE.get_or_init(|| ());
    }
    Ok(())
}

/// Debian's Chromium and its driver.
pub fn chromium() -> Result<()> {
    if on_path("chromium").is_some() && on_path("chromedriver").is_some() {
        return Ok(());
    }
    debian_packages(&["chromium", "chromium-driver"])
}

/// Debian's Firefox.
pub fn firefox() -> Result<()> {
    if on_path("firefox-esr").is_some() || on_path("firefox").is_some() {
        return Ok(());
    }
    debian_packages(&["firefox-esr"])
}

/// What the peers in `benches/` link to.
pub fn bench_libraries() -> Result<()> {
    debian_packages(&["libsodium-dev", "pkg-config"])
}

/// What counts instructions.
pub fn valgrind() -> Result<()> {
    if on_path("valgrind").is_some() {
        return Ok(());
    }
    debian_packages(&["valgrind"])
}

fn debian_packages(packages: &[&str]) -> Result<()> {
    let installed = |package: &&&str| {
        printed(&mut command("dpkg-query", ["--show", "--showformat=${db:Status-Status}", package]))
            .is_some_and(|status| status == "installed")
    };
    let missing: Vec<&str> = packages.iter().filter(|p| !installed(p)).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    ensure!(
        on_path("apt-get").is_some(),
        "not installed: {names}; there is no apt-get here, so install what this system calls them"
    );
    let root = printed(&mut command("id", ["--user"])).is_some_and(|id| id == "0");
    ensure!(
        root,
        "not installed: {names}; only root may install, so run: sudo apt-get install {names}"
    );

    let apt_get = |args: &[&str]| {
        let mut apt_get = command("apt-get", args);
        run_quietly(apt_get.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let install = ["install", "--yes", "--no-install-recommends"];
    apt_get(&["update"]).and_then(|()| apt_get(&[&install[..], &missing].concat())).with_context(
        || format!("not installed: {names}; check the network, then run: apt-get install {names}"),
    )
}
