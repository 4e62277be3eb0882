//! The layers of each crate: a module names only what stands before its own.
//!
//! What the crate's root passes on counts as what it passes on: `crate::Secret` is the module that
//! has it, or, from another crate, nothing of this one. What the root itself defines stands above
//! everything. Inside a folder it is the same: the file that is called like the folder is its root.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, iter};

use imports::{Import, imports, reexports};
use xtask::process::root;
use xtask::sources::rust_files;

/// The modules of a crate, those directly below its root: a module's own ones belong to it.
struct Layers {
    /// From the bottom to the top. Modules on one line may use each other.
    order: &'static [&'static str],
    /// What looks up nonetheless, module by module, each with the reason why it can't be otherwise.
    up: &'static [(&'static str, &'static str)],
    /// The order inside of folders.
    inside: &'static [(&'static str, &'static [&'static str])],
}

const CORE: Layers = Layers {
    order: &[
        "uses",
        "error",
        "guest",
        "room",
        "own_line",
        "sync",
        "wipe",
        "atomic_bytes",
        "note",
        "storage",
        "outcome",
        "word",
        "state",
        "lazy_box",
        "hazards",
        "extra",
        "content",
        "filling",
        "shared",
        "exposed",
        "secret reader",
        "idle",
        "local",
        "weak",
        "restricted",
        "ops",
        "root_key",
        "vault",
        "encrypted",
    ],
    up: &[
        // A storage is told of each secret that is created in it: `on_created` says why.
        ("storage", "secret"),
    ],
    inside: &[],
};

const NATIVE: Layers = Layers {
    order: &[
        "protection",
        "mutex",
        "places",
        "os",
        "pages",
        "policy",
        "heap",
        "region",
        "process",
        "capabilities",
        "stats",
        "storage",
        "secret builder source",
        "local",
        "restricted",
        "cost",
        "read",
        "ops",
        "stream",
        "harden",
    ],
    up: &[],
    inside: &[
        (
            "os",
            &[
                "locked",
                "thread",
                "pthread",
                "available",
                "filter",
                "unix",
                "linux apple windows unsupported",
                "pkeys no_pkeys",
            ],
        ),
        ("pages", &["protection_key", "fork", "data_reserve"]),
        (
            "heap",
            &["kind", "canary", "slab", "magazines", "slot_cache", "size_class", "page_cache"],
        ),
        ("region", &["span", "plain", "memory", "encrypted", "reprotect", "guarded"]),
        ("process", &["counters", "vaults"]),
    ],
};

const HOST: Layers = Layers {
    order: &[
        "error",
        "quota",
        "handle",
        "provider",
        "memory",
        "audit",
        "ctx",
        "call",
        "lookup",
        "interfaces",
        "wasmcloud",
    ],
    up: &[],
    inside: &[],
};

const WASM: Layers = Layers {
    order: &["allocator", "free_list", "reserve", "runtime", "linear", "table", "js", "component"],
    // Random bytes are those of the face that is built.
    up: &[("linear", "js")],
    inside: &[],
};

/// What the root of a crate defines itself.
const ROOT: &str = "the root";

#[test]
fn core_looks_only_down() {
    assert_looks_only_down("core", &CORE);
}

#[test]
fn native_looks_only_down() {
    assert_looks_only_down("native", &NATIVE);
}

#[test]
fn host_looks_only_down() {
    assert_looks_only_down("host", &HOST);
}

#[test]
fn wasm_looks_only_down() {
    assert_looks_only_down("wasm", &WASM);
}

#[track_caller]
fn assert_looks_only_down(name: &str, layers: &Layers) {
    let src = root().join(name).join("src");
    let sources = read_sources(&src);
    assert!(sources.contains_key(Path::new("lib.rs")), "{} has no lib.rs", src.display());
    let faults = faults(layers, &sources);
    assert!(faults.is_empty(), "in {name}/src:\n{}", faults.join("\n"));
}

/// Sources by their path below `src`.
type Sources = BTreeMap<PathBuf, String>;

fn read_sources(src: &Path) -> Sources {
    let read = |path: &PathBuf| fs::read_to_string(path).expect("the source can be read");
    let place = |path: &PathBuf| path.strip_prefix(src).expect("it was found there").to_owned();
    let files = rust_files(src).expect("the folder can be read");
    files.iter().map(|path| (place(path), read(path))).collect()
}

/// What in a crate isn't as `layers` say: each fault with its place.
fn faults(layers: &Layers, sources: &Sources) -> Vec<String> {
    let passed_on = reexports(&sources[Path::new("lib.rs")]);
    let mut all = faults_below(layers, sources, &passed_on);
    for (folder, order) in layers.inside {
        let root = Path::new(folder).with_extension("rs");
        let inner = |(file, source): (&PathBuf, &String)| {
            let inner = file.strip_prefix(folder).ok().map(Path::to_owned);
            let inner = inner.or_else(|| (*file == root).then(|| "lib.rs".into()))?;
            Some((inner, source.clone()))
        };
        let inner: Sources = sources.iter().filter_map(inner).collect();
        // What is outside of the folder has been looked at.
        let outside = layers.order.iter().flat_map(|line| line.split(' '));
        let outside = outside.filter(|name| name != folder).map(|name| (name.into(), name.into()));
        let mut passed_on: BTreeMap<_, _> = passed_on.clone().into_iter().chain(outside).collect();
        passed_on.retain(|_, from| from != folder);
        passed_on.extend(reexports(&inner[Path::new("lib.rs")]));
        let order = Layers { order, up: &[], inside: &[] };
        let found = faults_below(&order, &inner, &passed_on);
        all.extend(found.into_iter().map(|fault| format!("{folder}/{fault}")));
    }
    all
}

/// The same of the modules directly below a root, which passes names on from elsewhere.
fn faults_below(
    layers: &Layers,
    sources: &Sources,
    passed_on: &BTreeMap<String, String>,
) -> Vec<String> {
    let layer_of: BTreeMap<&str, usize> = layers
        .order
        .iter()
        .enumerate()
        .flat_map(|(layer, line)| line.split(' ').zip(iter::repeat(layer)))
        .collect();
    let modules: BTreeMap<&Path, Vec<&str>> =
        sources.keys().map(|file| (file.as_path(), module_path(file))).collect();
    let mut faults: Vec<String> = layer_of
        .keys()
        .filter(|name| !modules.values().any(|path| path.first() == Some(name)))
        .map(|name| format!("`{name}` has a layer, but is no module"))
        .collect();
    let mut uncut = BTreeSet::new();
    for (file, path) in &modules {
        let Some(&module) = path.first() else { continue };
        let place = file.display();
        let Some(layer) = layer_of.get(module) else {
            faults.push(format!("{place}: `{module}` is in no layer"));
            continue;
        };
        for Import { line, name } in imports(&sources[*file], path) {
            let from = match layer_of.get(name.as_str()) {
                Some(_) => &name,
                None => passed_on.get(&name).map_or(ROOT, String::as_str),
            };
            // What has no layer is another crate's.
            let is_below = layer_of.get(from).map_or(from != ROOT, |other| other <= layer);
            if let Some(arrow) = layers.up.iter().find(|up| **up == (module, from)) {
                uncut.insert(arrow);
            } else if !is_below {
                faults.push(format!("{place}:{line}: `{module}` looks up to `{name}`, of {from}"));
            }
        }
    }
    let cut = layers.up.iter().filter(|arrow| !uncut.contains(arrow));
    faults.extend(cut.map(|(module, from)| format!("`{module}` no longer looks up to {from}")));
    faults
}

/// The module whose source `file` is: empty for the crate's root.
fn module_path(file: &Path) -> Vec<&str> {
    let folder = file.parent().into_iter().flat_map(Path::iter);
    let stem = file.file_stem().filter(|stem| *stem != "lib" && *stem != "mod");
    folder.chain(stem).map(|name| name.to_str().expect("a module has a Rust name")).collect()
}

/// A crate of three layers whose root passes two names on, with this in its middle one.
fn faults_with(middle: &str) -> Vec<String> {
    let sources = [
        (
            "lib.rs",
            "mod high; mod low; mod middle; pub use high::{High, deep::Other as Renamed}; pub use core::fmt::Debug; pub fn own() {}",
        ),
        ("high.rs", "use crate::middle::Middle; use crate::{low, Debug};"),
        ("middle/part.rs", middle),
        ("middle.rs", "mod part;"),
        ("low.rs", ""),
    ];
    let sources = sources.map(|(file, text)| (file.into(), text.to_owned())).into();
    faults(&Layers { order: &["low", "middle", "high"], up: &[], inside: &[] }, &sources)
}

#[test]
fn what_looks_up_is_a_fault() {
    for (middle, name) in [
        ("\n\nuse crate::high::High;", "high"),
        ("\n\nuse crate::{low::{self, Low}, high};", "high"),
        ("\n\nuse super::super::high;", "high"),
        ("\n\nmod inner { use super::super::super::{low, high}; }", "high"),
        ("\n\nfn f() -> crate::high::High { todo!() }", "high"),
        ("\n\nassert!(crate::high::f());", "high"),
        ("\n\ncfg_select! { _ => { pub(crate) use crate::high::*; } }", "high"),
        ("\n\nuse crate::High;", "High"),
        ("\n\nuse crate::Renamed;", "Renamed"),
        ("\n\nuse crate::own;", "own"),
        ("\n\nuse crate::*;", "*"),
    ] {
        let found = faults_with(middle);
        assert_eq!(found.len(), 1, "{middle}: {found:?}");
        let start = format!("middle/part.rs:3: `middle` looks up to `{name}`, of ");
        assert!(found[0].starts_with(&start), "{middle}: {found:?}");
    }
}

#[test]
fn what_looks_down_or_aside_is_none() {
    for middle in [
        "use crate::low::Low;",
        "use crate::{low, middle, Debug};",
        "use super::{Part, self as other};",
        "use super::super::low;",
        "mod inner { use super::super::Part; use super::high; }",
        "/// Like [`crate::high::High`].\n// use crate::high;\nconst NAME: &str = \"crate::high\";",
        "pub(crate) struct High; pub(super) fn high() {}",
        "use strongroom_core::crate_high; use other::high;",
    ] {
        assert_eq!(faults_with(middle), Vec::<String>::new(), "{middle}");
    }
}

#[test]
fn layers_and_modules_are_the_same() {
    let sources = [("lib.rs", "mod new;"), ("new.rs", "")];
    let sources = sources.map(|(file, text)| (file.into(), text.to_owned())).into();
    assert_eq!(
        faults(&Layers { order: &["old"], up: &[], inside: &[] }, &sources),
        ["`old` has a layer, but is no module", "new.rs: `new` is in no layer"],
    );
}

#[test]
fn an_arrow_that_is_cut_has_to_go() {
    let with = |low: &str| {
        let sources = [("lib.rs", "mod low; mod high;"), ("low.rs", low), ("high.rs", "")];
        let sources = sources.map(|(file, text)| (file.into(), text.to_owned())).into();
        faults(&Layers { order: &["low", "high"], up: &[("low", "high")], inside: &[] }, &sources)
    };
    assert_eq!(with("use crate::high;"), Vec::<String>::new());
    assert_eq!(with(""), ["`low` no longer looks up to high"]);
}

#[test]
fn folders_have_an_order_of_their_own() {
    let with = |below: &str| {
        let sources = [
            ("lib.rs", "mod low; mod folder; pub use other::Error; pub use folder::Folder;"),
            ("low.rs", ""),
            ("folder.rs", "mod below; mod above; pub use above::Above; pub struct Folder;"),
            ("folder/above.rs", "use super::below; use crate::{low, Error};"),
            ("folder/below.rs", below),
        ];
        let sources = sources.map(|(file, text)| (file.into(), text.to_owned())).into();
        let inside = &[("folder", &["below", "above"] as &[_])];
        faults(&Layers { order: &["low", "folder"], up: &[], inside }, &sources)
    };
    assert_eq!(with("use crate::low;"), Vec::<String>::new());
    for (below, name, from) in [
        ("use super::above;", "above", "above"),
        ("use super::Above;", "Above", "above"),
        ("use super::Folder;", "Folder", "the root"),
        ("use crate::folder::above;", "folder", "the root"),
    ] {
        let fault = format!("folder/below.rs:1: `below` looks up to `{name}`, of {from}");
        assert_eq!(with(below), [fault], "{below}");
    }
}
