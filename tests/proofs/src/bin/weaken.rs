//! Shows that the models in `loom.rs` can fail: weakens the core one place at a time, in a copy, and
//! runs the models on each.
//!
//! `cargo xtask weaken [NUMBER]..` takes an hour or two for all; what it finds is kept in
//! `benches/record/weaken.md`. The model that caught a place the last time is tried first.

use std::collections::HashMap;
use std::ops::Range;
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
const WORD: &str = "word.rs";
const SHARED: &str = "shared.rs";
const CONTENT: &str = "content.rs";
const BYTES: &str = "atomic_bytes.rs";
const HAZARDS: &str = "hazards.rs";
const LAZY_BOX: &str = "lazy_box.rs";
const LOCAL: &str = "local.rs";

/// Every ordering of the core that is more than Relaxed, and every decision that they serve. What the
/// models can't catch is in [`REDUNDANT`].
const WEAKENINGS: &[Weakening] = &[
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
    (STATE, "fn make_busy(", "Ordering::Acquire)", "Ordering::Relaxed)"),
    (STATE, "fn end(", RELEASE, RELAXED),
    (STATE, "fn is_vacant(", ACQUIRE, RELAXED),
    (STATE, "fn publish(", ACQ_REL, ACQUIRE),
    (STATE, "fn publish(", ACQ_REL, RELEASE),
    (STATE, "fn to_make_unreadable_but_for(", ACQUIRE, RELAXED),
    (CONTENT, "fn set(", "fence(Ordering::Release);", ""),
    (BYTES, "fn store(", "fence(Ordering::Release);", ""),
    (BYTES, "fn clear(", "fence(Ordering::Release);", ""),
    (STATE, "fn has_local_handles(", RELEASE, RELAXED),
    (STATE, "fn close(", "Ordering::Acquire,", "Ordering::Relaxed,"),
    (STATE, "fn publish(", "Ordering::Acquire)", "Ordering::Relaxed)"),
    (HAZARDS, "fn enter(", "light_barrier();", ""),
    (HAZARDS, "fn leave(", "light_barrier();", ""),
    (HAZARDS, "fn leave(", RELEASE, RELAXED),
    (HAZARDS, "fn count(", ACQUIRE, RELAXED),
    // From here on no orderings, but the decisions that they serve. Coming in:
    (STATE, "fn pin(", "CLOSED | UNREADABLE | HALF", "CLOSED | UNREADABLE"),
    (STATE, "fn pin(", "CLOSED | UNREADABLE | HALF", "CLOSED | HALF"),
    (STATE, "fn pin(", "CLOSED | UNREADABLE | HALF", "UNREADABLE | HALF"),
    (STATE, "fn pinned_slow(", "word.has(CLOSED)", "false"),
    (SHARED, "fn pin_slowly(", "pin.met_half()", "false"),
    (SHARED, "fn pin_slowly(", "Ok(false) => self.abandon(pin)", "Ok(false) => {}"),
    (SHARED, "match self.make_readable(pin) {", "self.abandon(pin)", "return Ok(pin)"),
    (SHARED, "fn make_readable(&self", "pin.is_current(word)", "true"),
    // Leaving.
    (STATE, "fn unpinned_slow(", "egress.is_drained()", "false"),
    (WORD, "fn is_plain(", "self.0 & LOW == 0", "true"),
    (WORD, "fn is_drained(", "== DRAIN", "& DRAIN != 0"),
    (SHARED, "fn unpin_and_make_unreadable(", "|| self.abandon(pin)", "|| ()"),
    // Closing.
    (STATE, "fn close(", "old.has(CLOSED)", "false"),
    (STATE, "fn close(", "old.parties()", "old"),
    (STATE, "fn vacancy(", "!egress.iter().all(|egress| egress.is_vacant())", "false"),
    (WORD, "fn parties(", "if self.has(BUSY)", "if false"),
    (SHARED, "fn close(", "self.header().state.is_vacant(place.other())", "true"),
    (SHARED, "fn drop(&mut self) {\n        for place", "state.is_retired(place)", "false"),
    (SHARED, "fn drop(&mut self) {\n        for place", "state.is_occupied(place)", "false"),
    (BYTES, "fn clear(", "word.store(0", "let _ = (0"),
    // The lock bit.
    (STATE, "fn begin<E>(", "if word.has(BUSY)", "if false"),
    (STATE, "fn begin_later<E>(", "if word.has(BUSY)", "if false"),
    (STATE, "fn end(", "old.has(CLOSED)", "false"),
    (STATE, "fn to_hold(", "(!word.has(CLOSED))", "true"),
    // Replacing.
    (STATE, "fn publish(", "old.has(CLOSED)", "false"),
    (STATE, "fn publish(", "Former(old)", "Former(old.parties())"),
    (WORD, "fn next(", "flagless.wrapping_add(GENERATION)", "flagless"),
    (SHARED, "fn replace(self", "!shared.header().state.is_vacant(place)", "false"),
    // Making readable and unreadable.
    (STATE, "fn to_pin_and_make_readable(", "word.has(UNREADABLE) && ", ""),
    (STATE, "fn to_pin_and_make_readable(", "CLOSED | HALF", "HALF"),
    (STATE, "fn to_pin_and_make_readable(", "CLOSED | HALF", "CLOSED"),
    (STATE, "fn to_make_readable(", "pin.is_current(word) && ", ""),
    (STATE, "fn to_make_readable(", " && word.has(UNREADABLE)", ""),
    (STATE, "fn to_make_unreadable_at_end_of(", "!pin.is_current(word)", "false"),
    (STATE, "fn to_make_unreadable_but_for(", "CLOSED | UNREADABLE", "UNREADABLE"),
    (STATE, "fn to_make_unreadable_but_for(", "CLOSED | UNREADABLE", "CLOSED"),
    (STATE, "fn to_make_unreadable_but_for(", "egress.live_pins(word) == live", "true"),
    (STATE, "fn to_make_unreadable_but_for(", " && is_due(egress)", ""),
    (WORD, "fn unreadable(", " | UNREADABLE", ""),
    (SHARED, "fn make_readable(self", "!= AtRest::Entered", "!= AtRest::Readable"),
    // Counting to the end of the range.
    (STATE, "fn is_half_counted(", "pin.is_current(word) && ", ""),
    (STATE, "fn is_half_counted(", " && word.has(HALF)", ""),
    (STATE, "fn to_halve(", " && !self.is_crowded(word)", ""),
    (STATE, "fn to_refuse(", " && self.is_crowded(word)", ""),
    (STATE, "fn halve(", "fetch_add(HALF", "fetch_add(0"),
    (WORD, "fn is_crowded(", "self.live_pins(word) > MOST", "false"),
    // Reading by local handles.
    (STATE, "fn has_local_handles(", "fetch_or(LOCAL", "fetch_or(0"),
    (STATE, "fn close(", "CLOSED | LOCAL", "CLOSED"),
    (STATE, "fn publish(", "CLOSED | LOCAL", "CLOSED"),
    (WORD, "fn next(", "(self.0 & LOCAL)", "0"),
    (HAZARDS, "fn shut_out<T>(", "gate.wrapping_add(1)", "gate"),
    (HAZARDS, "fn count(", "entry.through == shut_out.gate", "true"),
    (HAZARDS, "fn count(", "inside || !certain", "inside"),
    (HAZARDS, "fn let_through(", "entry.counted.take()", "None"),
    (HAZARDS, "fn strike(", "entries.swap_remove(index).counted", "None"),
    (HAZARDS, "fn enter(", "self.is_inside()", "false"),
    (HAZARDS, "fn enter(", "self.is_shut_out()", "false"),
    (HAZARDS, "fn leave(", "!self.is_shut_out()", "true"),
    (SHARED, "fn let_through(", "(!word.has(CLOSED))", "true"),
    (SHARED, "fn retire_amid_local_reads(", "self.storage().barrier().is_ok()", "true"),
    (SHARED, "fn retire_amid_local_reads(", "former.joined_by(readers)", "former"),
    (LOCAL, "fn pin(", "!hazard.is_inside()", "true"),
    // Copying without a pin.
    (SHARED, "fn copy_optimistically(", "!word.same_content(", "false && !word.same_content("),
    (
        SHARED,
        "atomic_bytes::load(words, buffer);",
        "word.same_content(",
        "true || word.same_content(",
    ),
    (WORD, "fn allows_optimism(", "CLOSED | UNREADABLE | PIN_ONLY", "UNREADABLE | PIN_ONLY"),
    (WORD, "fn allows_optimism(", "CLOSED | UNREADABLE | PIN_ONLY", "CLOSED | UNREADABLE"),
    ("secret.rs", "fn len(&self)", "word.generation() ==", "true || word.generation() =="),
];

/// What no model can catch, each with the proof that it changes nothing but how long something takes, or with
/// what sees it instead. They are not run.
const REDUNDANT: &[(Weakening, &str)] = &[
    (
        (STATE, "fn is_crowded(", ACQUIRE, RELAXED),
        "an older egress counts pins that have ended as live, never the other way around, for who has left \
         before is ordered before the caller's pin or is counted as live; so it refuses a pin too many, far \
         from where the range ends",
    ),
    (
        (STATE, "fn unpinned_slow(", "!egress.is_retired() && ", ""),
        "a hint: `to_make_unreadable_but_for` decides by the current content's own egress",
    ),
    (
        (STATE, "fn unpinned_slow(", "egress.live_pins(word) == 0", "true"),
        "a hint: `to_make_unreadable_but_for` counts again",
    ),
    (
        (WORD, "fn allows_optimism(", "CLOSED | UNREADABLE | PIN_ONLY", "CLOSED | PIN_ONLY"),
        "a content that can be UNREADABLE is PIN_ONLY, too: `content_flags` gives both",
    ),
    (
        (WORD, "fn same_content(", " & !(BUSY | LOCAL)", ""),
        "a copy that somebody busy came between would be done again, or under a pin, and be the same",
    ),
    (
        (SHARED, "fn pin(&self)", "storage.rests_unreadable()", "false"),
        "a shorter way for contents that are nearly always unreadable; `pin_slowly` gets there, too",
    ),
    (
        (LAZY_BOX, "fn get(", ACQUIRE, RELAXED),
        "not redundant, but what is read behind it is in no cell of loom's, so that it sees nothing; Miri does, by \
         `threads_that_make_one_at_once_share_it`",
    ),
    ((LAZY_BOX, "fn get_or_new(", RELEASE, RELAXED), "as before"),
    ((LAZY_BOX, "fn get_or_new(", ACQUIRE, RELAXED), "as before"),
    (
        (SHARED, "fn retire_amid_local_reads(", "shut_out.any", "true"),
        "where there is no handle, nobody is counted after a barrier, either",
    ),
    (
        (SHARED, "fn unpin(&self", "pin.met_unreadable()", "false"),
        "a shorter way, too: the ordinary unpin leaves the same to be done",
    ),
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
    let mut caught_by = Record::read();
    let mut survivors = 0;
    for (number, weakening) in WEAKENINGS.iter().enumerate() {
        if !chosen.is_empty() && !chosen.contains(&number) {
            continue;
        }
        let original = root.join("core/src").join(weakening.0);
        let weakened = copy.join("core/src").join(weakening.0);
        let text = weakened_text(root, weakening).unwrap_or_else(|gone| panic!("{number}: {gone}"));
        fs::write(&weakened, text).expect("the copy can be written");
        assert!(models_of(&copy).is_some(), "{number} is no Rust any more");
        let before = caught_by.0.get(&told(weakening)).filter(|model| models.contains(model));
        let rest = models.iter().filter(|model| Some(*model) != before);
        let mut tries = before.into_iter().chain(rest).map(|model| (2, model)).collect::<Vec<_>>();
        tries.extend(models.iter().map(|model| (3, model)));
        let mut tries = tries
            .into_iter()
            .filter(|(interruptions, model)| !passes(&copy, model, *interruptions));
        let caught = tries.next().map(|(_, model)| model.clone());
        fs::copy(&original, &weakened).expect("the copy can be written");
        println!("{number:2} {}: {}", told(weakening), caught.as_deref().unwrap_or(NOT_CAUGHT));
        survivors += usize::from(caught.is_none());
        caught_by.0.insert(told(weakening), caught.unwrap_or_else(|| NOT_CAUGHT.to_owned()));
        caught_by.write().expect("the record can be written");
    }
    println!("{survivors} not caught");
    if survivors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the record calls a place that no model has caught.
const NOT_CAUGHT: &str = "NOT CAUGHT";

/// What it says of a place that is new.
const NOT_RUN: &str = "not run";

/// The place in one line, as the record has it.
fn told((file, place, from, to): &Weakening) -> String {
    let code = |text: &str| match text.trim() {
        "" => "nothing".to_owned(),
        text => format!("`{}`", text.replace('|', "\\|")),
    };
    let place = place.split('\n').next().unwrap_or_default();
    format!("| {file} | {} | {} | {} |", code(place), code(from), code(to))
}

/// Which model has caught which place, by what [`told`] says of it.
struct Record(HashMap<String, String>);

impl Record {
    fn path() -> PathBuf {
        root().join("benches/record/weaken.md")
    }

    /// What was found before; nothing, if there is no record.
    fn read() -> Self {
        Self::parse(&fs::read_to_string(Self::path()).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let row = |line: &str| {
            let (place, model) = line.strip_suffix(" |")?.rsplit_once(" | ")?;
            (model != NOT_RUN).then(|| (format!("{place} |"), model.to_owned()))
        };
        Self(text.lines().filter_map(row).collect())
    }

    fn write(&self) -> io::Result<()> {
        fs::write(Self::path(), self.text())
    }

    /// The table, in the order of the places; those that are gone are left out.
    fn text(&self) -> String {
        let found: Vec<_> = WEAKENINGS.iter().map(|it| (told(it), self.0.get(&told(it)))).collect();
        let caught = found.iter().filter(|(_, model)| model.is_some_and(|it| it != NOT_CAUGHT));
        let mut text = format!(
            "# What the loom models notice\n\n\
             {} of {} places in the core are noticed by a model when they are weakened; {} more are \
             redundant, and proved so beside them in `tests/proofs/src/bin/weaken.rs`, which writes this.\n\n\
             | file | in | instead of | there is | caught by |\n| --- | --- | --- | --- | --- |\n",
            caught.count(),
            WEAKENINGS.len(),
            REDUNDANT.len(),
        );
        for (place, model) in found {
            text += &format!("{place} {} |\n", model.map_or(NOT_RUN, String::as_str));
        }
        text
    }
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

fn weaken(text: &str, weakening: &Weakening) -> Result<String, String> {
    let Range { start, end } = range_of(text, weakening)?;
    Ok([&text[..start], weakening.3, &text[end..]].concat())
}

/// Where in its file the place is.
fn range_of(text: &str, (file, place, from, _): &Weakening) -> Result<Range<usize>, String> {
    let start = text.find(place).ok_or_else(|| format!("{file} has no `{place}`"))?;
    let rest = &text[start..];
    let from_place = rest[..end_of_function(rest)]
        .find(from)
        .ok_or_else(|| format!("{file} has no `{from}` in the function of `{place}`"))?;
    Ok(start + from_place..start + from_place + from.len())
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
        } else if fs::read(&target).ok() != Some(fs::read(&path)?) {
            // What is as it was need not be compiled again.
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
    // What is compiled most of the time is what hasn't been weakened.
    cargo.envs([("CARGO_INCREMENTAL", "1"), ("CARGO_PROFILE_RELEASE_DEBUG", "false")]);
    cargo
}

/// The names of the models, if they compile.
fn models_of(copy: &Path) -> Option<Vec<String>> {
    let output = loom(copy, &["--list"]).stderr(Stdio::inherit()).output().ok()?;
    let list = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    let model = |line: &str| line.strip_suffix(": test").map(str::to_owned);
    let mut models: Vec<String> = list.lines().filter_map(model).collect();
    // All pairs of operations take longest.
    models.sort_by_key(|model| model.starts_with("pairs"));
    Some(models)
}

/// Whether the model finds nothing where a thread may be interrupted so many times. Twice shows most, and
/// takes a tenth of the time; what three interruptions don't show is left to the models themselves.
fn passes(copy: &Path, model: &str, interruptions: u32) -> bool {
    let mut loom = loom(copy, &["--exact", model]);
    loom.env("LOOM_MAX_PREEMPTIONS", interruptions.to_string());
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
            .chain(REDUNDANT.iter().map(|(place, _)| place))
            .filter_map(|place| weakened_text(root(), place).err())
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

    /// Nothing that orders threads is left out: what has both sides is weakened on each.
    #[test]
    fn every_ordering_is_weakened() {
        let places: Vec<&Weakening> =
            WEAKENINGS.iter().chain(REDUNDANT.iter().map(|(place, _)| place)).collect();
        let mut left_out = Vec::new();
        for entry in fs::read_dir(root().join("core/src")).unwrap() {
            let file = entry.unwrap().path();
            let name = file.file_name().unwrap().to_str().unwrap();
            // The models have others in the place of those in `sync.rs`.
            if name == "sync.rs" || !name.ends_with(".rs") {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            let ranges: Vec<_> = places
                .iter()
                .filter(|place| place.0 == name)
                .map(|place| range_of(&text, place).unwrap())
                .collect();
            for (ordering, sides) in [(ACQUIRE, 1), (RELEASE, 1), (ACQ_REL, 2)] {
                for (at, _) in text.match_indices(ordering) {
                    let found = ranges.iter().filter(|range| range.contains(&at)).count();
                    if found < sides {
                        let line = text[..at].lines().count();
                        left_out.push(format!("{name}:{line}: {ordering}, weakened {found} times"));
                    }
                }
            }
        }
        assert!(left_out.is_empty(), "{}", left_out.join("\n"));
    }

    /// A place is known by what the record says of it.
    #[test]
    fn no_two_places_are_told_alike() {
        let mut told: Vec<String> = WEAKENINGS.iter().map(told).collect();
        told.sort();
        told.dedup();
        assert_eq!(told.len(), WEAKENINGS.len());
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let caught = |place: &Weakening| (told(place), format!("the model of {}", place.0));
        let record = Record(WEAKENINGS.iter().map(caught).collect());
        let read = Record::parse(&record.text());
        assert_eq!(read.text(), record.text());
        assert!(record.text().contains(&format!("{0} of {0} places", WEAKENINGS.len())));
        let nothing = Record(HashMap::new()).text();
        assert!(nothing.contains(NOT_RUN) && nothing.contains("\n0 of "));
        assert_eq!(Record::parse(&nothing).text(), nothing);
    }
}
