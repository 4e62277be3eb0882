//! What each peer protects against, and what not: times alone would compare things that do different work.

use strongroom_measure::figure::print_words;

/// How bytes are kept while nobody reads them; a table each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// In ordinary memory. What can be had here are ways to share them.
    Ordinary,
    /// Readable, in memory that is locked.
    Locked,
    /// In memory that nobody can read.
    Inaccessible,
    /// As ciphertext.
    Encrypted,
}

impl Level {
    /// From the least protection to the most.
    pub const ALL: [Self; 4] = [Self::Ordinary, Self::Locked, Self::Inaccessible, Self::Encrypted];

    /// What its tables are called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary memory",
            Self::Locked => "locked memory",
            Self::Inaccessible => "inaccessible at rest",
            Self::Encrypted => "encrypted at rest",
        }
    }
}

/// One peer, by the name of its [`Peer`](crate::Peer).
pub struct Protects {
    /// What the tables call it.
    pub name: &'static str,
    /// How it keeps its bytes.
    pub level: Level,
    /// What it does about each of [`QUESTIONS`].
    pub answers: [&'static str; QUESTIONS.len()],
}

/// What is asked of each.
pub const QUESTIONS: [&str; 9] = [
    "wiped when dropped",
    "kept from swap",
    "kept from dumps",
    "kept from forks",
    "guard pages",
    "canary",
    "out of the kernel's reach",
    "shared between threads",
    "closed for all handles",
];

const MEMFD: &str = "with memfd_secret";

/// All of them, as their documentation and their code have it, on Linux.
pub const PROTECTS: &[Protects] = &[
    of(
        "RwLock<Zeroizing>",
        Level::Ordinary,
        ["yes", "no", "no", "no", "no", "no", "no", "yes", "no"],
    ),
    of("secrecy", Level::Ordinary, ["yes", "no", "no", "no", "no", "no", "no", "yes", "no"]),
    of(
        "arc-swap",
        Level::Ordinary,
        ["yes, with the last reader", "no", "no", "no", "no", "no", "no", "yes", "no"],
    ),
    of(
        "crossbeam-epoch",
        Level::Ordinary,
        ["some time later, if replaced", "no", "no", "no", "no", "no", "no", "yes", "no"],
    ),
    of(
        "seize",
        Level::Ordinary,
        ["some time later, if replaced", "no", "no", "no", "no", "no", "no", "yes", "no"],
    ),
    of("two RMWs", Level::Ordinary, ["no", "no", "no", "no", "no", "no", "no", "counted", "no"]),
    of(
        "strongroom",
        Level::Locked,
        ["yes", "yes", "yes", "yes, an error there", "yes", "yes", MEMFD, "yes", "yes"],
    ),
    of(
        "memsec",
        Level::Locked,
        ["yes", "if locking works", "yes", "no", "yes", "yes", "no", "under a lock", "no"],
    ),
    of(
        "strongroom Guarded",
        Level::Inaccessible,
        ["yes", "yes", "yes", "yes", "yes", "yes", MEMFD, "yes", "yes"],
    ),
    of(
        "strongroom Guarded, open",
        Level::Inaccessible,
        ["yes", "yes", "yes", "yes", "yes", "yes", MEMFD, "yes", "yes"],
    ),
    of(
        "memsafe",
        Level::Inaccessible,
        ["yes", "yes", "yes", "yes, zeros there", "no", "no", "no", "under a lock", "no"],
    ),
    of(
        "secrets",
        Level::Inaccessible,
        ["yes", "if locking works", "yes", "no", "yes", "yes", "no", "under a lock", "no"],
    ),
    of(
        "strongroom Encrypted",
        Level::Encrypted,
        ["yes", "yes", "yes", "yes", "yes", "yes", MEMFD, "yes", "yes"],
    ),
    of(
        "hardware-enclave",
        Level::Encrypted,
        ["yes, its cache too", "yes", "yes", "yes, zeros there", "yes", "no", "no", "yes", "no"],
    ),
];

const fn of(
    name: &'static str,
    level: Level,
    answers: [&'static str; QUESTIONS.len()],
) -> Protects {
    Protects { name, level, answers }
}

/// How the peer of this name keeps its bytes.
///
/// # Panics
///
/// If [`PROTECTS`] doesn't say.
#[must_use]
pub fn level(name: &str) -> Level {
    let known = PROTECTS.iter().find(|protects| protects.name == name);
    known.unwrap_or_else(|| panic!("what does {name} protect? PROTECTS doesn't say")).level
}

/// Prints a table for each level, cell by cell.
pub fn print() {
    for Protects { name, level, answers } in PROTECTS {
        let table = format!("{} protects", level.name());
        for (question, answer) in QUESTIONS.iter().zip(answers) {
            print_words(&table, name, question, answer);
        }
    }
}
