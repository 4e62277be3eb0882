//! A component that passes on whatever the test calls: each of its functions is one of
//! `strongroom:secret`, with the guest's number of a handle where there is a handle.

use std::fmt::Write as _;
use std::path::Path;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use strongroom_building::encode;
use wasmtime::component::{
    Component, ComponentNamedList, Instance, Lift, Linker, Lower, ResourceTable,
};
use wasmtime::{Engine, Store};
use wasmtime_strongroom::{SecretCtx, SecretCtxView, SecretView};
use wit_parser::abi::{AbiVariant, WasmSignature, WasmType};
use wit_parser::{Function as WitFunction, InterfaceId, Resolve, Result_, Type, TypeDefKind};

/// A function of the relay: one of `strongroom:secret`, as `wit/` has it.
pub struct Function {
    pub interface: String,
    /// Its name there.
    pub import: String,
    /// Its name here.
    pub export: String,
    /// Its type here: the number of a handle for a handle, that of a case for a case, and the fields of
    /// a record one by one. The names of handles end with `-handle`.
    ty: String,
    core: WasmSignature,
}

/// All of them.
pub fn functions() -> &'static [Function] {
    static FUNCTIONS: OnceLock<Vec<Function>> = OnceLock::new();
    FUNCTIONS.get_or_init(|| {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_path(Path::new("../wit")).unwrap();
        let interfaces = &resolve.packages[package].interfaces;
        let functions = |(interface, &id): (&String, &InterfaceId)| {
            let functions = resolve.interfaces[id].functions.iter();
            let of = |(import, function): (&String, &WitFunction)| Function {
                interface: interface.clone(),
                import: import.clone(),
                export: import.rsplit('.').next().unwrap().into(),
                ty: ty(&resolve, function),
                core: resolve.wasm_signature(AbiVariant::GuestImport, function),
            };
            functions.map(of).collect::<Vec<_>>()
        };
        interfaces.iter().flat_map(functions).collect()
    })
}

/// The type that a function has in the relay.
fn ty(resolve: &Resolve, function: &WitFunction) -> String {
    let mut params = Vec::new();
    for param in &function.params {
        flatten(resolve, &param.name, param.ty, &mut params);
    }
    let result = function.result.map_or("_".into(), |ty| result(resolve, ty));
    format!("func({}) -> {result}", params.join(", "))
}

/// What the relay has for a parameter.
fn flatten(resolve: &Resolve, name: &str, ty: Type, params: &mut Vec<String>) {
    if let Type::Id(id) = ty {
        match &resolve.types[id].kind {
            TypeDefKind::Type(alias) => return flatten(resolve, name, *alias, params),
            TypeDefKind::Handle(_) => return params.push(format!("{name}-handle: u32")),
            TypeDefKind::Enum(_) | TypeDefKind::Flags(_) => {
                return params.push(format!("{name}: u32"));
            }
            TypeDefKind::Record(record) => {
                for field in &record.fields {
                    flatten(resolve, &format!("{name}-{}", field.name), field.ty, params);
                }
                return;
            }
            _ => {}
        }
    }
    params.push(format!("{name}: {}", result(resolve, ty)));
}

/// What the relay has for a result.
fn result(resolve: &Resolve, ty: Type) -> String {
    let id = match ty {
        Type::Bool => return "bool".into(),
        Type::U8 => return "u8".into(),
        Type::U32 => return "u32".into(),
        Type::U64 => return "u64".into(),
        Type::String => return "string".into(),
        Type::Id(id) => id,
        other => panic!("no function has had such a type: {other:?}"),
    };
    let part = |ty: Option<Type>| ty.map_or("_".into(), |ty| result(resolve, ty));
    let definition = &resolve.types[id];
    match &definition.kind {
        TypeDefKind::Type(alias) => result(resolve, *alias),
        TypeDefKind::Handle(_) => "u32".into(),
        TypeDefKind::Enum(_) | TypeDefKind::Variant(_) => definition.name.clone().unwrap(),
        TypeDefKind::List(ty) => format!("list<{}>", result(resolve, *ty)),
        TypeDefKind::Option(ty) => format!("option<{}>", result(resolve, *ty)),
        TypeDefKind::Result(Result_ { ok, err }) => {
            format!("result<{}, {}>", part(*ok), part(*err))
        }
        other => panic!("no function has had such a type: {other:?}"),
    }
}

/// A relay that imports the interfaces, and `types`.
fn relay(interfaces: &[&str]) -> Vec<u8> {
    let imported = |name: &str| name == "types" || interfaces.contains(&name);
    let (mut world, mut imports, mut functions) = (String::new(), String::new(), String::new());
    for interface in ["types"].iter().chain(interfaces) {
        writeln!(world, "import strongroom:secret/{interface}@0.1.0;").unwrap();
    }
    for function in self::functions().iter().filter(|function| imported(&function.interface)) {
        let Function { interface, import, export, ty, core } = function;
        writeln!(world, "export {export}: {ty};").unwrap();
        // All of them are 32 bits wide, but for lengths.
        let mut params: Vec<_> = core
            .params
            .iter()
            .map(|param| if *param == WasmType::I64 { "i64" } else { "i32" })
            .collect();
        let result = if core.retptr { "" } else { "(result i32)" };
        writeln!(
            imports,
            r#"(import "strongroom:secret/{interface}@0.1.0" "{import}"
                (func ${export} (param {}) {result}))"#,
            params.join(" ")
        )
        .unwrap();
        if core.retptr {
            params.pop();
        }
        let params_here = params.join(" ");
        writeln!(functions, r#"(func (export "{export}") (param {params_here}) (result i32)"#)
            .unwrap();
        for i in 0..params.len() {
            writeln!(functions, "local.get {i}").unwrap();
        }
        let returned = if core.retptr { "i32.const 16" } else { "" };
        writeln!(functions, "{returned} call ${export} {returned})").unwrap();
    }
    let module = format!(
        r#"(module
        {imports}
        (import "strongroom:secret/types@0.1.0" "[resource-drop]secret" (func $drop (param i32)))
        (memory (export "memory") 1)
        (data (i32.const 1024) "not a secret, but in the memory from the start")
        (global $next (mut i32) (i32.const 4096))
        {functions}
        (func (export "release") (param i32) local.get 0 call $drop)
        ;; All of the memory, as a list.
        (func (export "memory-bytes") (result i32)
            (i32.store (i32.const 16) (i32.const 0))
            (i32.store (i32.const 20) (i32.shl (memory.size) (i32.const 16)))
            i32.const 16)
        ;; Never takes anything back.
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $start i32)
            (local.set $start (i32.and
                (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1)))
                (i32.sub (i32.const 0) (local.get 2))))
            (global.set $next (i32.add (local.get $start) (local.get 3)))
            (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16)))
                (then (if (i32.eq (i32.const -1) (memory.grow (i32.add (i32.const 1)
                        (i32.shr_u (local.get 3) (i32.const 16)))))
                    (then unreachable))))
            local.get $start))"#
    );
    let wit = format!(
        "package test:relay;
        world relay {{
            use strongroom:secret/types@0.1.0.{{error, close-outcome}};
            {world}
            export release: func(s: u32);
            export memory-bytes: func() -> list<u8>;
        }}"
    );
    encode(&module, &[&wit])
}

/// Everything but `reveal`: what the world `opaque` has.
pub const OPAQUE: &[&str] = &["create", "mac", "aead", "kdf", "sign", "wrap", "store"];
/// Everything.
pub const FULL: &[&str] = &["create", "mac", "aead", "kdf", "sign", "wrap", "store", "reveal"];

/// The data of a store.
pub struct State {
    secrets: SecretCtx,
    table: ResourceTable,
}

impl State {
    pub fn new(secrets: SecretCtx) -> Self {
        Self { secrets, table: ResourceTable::new() }
    }
}

impl SecretView for State {
    fn secrets(&mut self) -> SecretCtxView<'_> {
        SecretCtxView { ctx: &mut self.secrets, table: &mut self.table }
    }
}

pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(Engine::default)
}

/// A relay of these interfaces, compiled.
pub fn component(engine: &Engine, interfaces: &[&str]) -> Component {
    Component::new(engine, relay(interfaces)).unwrap()
}

/// A relay that runs.
pub struct App {
    pub store: Store<State>,
    pub instance: Instance,
}

impl App {
    /// A relay of everything, all of it linked.
    pub fn new(secrets: SecretCtx) -> Self {
        static COMPONENT: OnceLock<Component> = OnceLock::new();
        let component = COMPONENT.get_or_init(|| component(engine(), FULL));
        let mut linker = Linker::new(engine());
        wasmtime_strongroom::add_to_linker(&mut linker).unwrap();
        Self::instantiate(component, &linker, secrets).unwrap()
    }

    pub fn instantiate(
        component: &Component,
        linker: &Linker<State>,
        secrets: SecretCtx,
    ) -> wasmtime::Result<Self> {
        let mut store = Store::new(linker.engine(), State::new(secrets));
        let instance = linker.instantiate(&mut store, component)?;
        Ok(Self { store, instance })
    }

    /// Calls a function of the relay; a trap is a panic.
    pub fn call<P, R>(&mut self, name: &str, params: P) -> R
    where
        P: ComponentNamedList + Lower,
        R: Lift + 'static,
        (R,): ComponentNamedList + Lift,
    {
        let function = self.instance.get_typed_func::<P, (R,)>(&mut self.store, name).unwrap();
        function.call(&mut self.store, params).unwrap().0
    }

    /// Drops a handle.
    pub fn release(&mut self, handle: u32) {
        let release = self.instance.get_typed_func::<(u32,), ()>(&mut self.store, "release");
        release.unwrap().call(&mut self.store, (handle,)).unwrap();
    }

    /// All that the guest has in its memory.
    pub fn memory(&mut self) -> Vec<u8> {
        self.call("memory-bytes", ())
    }
}

/// The outcome of a future, and how often it had to be asked.
pub fn wait<F: Future>(future: F) -> (F::Output, u32) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut asked = 0;
    loop {
        asked += 1;
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, asked);
        }
    }
}
