//! Runs a component with secrets that it can't read:
//! `cargo run -p wasmtime-strongroom --example host -- app.component.wasm --secret name=file`.

use std::fs::File;
use std::path::PathBuf;

use strongroom::Builder;
use wasmtime::component::{Component, Linker, ResourceTable, Val};
use wasmtime::{Engine, Result, Store};
use wasmtime_strongroom::provider::{Named, load};
use wasmtime_strongroom::{SecretCtx, SecretCtxBuilder, SecretCtxView, SecretView, Uses};

/// Run a component that uses secrets and cannot read them
#[derive(clap::Parser)]
struct Args {
    /// The component
    component: PathBuf,
    /// A secret that it gets by name, from a file
    #[arg(long = "secret", value_name = "NAME=FILE", value_parser = name_and_file)]
    secrets: Vec<(String, PathBuf)>,
    /// Let the component read secrets, too
    #[arg(long)]
    reveal: bool,
    /// The exported function to call; one without parameters
    #[arg(long, value_name = "NAME", default_value = "run")]
    call: String,
}

fn name_and_file(argument: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = argument.split_once('=').ok_or("write NAME=FILE")?;
    Ok((name.into(), file.into()))
}

struct State {
    secrets: SecretCtx,
    table: ResourceTable,
}

impl SecretView for State {
    fn secrets(&mut self) -> SecretCtxView<'_> {
        SecretCtxView { ctx: &mut self.secrets, table: &mut self.table }
    }
}

fn main() -> Result<()> {
    let Args { component, secrets, reveal, call } = clap::Parser::parse();
    let mut named = Named::new();
    let mut ctx = SecretCtxBuilder::new()
        .component(component.display().to_string())
        .audit(|event| eprintln!("{event}"));
    let mut uses = Uses::MAC | Uses::AEAD | Uses::KDF | Uses::SIGN;
    uses.set(Uses::REVEAL, reveal);
    for (name, file) in secrets {
        let secret =
            File::open(&file).map_err(Into::into).and_then(|f| load(f, Builder::default()));
        let secret =
            secret.map_err(|error| wasmtime::Error::msg(format!("{}: {error}", file.display())))?;
        named = named.with(name.as_str(), secret);
        ctx = ctx.grant(name, uses);
    }
    let secrets = ctx.provider(named).build();

    let engine = Engine::default();
    let mut linker = Linker::<State>::new(&engine);
    link(&mut linker, reveal)?;
    let component = Component::from_file(&engine, component)?;
    let mut store = Store::new(&engine, State { secrets, table: ResourceTable::new() });
    let instance = linker.instantiate(&mut store, &component)?;
    let Some(function) = instance.get_func(&mut store, &call) else {
        return Err(wasmtime::Error::msg(format!("the component has no function {call}")));
    };
    let mut results = vec![Val::Bool(false); function.ty(&store).results().len()];
    function.call(&mut store, &[], &mut results)?;
    for result in results {
        println!("{result:?}");
    }
    Ok(())
}

fn link(linker: &mut Linker<State>, reveal: bool) -> Result<()> {
    if reveal {
        return wasmtime_strongroom::add_to_linker(linker);
    }
    wasmtime_strongroom::types::add_to_linker(linker)?;
    wasmtime_strongroom::create::add_to_linker(linker)?;
    wasmtime_strongroom::mac::add_to_linker(linker)?;
    wasmtime_strongroom::aead::add_to_linker(linker)?;
    wasmtime_strongroom::kdf::add_to_linker(linker)?;
    wasmtime_strongroom::sign::add_to_linker(linker)?;
    wasmtime_strongroom::wrap::add_to_linker(linker)?;
    wasmtime_strongroom::store::add_to_linker(linker)
}
