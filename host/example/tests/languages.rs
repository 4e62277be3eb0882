//! Applications in JavaScript and Python, made by componentize-js and componentize-py, whose tools
//! `cargo xtask test --only composed-languages` installs. Each runs as it is, with the example host's
//! secrets, and composed with `strongroom.component.wasm`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use strongroom::Secret;
use strongroom_building::{plugged, provider, root};

/// Runs a command to its end, which has to be a good one, and gives what it wrote to both streams.
#[track_caller]
fn run(command: &mut Command) -> (String, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{command:?}: {}\n{stdout}{stderr}", output.status);
    (stdout, stderr)
}

/// The applications' folder, with their sources and what their tools need.
fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("languages")
}

/// A folder for one language, in which `wit/` is what an application's is.
fn folder(language: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(language);
    let copied = folder.join("wit/deps/strongroom");
    fs::create_dir_all(&copied).unwrap();
    fs::copy(sources().join("world.wit"), folder.join("wit/world.wit")).unwrap();
    for file in fs::read_dir(root().join("wit")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copied.join(file.file_name())).unwrap();
    }
    folder
}

/// Runs a component in the example host, and gives what its `run` has returned, and what was told.
fn hosted(component: &Path) -> (String, String) {
    run(Command::new(env!("CARGO_BIN_EXE_example-host")).arg(component))
}

/// The tag that the applications return, in hexadecimal, on a line.
fn tag() -> String {
    let key = Secret::new(&mut b"a key of the application's own".to_owned()).unwrap();
    let tag = key.hmac_sha256(b"a message").unwrap();
    tag.iter().map(|byte| format!("{byte:02x}")).chain(["\n".into()]).collect()
}

/// Asserts that an application works, wherever its secrets are kept, and that they are where they
/// should be: the host tells of those that it keeps.
fn works(application: &Path) {
    let (returned, told) = hosted(application);
    assert_eq!(returned, tag());
    for use_of in ["create.from-bytes", "mac.hmac-sha256", "aead.open", "types.secret.close"] {
        assert!(told.contains(use_of), "no {use_of} in the host:\n{told}");
    }

    let composed =
        plugged(&fs::read(application).unwrap(), &provider()).expect("the provider fits");
    let file = application.with_extension("composed.wasm");
    fs::write(&file, composed).unwrap();
    assert_eq!(hosted(&file), (tag(), String::new()), "the host has no part in it");
}

#[test]
fn an_application_in_javascript_works_hosted_and_composed() {
    let folder = folder("javascript");
    let tool = sources().join("node_modules/@bytecodealliance/componentize-js/src/cli.js");
    let mut componentize = Command::new("node");
    componentize.arg(tool).arg(sources().join("application.js")).current_dir(&folder);
    // Without these, it would import wasi:http, which the example host doesn't serve.
    componentize.args(["--disable", "http", "fetch-event"]);
    run(componentize.args(["--wit=wit", "--world-name=application", "--out=application.wasm"]));
    works(&folder.join("application.wasm"));
}

#[test]
fn an_application_in_python_works_hosted_and_composed() {
    let folder = folder("python");
    let tool = env::var_os("STRONGROOM_COMPONENTIZE_PY").expect("xtask says where it is");
    let mut componentize = Command::new(tool);
    componentize.args(["--wit-path=wit", "--world=application", "componentize", "application"]);
    // Python compiles what it imports, and leaves that beside the source.
    fs::copy(sources().join("application.py"), folder.join("application.py")).unwrap();
    componentize.args(["--python-path=.", "--output=application.wasm"]);
    run(componentize.current_dir(&folder));
    works(&folder.join("application.wasm"));
}
