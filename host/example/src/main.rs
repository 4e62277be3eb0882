//! Runs a component with secrets that it can use and can't read:
//! `cargo run -p example-host -- app.component.wasm --secret name=file`.
//!
//! As a program of its own it depends on
//!
//! ```toml
//! clap = { version = "4", features = ["derive"] }
//! strongroom = "0.1"
//! wasmtime = { version = "48", default-features = false, features = ["component-model", "cranelift", "std"] }
//! wasmtime-strongroom = "0.1"
//! wasmtime-wasi = { version = "48", default-features = false, features = ["p2"] }
//! ```

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use strongroom::{Builder, Secret};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, ResourceTable, Val};
use wasmtime::error::Context;
use wasmtime::{Engine, Error, Result, Store};
use wasmtime_strongroom::provider::{Named, load};
use wasmtime_strongroom::{
    SecretCtx, SecretCtxBuilder, SecretCtxView, SecretView, Uses, wasmcloud,
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// Run a component with secrets that it can use and cannot read
///
/// The component may import the interfaces of strongroom:secret, of wasmcloud:secrets and of wasi:cli, and
/// no others; of the latter it gets random bytes, clocks and stderr, and no file, network, argument or
/// variable. What its function returns is written to stdout; what it does with secrets, to stderr.
#[derive(clap::Parser)]
struct Args {
    /// The component, a file
    component: PathBuf,
    /// A secret that it gets by name: the content of a file, as it is. May be given repeatedly
    #[arg(long = "secret", value_name = "NAME=FILE", value_parser = name_and_file)]
    secrets: Vec<(String, PathBuf)>,
    /// Let the component read secrets, too
    #[arg(long)]
    reveal: bool,
    /// The function to call: one that the component exports, without parameters
    #[arg(long, value_name = "NAME", default_value = "run")]
    call: String,
}

fn name_and_file(argument: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = argument.split_once('=').ok_or("write NAME=FILE, as in key=secrets/key")?;
    Ok((name.into(), file.into()))
}

struct State {
    secrets: SecretCtx,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl SecretView for State {
    fn secrets(&mut self) -> SecretCtxView<'_> {
        SecretCtxView { ctx: &mut self.secrets, table: &mut self.table }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

fn main() -> ExitCode {
    match run(&clap::Parser::parse()) {
        Ok(returned) => {
            returned.iter().for_each(|value| println!("{}", shown(value)));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Calls the function and gives what it returned.
fn run(args: &Args) -> Result<Vec<Val>> {
    let engine = Engine::default();
    let component = read_component(&engine, &args.component)?;
    let mut linker = Linker::<State>::new(&engine);
    link(&mut linker, args.reveal)?;
    let wasi = WasiCtx::builder().inherit_stderr().build();
    let state = State { secrets: secrets(args)?, wasi, table: ResourceTable::new() };
    let mut store = Store::new(&engine, state);
    let instance = linker
        .instantiate(&mut store, &component)
        .with_context(|| why_not(&component, args.reveal))?;

    let name = &args.call;
    let function =
        instance.get_func(&mut store, name).ok_or_else(|| no_function(name, &component))?;
    let ty = function.ty(&store);
    if ty.params().len() > 0 {
        return Err(Error::msg(format!("`{name}` takes parameters; --call wants one without")));
    }
    let mut results = vec![Val::Bool(false); ty.results().len()];
    function.call(&mut store, &[], &mut results).with_context(|| format!("`{name}` trapped"))?;
    match results.first() {
        Some(Val::Result(Err(error))) => {
            let error = error.as_deref().map_or_else(|| "without a word".into(), shown);
            Err(Error::msg(format!("`{name}` failed: {error}")))
        }
        _ => Ok(results),
    }
}

fn read_component(engine: &Engine, file: &Path) -> Result<Component> {
    let shown = file.display();
    let bytes = fs::read(file).with_context(|| shown.to_string())?;
    if !bytes.starts_with(b"\0asm") {
        return Err(Error::msg(format!("{shown} is no WebAssembly, let alone a component")));
    }
    Component::new(engine, bytes).with_context(|| format!("{shown} is no component"))
}

/// What the component gets: each secret for every use but leaving, and for that only if allowed.
fn secrets(args: &Args) -> Result<SecretCtx> {
    let mut uses = Uses::MAC | Uses::AEAD | Uses::KDF | Uses::SIGN;
    uses.set(Uses::REVEAL, args.reveal);
    let mut ctx = SecretCtxBuilder::new()
        .component(args.component.display().to_string())
        .audit(|event| eprintln!("{event}"));
    let mut named = Named::new();
    for (name, file) in &args.secrets {
        let secret =
            read_secret(file).with_context(|| format!("--secret {name}={}", file.display()))?;
        named = named.with(name.as_str(), secret);
        ctx = ctx.grant(name.as_str(), uses);
    }
    Ok(ctx.provider(named).build())
}

fn read_secret(file: &Path) -> Result<Secret> {
    load(File::open(file)?, Builder::default()).map_err(|error| Error::msg(error.to_string()))
}

fn link(linker: &mut Linker<State>, reveal: bool) -> Result<()> {
    // What applications in JavaScript and Python import, whether they use it or not.
    wasmtime_wasi::p2::add_to_linker_sync(linker)?;
    if reveal {
        wasmcloud::add_to_linker(linker)?;
        return wasmtime_strongroom::add_to_linker(linker);
    }
    wasmcloud::store::add_to_linker(linker)?;
    wasmtime_strongroom::types::add_to_linker(linker)?;
    wasmtime_strongroom::create::add_to_linker(linker)?;
    wasmtime_strongroom::mac::add_to_linker(linker)?;
    wasmtime_strongroom::aead::add_to_linker(linker)?;
    wasmtime_strongroom::kdf::add_to_linker(linker)?;
    wasmtime_strongroom::sign::add_to_linker(linker)?;
    wasmtime_strongroom::wrap::add_to_linker(linker)?;
    wasmtime_strongroom::store::add_to_linker(linker)
}

/// Why a component can't be instantiated, as far as this host knows.
fn why_not(component: &Component, reveal: bool) -> String {
    let ty = component.component_type();
    let mut imports = ty.imports(component.engine()).map(|(name, _)| name);
    match imports.find(|name| !reveal && name.contains(":secret") && name.contains("/reveal@")) {
        Some(name) => format!("the component imports {name}, to read secrets; --reveal lets it"),
        None => "the component can't be instantiated".into(),
    }
}

fn no_function(name: &str, component: &Component) -> Error {
    let ty = component.component_type();
    let exports = ty.exports(component.engine());
    let functions =
        exports.filter(|(_, export)| matches!(export.ty, ComponentItem::ComponentFunc(_)));
    let functions: Vec<_> = functions.map(|(name, _)| name).collect();
    Error::msg(format!(
        "the component exports no function `{name}`; --call takes one of those that it does: {}",
        functions.join(", ")
    ))
}

/// A value for people: text as it is, bytes in hexadecimal, others as Rust shows them.
fn shown(value: &Val) -> String {
    match value {
        Val::String(text) => text.clone(),
        Val::List(items) => match items.iter().map(hex).collect() {
            Some(digits) => digits,
            None => format!("{value:?}"),
        },
        Val::Result(Ok(Some(value))) | Val::Option(Some(value)) => shown(value),
        Val::Variant(case, None) | Val::Enum(case) => case.clone(),
        Val::Variant(case, Some(value)) => format!("{case} {}", shown(value)),
        other => format!("{other:?}"),
    }
}

/// The digits of a byte, if it is one.
fn hex(value: &Val) -> Option<String> {
    let Val::U8(byte) = value else { return None };
    Some(format!("{byte:02x}"))
}
