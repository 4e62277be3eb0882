//! `cargo xtask bench`: what a secret costs beside other ways of holding one, and whether the
//! promised ratios are kept.

mod goals;
mod peers;

use anyhow::{Result, ensure};
use xtask::{
    process::{cargo, read, run_quietly, target_dir},
    setup,
};

/// What to measure.
#[derive(clap::Args)]
pub struct Args {
    /// Only check the promised ratios; don't compare with every peer
    #[arg(long)]
    goals_only: bool,
}

/// Measures and prints the tables. A goal that is missed is a row that says so and no error: what
/// a machine measures is the reader's to judge.
pub fn run(args: &Args) -> Result<()> {
    setup::crates()?;
    setup::bench_libraries()?;

    if !args.goals_only {
        let results = target_dir().join("bench");
        peers::clear(&results)?;
        let mut criterion = cargo(
            "bench -p=strongroom-benches --bench=borrow --bench=lifecycle --bench=contention \
             -- --quiet"
                .split(' '),
        );
        run_quietly(criterion.env("CRITERION_HOME", &results))?;
        println!(
            "\nNanoseconds for one time with a secret of 32 bytes, the median; x2: on two threads \
             that share it, each\n\n{}",
            peers::table(&results)?
        );
    }

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
