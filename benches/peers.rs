//! Strongroom beside its peers, and what each protects: one JSON object per line and per cell of a table,
//! of which `cargo xtask bench` makes tables.

use anyhow::Result;
use strongroom_benches::compare::{alone, borrows, together};
use strongroom_benches::peers::{
    ArcSwapped, CrossbeamEpoch, Encrypted, Guarded, HardwareEnclave, Memsafe, Memsec, RwLocked,
    Secrecy, Secrets, Seize, Strongroom, TwoRmws, Windowed,
};
use strongroom_benches::{Cell, Peer, child, print_all, protects};

fn main() -> Result<()> {
    if child::arguments().is_empty() {
        protects::print();
    }
    let cells = [
        both::<RwLocked>(),
        both::<Secrecy>(),
        both::<ArcSwapped>(),
        both::<CrossbeamEpoch>(),
        both::<Seize>(),
        borrows::<TwoRmws>(),
        both::<Strongroom>(),
        both::<Memsec>(),
        // Of two threads that share a secret which has to be opened, one does all the opening and the
        // other comes in on the way, so that they don't run side by side for long.
        alone::<Strongroom<Guarded>>(),
        alone::<Strongroom<Windowed>>(),
        both::<Memsafe>(),
        both::<Secrets>(),
        alone::<Strongroom<Encrypted>>(),
        both::<HardwareEnclave>(),
    ];
    print_all(&cells.into_iter().flatten().collect::<Vec<_>>())
}

fn both<P: Peer + 'static>() -> Vec<Cell> {
    alone::<P>().into_iter().chain(together::<P>()).collect()
}
