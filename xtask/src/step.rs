//! Steps: named commands with what they need, run one after the other, and a summary.

use std::{
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::Result;
use xtask::process::run;

/// One command with a name.
pub struct Step {
    /// What the summary calls it, and `--only` takes.
    pub name: &'static str,
    /// What has to be set up before it.
    pub needs: &'static [fn() -> Result<()>],
    /// The command itself, made when its turn comes.
    pub command: fn() -> Command,
}

impl Step {
    /// Sets up what the step needs.
    pub fn prepare(&self) -> Result<()> {
        self.needs.iter().try_for_each(|need| need())
    }
}

/// Runs every step, whatever the others did; the last line counts them.
pub fn run_all(steps: &[Step]) -> ExitCode {
    let mut summary = Vec::new();
    let mut failed = 0;
    for (index, step) in steps.iter().enumerate() {
        println!("\n=== {} ({} of {}) ===", step.name, index + 1, steps.len());
        let start = Instant::now();
        let outcome = step.prepare().and_then(|()| run(&mut (step.command)()));
        let took = minutes(start.elapsed());
        summary.push(match outcome {
            Ok(()) => format!("passed  {took}  {}", step.name),
            Err(error) => {
                failed += 1;
                format!("FAILED  {took}  {}: {error:#}", step.name)
            }
        });
        println!("{}", summary[index]);
    }
    println!("\n{}\n{} passed, {failed} failed", summary.join("\n"), steps.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn minutes(time: Duration) -> String {
    format!("{:2} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
}
