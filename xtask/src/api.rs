//! Keeps in `docs/api/` what each published crate exports, an item on each line, so that a change of it is
//! seen in review.

use std::{env, fs, path::Path, process::exit};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use public_api::Builder;
use xtask::process::{root, run_quietly, target_dir};
use xtask::setup::oldest_rust;
use xtask::workspace::published;

/// Write the listings of what each crate exports
#[derive(Parser)]
struct Args {
    /// Only say which are no longer right
    #[arg(long)]
    check: bool,
}

/// Set where cargo calls this program as its rustdoc.
const AS_RUSTDOC: &str = "STRONGROOM_API_AS_RUSTDOC";

fn main() -> Result<()> {
    if env::var_os(AS_RUSTDOC).is_some() {
        // What rustdoc writes for programs is unstable: so it is always the same rustdoc that does.
        let mut rustdoc = oldest_rust("rustdoc")?;
        let status = rustdoc.args(env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status()?;
        exit(status.code().unwrap_or(1));
    }
    let Args { check } = Args::parse();
    let names = published()?;
    describe(&names)?;
    let mut stale = Vec::new();
    for name in names {
        let file = root().join(format!("docs/api/{name}.txt"));
        let (kept, exported) = (fs::read_to_string(&file).unwrap_or_default(), exported(&name)?);
        if check && kept != exported {
            stale.push(format!("{}:\n{}", file.display(), difference(&kept, &exported)));
        } else if !check {
            fs::write(&file, exported)
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
    }
    ensure!(
        stale.is_empty(),
        "what is exported has changed; if that is meant, `cargo xtask api` writes it:\n{}",
        stale.join("\n")
    );
    Ok(())
}

/// Lets rustdoc describe these crates, with all of their features, for programs. Only rustdoc is told that it
/// may: what the crates need is compiled as for their documentation.
fn describe(packages: &[String]) -> Result<()> {
    let mut doc = oldest_rust("cargo")?;
    doc.args(["doc", "--no-deps", "--all-features"]);
    doc.args(packages.iter().map(|name| format!("--package={name}")));
    doc.env("RUSTDOC", env::current_exe()?).env(AS_RUSTDOC, "yes");
    doc.env("RUSTDOCFLAGS", "-Zunstable-options --output-format=json");
    run_quietly(&mut doc)
}

/// All that a crate exports.
fn exported(package: &str) -> Result<String> {
    let library = package.replace('-', "_");
    let json = target_dir().join("doc").join(Path::new(&library).with_extension("json"));
    // What every type has by blanket implementations says nothing of it.
    let api = Builder::from_rustdoc_json(json).omit_blanket_impls(true).build()?;
    Ok(api.items().map(|item| format!("{item}\n")).collect())
}

/// The lines that only one of both has.
fn difference(kept: &str, exported: &str) -> String {
    let only = |sign: char, one: &str, other: &str| -> String {
        let only = one.lines().filter(|line| other.lines().all(|it| it != *line));
        only.map(|line| format!("{sign} {line}\n")).collect()
    };
    only('-', kept, exported) + &only('+', exported, kept)
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn what_has_changed_is_told() {
        assert_eq!(difference("a\nb\n", "b\nc\nd\n"), "- a\n+ c\n+ d\n");
        assert_eq!(difference("a\n", "a\n"), "");
    }
}
