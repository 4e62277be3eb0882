//! The check of the format sees what rustfmt doesn't find by itself.

use std::fs;
use std::process::Command;

use xtask::sources::format;

#[test]
fn a_module_declared_in_a_macro_is_formatted_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let [root, hidden, built] =
        ["lib.rs", "hidden.rs", "target/built.rs"].map(|f| folder.path().join(f));
    fs::create_dir(folder.path().join("target")).unwrap();
    fs::write(&root, "cfg_select! {\n    _ => { mod hidden; }\n}\n").unwrap();
    let untidy = "fn  f( ) {}\n";
    fs::write(&hidden, untidy).unwrap();
    fs::write(&built, untidy).unwrap();

    let alone = Command::new("rustfmt").arg("--check").arg(&root).status().unwrap();
    assert!(alone.success(), "the control: from the root, rustfmt doesn't find the module");

    assert!(format(folder.path(), true).is_err());
    assert_eq!(fs::read_to_string(&hidden).unwrap(), untidy, "a check changes nothing");
    format(folder.path(), false).unwrap();
    assert_eq!(fs::read_to_string(&hidden).unwrap(), "fn f() {}\n");
    format(folder.path(), true).unwrap();
    assert_eq!(fs::read_to_string(&built).unwrap(), untidy, "what is built is nobody's to format");
}
