//! `palompy models` and `palompy reindex` from the command line.

use crate::program::folder;
use crate::program::output_of;
use crate::program::run;
use crate::program::stderr_of;

#[test]
fn a_model_that_cannot_be_downloaded_is_told_with_what_to_do() {
    let folder = folder();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let arguments = ["models", "pull", "multilingual-e5-small", "--from", &nobody];
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    let message = stderr_of(&output);
    for part in [
        "Could not reach 127.0.0.1",
        "--from URL",
        "data/models/multilingual-e5-small",
        "onnx/model.onnx",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("Licence: MIT"), "{printed}");
    assert!(output_of(folder.path(), &["models", "list"]).contains("builtin\tfor new shops"));
    output_of(folder.path(), &["models", "verify"]);
    for arguments in [&["models", "use", "builtin"][..], &["reindex"]] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "no shop and not all: {output:?}");
    }
}

#[test]
fn a_shop_changes_its_model_by_command() {
    let folder = folder();
    let data = r#"{"faq": [{"id": "f", "question": "Сколько стоит доставка?", "answer": "300 рублей."}]}"#;
    std::fs::write(folder.path().join("shop.json"), data).unwrap();
    output_of(folder.path(), &["admin", "shop", "create", "Лавка"]);
    output_of(folder.path(), &["import", "--shop", "1", "shop.json"]);
    let changed = output_of(folder.path(), &["models", "use", "builtin", "--all"]);
    assert!(
        changed.contains("Shop 1: answers with builtin now; 0 documents"),
        "{changed}"
    );
    let output = run(folder.path(), &["models", "use", "not-installed", "--shop", "1"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr_of(&output).contains("palompy models pull"), "{output:?}");
    let again = output_of(folder.path(), &["reindex", "--shop", "1"]);
    assert!(again.contains("Shop 1"), "{again}");
}
