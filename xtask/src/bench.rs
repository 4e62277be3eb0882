//! `cargo xtask bench`: what a secret costs beside other ways of holding one, and whether the
//! promised ratios are kept.

mod bars;
mod curves;
mod drawing;
mod figures;
mod goals;
mod lines;
mod machine;
mod measured;
mod operations;
mod peers;
mod record;
mod regression;

use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;
use xtask::{
    process::{self, cargo, run_quietly},
    setup,
};

use crate::test;
use measured::Source;

/// What to measure.
#[derive(clap::Args)]
pub struct Args {
    /// Only look at the promised ratios: the same as `--only goals`
    #[arg(long, conflicts_with = "only")]
    goals_only: bool,
    /// Fail where a promised ratio is missed, or can't be measured; with nothing else said, only look
    /// at those
    #[arg(long, conflicts_with = "print")]
    check: bool,
    /// Measure this alone
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<Part>,
    /// Measure nothing: print the tables of what was measured last, even if that was cut short
    #[arg(long)]
    print: bool,
}

/// A part of what is measured; the order is that in which they are. Each leaves a record in
/// `benches/record/`.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// How many instructions the most travelled ways take: what `cargo xtask test` holds them against
    Instructions,
    /// A fast and a correct version of an access, and where their time goes
    Regression,
    /// Strongroom beside its peers, and what each protects
    Peers,
    /// The operations beside those of other libraries: native, as a component, in Node and in Chromium
    Operations,
    /// Cost against size, number and threads, with pictures
    Curves,
    /// The promised ratios
    Goals,
}

impl Part {
    /// What is measured if nothing is said: neither what is counted nor what is about other programs.
    const USUAL: [Self; 4] = [Self::Peers, Self::Operations, Self::Curves, Self::Goals];
}

/// Measures and prints the tables. A goal that is missed is a row that says so and no error, unless that
/// is asked for: what a machine measures is the reader's to judge.
pub fn run(args: &Args) -> Result<()> {
    let chosen = match &args.only[..] {
        [] if args.goals_only || args.check => &[Part::Goals][..],
        [] => &Part::USUAL,
        only => only,
    };
    let source = if args.print { Source::Kept } else { Source::Measured };
    if source == Source::Measured {
        setup::crates()?;
    }
    // A part that fails costs no other.
    let mut outcome = Ok(());
    for part in Part::value_variants() {
        if !chosen.contains(part) {
            continue;
        }
        let start = Instant::now();
        let measured = match part {
            Part::Instructions => instructions(),
            Part::Regression => regression(source),
            Part::Peers => peers(source),
            Part::Operations => operations(source),
            Part::Curves => curves(source),
            Part::Goals => goals(source, args.check),
        };
        outcome = outcome.and(measured.inspect_err(|error| eprintln!("error: {error:#}")));
        eprintln!("that took {:.0} s", start.elapsed().as_secs_f64());
    }
    outcome
}

fn regression(source: Source) -> Result<()> {
    // Without it, its rows say so.
    if let Err(error) = setup::valgrind() {
        eprintln!("{error:#}");
    }
    regression::run(source)
}

/// The test itself writes it, so that what is recorded is what it looks at.
fn instructions() -> Result<()> {
    setup::packages()?;
    setup::valgrind()?;
    process::run(test::instructions().env("STRONGROOM_RECORD_INSTRUCTIONS", "1"))
}

fn peers(source: Source) -> Result<()> {
    setup::bench_libraries()?;
    peers::run(source)
}

fn operations(source: Source) -> Result<()> {
    let mut unavailable = Vec::new();
    if source == Source::Measured {
        setup::bench_libraries()?;
        setup::packages()?;
        setup::npm_packages()?;
        if let Err(error) = setup::chromium() {
            unavailable.push(("Chromium", error));
        }
    }
    operations::run(source, &unavailable)
}

fn curves(source: Source) -> Result<()> {
    setup::bench_libraries()?;
    curves::run(source)
}

fn goals(source: Source, check: bool) -> Result<()> {
    if source == Source::Measured {
        setup::bench_libraries()?;
        setup::packages()?;
        run_quietly(&mut cargo(
            "build -p=strongroom-wasm --example=bare --target=wasm32-unknown-unknown --profile=wasm"
                .split(' '),
        ))?;
    }
    goals::run(source, check)
}
