//! One row: what a host's program reports, and what is wrong with it.

use std::process::ExitStatus;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The line of JSON that a host's program prints.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Report {
    /// The job was done.
    Done(Done),
    /// The host is not here: why, and how to get it.
    Unavailable {
        /// One line for the user.
        unavailable: String,
    },
}

/// What a host did and found.
#[derive(Clone, Deserialize)]
pub struct Done {
    /// HMAC-SHA256 of the message under the key and under its replacement, in hex.
    pub tags: [String; 2],
    /// The protections really in force.
    pub protections: String,
    /// What one access to the secret took.
    pub ns_per_access: f64,
    /// Whether use after close was an error.
    pub refused_after_close: bool,
    /// How many 8-byte windows of the keys were found afterwards.
    pub residue: u64,
    /// The memory that was searched for them.
    pub scanned: String,
}

impl Report {
    /// Reads the report of a program that has ended.
    pub fn parse(status: ExitStatus, output: &str) -> Result<Self> {
        let Some(line) = output.lines().last() else {
            bail!("its program ended with {status} and no row; what it said is above");
        };
        serde_json::from_str(line)
            .with_context(|| format!("its program printed no row but {line:?}"))
    }
}

/// A host's report, or why it has none.
pub struct Row {
    /// The host's name.
    pub host: &'static str,
    /// What its program said.
    pub report: Result<Report>,
}

impl Row {
    /// Whether the host is not here.
    pub fn is_unavailable(&self) -> bool {
        matches!(self.report, Ok(Report::Unavailable { .. }))
    }

    /// What is wrong with the row; nothing is, in one that the user may believe.
    pub fn faults(&self, expected: &[String; 2]) -> Vec<String> {
        match &self.report {
            Ok(Report::Done(done)) => done.faults(expected),
            Ok(Report::Unavailable { .. }) => Vec::new(),
            Err(error) => vec![format!("{error:#}")],
        }
    }
}

impl Done {
    fn faults(&self, expected: &[String; 2]) -> Vec<String> {
        let mut faults = Vec::new();
        for (which, (tag, expected)) in
            ["key", "replacement"].iter().zip(self.tags.iter().zip(expected))
        {
            if tag != expected {
                faults
                    .push(format!("the tag under the {which} is {tag}, but should be {expected}"));
            }
        }
        if !self.refused_after_close {
            faults.push("use after close was not refused".into());
        }
        if self.residue != 0 {
            faults.push(format!("{} windows of a key were left in {}", self.residue, self.scanned));
        }
        if self.ns_per_access <= 0.0 {
            faults.push(format!("an access cannot take {} ns", self.ns_per_access));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> [String; 2] {
        ["aa".repeat(32), "bb".repeat(32)]
    }

    fn right() -> Done {
        Done {
            tags: expected(),
            protections: "locked".into(),
            ns_per_access: 10.9,
            refused_after_close: true,
            residue: 0,
            scanned: "3 MiB".into(),
        }
    }

    #[test]
    fn a_right_row_has_no_fault() {
        assert_eq!(right().faults(&expected()), [""; 0]);
    }

    #[test]
    fn each_wrong_figure_is_a_fault() {
        let [first, second] = expected();
        let wrong = [
            Done { tags: [second.clone(), second], ..right() },
            Done { tags: [first.clone(), first], ..right() },
            Done { refused_after_close: false, ..right() },
            Done { residue: 1, ..right() },
            Done { ns_per_access: 0.0, ..right() },
        ];
        for done in wrong {
            assert_eq!(done.faults(&expected()).len(), 1);
        }
    }

    #[test]
    fn reports_are_the_last_line() {
        let done = r#"{"host":"native","tags":["a","b"],"protections":"p","ns_per_access":11.2,
            "refused_after_close":true,"residue":0,"scanned":"s"}"#
            .replace('\n', "");
        let parse = |output: &str| Report::parse(ExitStatus::default(), output);
        assert!(matches!(parse(&format!("noise\n{done}\n")), Ok(Report::Done(_))));
        assert!(matches!(parse(r#"{"unavailable":"why"}"#), Ok(Report::Unavailable { .. })));
    }

    #[test]
    fn a_program_without_a_report_is_a_fault() {
        for output in ["", "noise", r#"{"tags":["a"]}"#] {
            let report = Report::parse(ExitStatus::default(), output);
            assert_eq!(Row { host: "native", report }.faults(&expected()).len(), 1);
        }
    }
}
