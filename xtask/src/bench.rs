//! `cargo xtask bench`: what a secret costs beside other ways of holding one, and whether the
//! promised ratios are kept.

mod figures;
mod goals;
mod machine;
mod peers;
mod picture;
mod regression;

use anyhow::{Result, ensure};
use xtask::{
    process::{cargo, read, run_quietly, target_dir},
    setup,
};

/// What to measure.
#[derive(clap::Args)]
pub struct Args {
    /// Only check the promised ratios: the same as `--only goals`
    #[arg(long, conflicts_with = "only")]
    goals_only: bool,
    /// Measure this alone
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<Part>,
}

/// A part of what is measured.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Strongroom beside its peers
    Peers,
    /// The promised ratios
    Goals,
    /// A fast and a correct version of an access, and where their time goes; leaves a record
    Regression,
}

/// Measures and prints the tables. A goal that is missed is a row that says so and no error: what
/// a machine measures is the reader's to judge.
pub fn run(args: &Args) -> Result<()> {
    let chosen = match &args.only[..] {
        _ if args.goals_only => &[Part::Goals][..],
        [] => &[Part::Peers, Part::Goals],
        only => only,
    };
    setup::crates()?;
    // The quickest first. A part that fails costs no other.
    let parts: [(Part, fn() -> Result<()>); 3] =
        [(Part::Regression, regression), (Part::Peers, peers), (Part::Goals, goals)];
    let mut outcome = Ok(());
    for (_, measure) in parts.into_iter().filter(|(part, _)| chosen.contains(part)) {
        outcome = outcome.and(measure().inspect_err(|error| eprintln!("error: {error:#}")));
    }
    outcome
}

fn regression() -> Result<()> {
    // Without it, its rows say so.
    if let Err(error) = setup::valgrind() {
        eprintln!("{error:#}");
    }
    regression::run()
}

fn peers() -> Result<()> {
    setup::bench_libraries()?;
    let results = target_dir().join("bench");
    peers::clear(&results)?;
    let mut criterion = cargo(
        "bench -p=strongroom-benches --bench=borrow --bench=lifecycle --bench=contention \
         -- --quiet"
            .split(' '),
    );
    let measured = run_quietly(criterion.env("CRITERION_HOME", &results));
    println!(
        "\nNanoseconds for one time with a secret of 32 bytes, the median; x2: on two threads \
         that share it, each\n\n{}",
        peers::table(&results)?
    );
    measured
}

fn goals() -> Result<()> {
    setup::bench_libraries()?;
    setup::packages()?;
    run_quietly(&mut cargo(
        "build -p=strongroom-wasm --example=bare --target=wasm32-unknown-unknown --profile=wasm"
            .split(' '),
    ))?;
    let (status, lines) = read(&mut cargo(
        "bench -p=strongroom-benches --bench=goals --bench=components --no-fail-fast".split(' '),
    ))?;
    println!("\nWhat is promised, as ratios within one run\n\n{}", goals::table(&lines)?);
    ensure!(status.success(), "not everything could be measured: the programs ended with {status}");
    Ok(())
}
