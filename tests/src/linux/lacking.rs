//! Saying what a test hasn't shown, as this machine or this process lacks what that needs.
//!
//! What tests print is hidden where they pass. This isn't.

use std::io::Write;

/// What such a line begins with.
const MARK: &str = "NOT SHOWN: ";

/// Says, on standard error, what isn't shown, why, and what would change that.
pub fn not_shown(what: &str, why: &str, remedy: &str) {
    pass_on(&format!("{MARK}{what}: {why}; {remedy}"));
}

/// Passes on what a child has said so.
pub(super) fn relay(stderr: &str) {
    stderr.lines().filter(|line| line.starts_with(MARK)).for_each(pass_on);
}

fn pass_on(line: &str) {
    // Not by `eprintln`, which tests hide; nobody has to listen.
    let _ = std::io::stderr().write_all(format!("\n{line}\n").as_bytes());
}
