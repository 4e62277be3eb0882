//! Shows that the models in `loom.rs` can fail: weakens the core one place at a time, in a copy, and
//! runs the models on each.
//!
//! `cargo run -p strongroom-proofs --bin weaken [NUMBER]..` takes the better part of an hour for all.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs, io};

/// One place: in this file, in the function with the first mention of that, the first of these that
/// follows it becomes the other.
type Weakening = (&'static str, &'static str, &'static str, &'static str);

const ACQ_REL: &str = "Ordering::AcqRel";
const ACQUIRE: &str = "Ordering::Acquire";
const RELEASE: &str = "Ordering::Release";
const RELAXED: &str = "Ordering::Relaxed";
const STATE: &str = "state.rs";

const WEAKENINGS: [Weakening; 32] = [
    (STATE, "fn word(&self)", ACQUIRE, RELAXED),
    (STATE, "fn word_after_reads(", "crate::sync::fence(Ordering::Acquire);", ""),
    (STATE, "fn pin(", ACQUIRE, RELAXED),
    (STATE, "fn leave(", "ONE, Ordering::AcqRel", "ONE, Ordering::Acquire"),
    (STATE, "fn leave(", "ONE, Ordering::AcqRel", "ONE, Ordering::Release"),
    (STATE, "fn retire(", "delta, Ordering::AcqRel", "delta, Ordering::Acquire"),
    (STATE, "fn retire(", "delta, Ordering::AcqRel", "delta, Ordering::Release"),
    (STATE, "fn close(", ACQ_REL, ACQUIRE),
    (STATE, "fn close(", ACQ_REL, RELEASE),
    (STATE, "fn vacancy(", ACQUIRE, RELAXED),
    (STATE, "fn vacate(", RELEASE, RELAXED),
    (STATE, "fn make_busy(", "busy, Ordering::Acquire", "busy, Ordering::Relaxed"),
    (STATE, "fn end(", RELEASE, RELAXED),
    (STATE, "fn is_vacant(", ACQUIRE, RELAXED),
    (STATE, "fn publish(", ACQ_REL, ACQUIRE),
    (STATE, "fn publish(", ACQ_REL, RELEASE),
    (STATE, "fn to_make_unreadable_but_for(", ACQUIRE, RELAXED),
    ("content.rs", "fn set(", "fence(Ordering::Release);", ""),
    ("atomic_bytes.rs", "fn store(", "fence(Ordering::Release);", ""),
    ("atomic_bytes.rs", "fn clear(", "fence(Ordering::Release);", ""),
    // Not orderings, but the decisions that they serve.
    (STATE, "fn to_make_unreadable_but_for(", "egress.live_pins(word) == live", "true"),
    (STATE, "fn begin<E>(", "if word.has(BUSY)", "if false"),
    ("word.rs", "fn parties(", "if self.has(BUSY)", "if false"),
    (
        "shared.rs",
        "fn copy_optimistically(",
        "if !word.same_content(",
        "if false && !word.same_content(",
    ),
    (
        "shared.rs",
        "atomic_bytes::load(words, buffer);",
        "word.same_content(",
        "true || word.same_content(",
    ),
    ("shared.rs", "match self.make_readable(pin) {", "self.abandon(pin)", "return Ok(pin)"),
    ("word.rs", "fn is_drained(", "== DRAIN", "& DRAIN != 0"),
    (STATE, "fn pin(", "CLOSED | UNREADABLE | HALF", "CLOSED | UNREADABLE"),
    (STATE, "fn halve(", "fetch_add(HALF", "fetch_add(0"),
    ("word.rs", "fn is_crowded(", "self.live_pins(word) > MOST", "false"),
    ("shared.rs", "fn close(", "self.header.state.is_vacant(place.other())", "true"),
    ("atomic_bytes.rs", "fn clear(", "word.store(0", "let _ = (0"),
];

fn main() -> ExitCode {
    let chosen: Vec<usize> = env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    let root = root();
    let copy = root.join("target/weakened");
    copy_sources(root, &copy).expect("the workspace can be copied");
    let Some(models) = models_of(&copy) else {
        eprintln!("the models don't even run on what is not weakened");
        return ExitCode::FAILURE;
    };
    let mut survivors = 0;
    for (number, weakening) in WEAKENINGS.iter().enumerate() {
        if !chosen.is_empty() && !chosen.contains(&number) {
            continue;
        }
        let (file, place, from, to) = weakening;
        let original = root.join("core/src").join(file);
        let weakened = copy.join("core/src").join(file);
        let text = weakened_text(root, weakening).unwrap_or_else(|gone| panic!("{number}: {gone}"));
        fs::write(&weakened, text).expect("the copy can be written");
        assert!(models_of(&copy).is_some(), "{number} is no Rust any more");
        let caught = models.iter().find(|model| !passes(&copy, model));
        fs::copy(&original, &weakened).expect("the copy can be written");
        survivors += usize::from(caught.is_none());
        let by = caught.map_or("NOT CAUGHT", String::as_str);
        println!("{number:2} {file} {place} {from} -> {to:?}: {by}");
    }
    println!("{survivors} not caught");
    ExitCode::SUCCESS
}

/// The root of the repository.
fn root() -> &'static Path {
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.nth(2).expect("tests/proofs/ lies in the root")
}

/// The file of this place, weakened; or which part of the place is gone.
fn weakened_text(root: &Path, weakening: &Weakening) -> Result<String, String> {
    let file = root.join("core/src").join(weakening.0);
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    weaken(&text, weakening)
}

fn weaken(text: &str, (file, place, from, to): &Weakening) -> Result<String, String> {
    let start = text.find(place).ok_or_else(|| format!("{file} has no `{place}`"))?;
    let rest = &text[start..];
    let from_place = rest[..end_of_function(rest)]
        .find(from)
        .ok_or_else(|| format!("{file} has no `{from}` in the function of `{place}`"))?;
    let at = start + from_place;
    Ok([&text[..at], to, &text[at + from.len()..]].concat())
}

/// Where the function or method that `text` begins in has its end, as rustfmt writes it. Without it,
/// an ordering that has moved elsewhere would still be found, somewhere below.
fn end_of_function(text: &str) -> usize {
    ["\n}\n", "\n    }\n"].iter().filter_map(|end| text.find(end)).min().unwrap_or(text.len())
}

/// Copies what cargo needs, without what it makes.
fn copy_sources(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (name, path) = entry.map(|entry| (entry.file_name(), entry.path()))?;
        let target: PathBuf = to.join(&name);
        if ["target", ".git", "node_modules"].iter().any(|skipped| name == *skipped) {
            continue;
        } else if path.is_dir() {
            copy_sources(&path, &target)?;
        } else {
            fs::copy(path, target)?;
        }
    }
    Ok(())
}

fn loom(copy: &Path, arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--quiet", "--release", "-p=strongroom-proofs", "--test=loom", "--"]);
    cargo.args(arguments).current_dir(copy);
    cargo.env("RUSTFLAGS", "--cfg strongroom_loom").env("CARGO_TARGET_DIR", copy.join("target"));
    // What three interruptions don't show is left to the models themselves.
    cargo.env("LOOM_MAX_PREEMPTIONS", "3");
    cargo
}

/// The names of the models, if they compile.
fn models_of(copy: &Path) -> Option<Vec<String>> {
    let output = loom(copy, &["--list"]).stderr(Stdio::inherit()).output().ok()?;
    let list = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    let model = |line: &str| line.strip_suffix(": test").map(str::to_owned);
    Some(list.lines().filter_map(model).collect())
}

fn passes(copy: &Path, model: &str) -> bool {
    let mut loom = loom(copy, &["--exact", model]);
    let status = loom.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.expect("cargo can be started").success()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_exists() {
        let gone: Vec<String> = WEAKENINGS
            .iter()
            .enumerate()
            .filter_map(|(number, place)| {
                weakened_text(root(), place).err().map(|gone| format!("{number}: {gone}"))
            })
            .collect();
        assert!(gone.is_empty(), "places to weaken that are gone:\n{}", gone.join("\n"));
    }

    #[test]
    fn what_is_gone_is_named() {
        let text = "\
impl It {
    fn pin() {
        now(ACQUIRE)
    }

    fn end() {
        now(RELEASE)
    }
}
";
        let weakened = |place, from| weaken(text, &("it.rs", place, from, "RELAXED"));
        assert_eq!(weakened("fn pin(", "ACQUIRE"), Ok(text.replace("ACQUIRE", "RELAXED")));
        let gone = weakened("fn unpin(", "ACQUIRE").unwrap_err();
        assert_eq!(gone, "it.rs has no `fn unpin(`");
        // The next function has one, which is not meant.
        let gone = weakened("fn pin(", "RELEASE").unwrap_err();
        assert_eq!(gone, "it.rs has no `RELEASE` in the function of `fn pin(`");
    }
}
