//! Who may name whom, and the other rules of the house that a machine can hold. To add an edge, edit a table here and say
//! why in the commit.

mod planted;
mod source_text;

use source_text::code_of;
use source_text::line_of;
use source_text::word_at;
use source_text::word_offsets;
use std::fs;
use std::path::Path;

type Names = &'static [&'static str];

const TIER_0: Names = &["domain", "text", "metrics"];
const TIER_1: Names = &["i18n"];
const TIER_2: Names = &["store", "embed", "llm", "notify", "net"];
const TIER_3: Names = &["jobs", "retrieval", "http"];
const FEATURES: Names = &[
    "knowledge",
    "chat",
    "surveys",
    "analytics",
    "leads",
    "handoff",
    "quality",
    "employee",
    "admin",
    "shops",
];
const EDGE: Names = &["cli", "main"];

/// Modules of the crate, and what each may name besides itself. A change below then never reaches further than the rows
/// that list it, and a feature can be changed or removed without reading another.
const MAY_NAME: &[(Names, &[Names])] = &[
    (TIER_0, &[TIER_0]),
    (TIER_1, &[TIER_0]),
    // Both ask addresses that owners name, past the same guard.
    (&["notify"], &[TIER_0, &["net"]]),
    (&["store", "embed", "llm", "net"], &[TIER_0]),
    (&["jobs"], &[TIER_0, &["store"]]),
    (&["retrieval"], &[TIER_0, &["store", "embed"]]),
    (&["http"], &[TIER_0, TIER_1, TIER_2]),
    (FEATURES, &[TIER_0, TIER_1, TIER_2, TIER_3]),
    (&["config"], &[&["domain"]]),
    (&["app"], &[TIER_0, TIER_1, TIER_2, TIER_3, FEATURES, &["config"]]),
    // It prints, so that it needs the sentences; and it compares runs from files, for which no shop is needed.
    (&["cli"], &[&["domain", "config", "app", "metrics"], TIER_1]),
    (&["main"], &[&["domain", "config", "app", "cli"]]),
    // The crate's root only declares the modules.
    (&["lib"], &[]),
];

/// Outside crates that only some modules may name, so that each can be replaced in one place.
const FENCES: &[(Names, &[Names])] = &[
    // Another database must fit behind the same methods.
    (&["rusqlite", "rusqlite_migration"], &[&["store"]]),
    // A model's runtime changes with the model.
    (&["fastembed", "ort", "tokenizers"], &[&["embed"]]),
    // The upstream protocol is one of two generators.
    (&["async_openai"], &[&["llm"]]),
    // HTTP, jobs and the command line call the same methods, so these know nothing of requests.
    (&["axum", "tower_http", "utoipa_axum"], &[&["http", "app"], FEATURES]),
    // async-openai takes another way of sending only as a tower service.
    (&["tower"], &[&["http", "app", "llm"], FEATURES]),
    (&["clap"], &[&["config"], EDGE]),
];

const MAX_LINES: usize = 400;
const MEASURED_FOLDERS: Names = &["build", "src", "tests", "static", "templates", "benches"];
const MEASURED_EXTENSIONS: Names = &["rs", "js", "mjs", "html", "css"];
/// Files that nobody reads from top to bottom, or that others wrote.
const UNMEASURED_FOLDERS: Names = &["fixtures", "vendor", "node_modules"];

/// A file of the repository: its path from the root, with `/`, and its text.
type SourceFile = (String, String);

#[test]
fn the_code_keeps_to_its_architecture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in MEASURED_FOLDERS {
        collect(root, folder, &mut files);
    }
    assert!(files.iter().any(|(path, _)| path == "src/main.rs"));
    let violations = violations(&files);
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

fn violations(files: &[SourceFile]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        check_length(path, text, &mut found);
        if !path.ends_with(".rs") {
            continue;
        }
        let code = code_of(text);
        let mut broken = Vec::new();
        check_use(&code, &mut broken);
        if let Some(module) = module_of(path) {
            check_names(path, module, &code, &mut broken);
            check_fences(module, &code, &mut broken);
            check_environment(module, &code, text, &mut broken);
            check_printing(module, &code, &mut broken);
        }
        broken.sort();
        broken.dedup();
        found.extend(
            broken
                .into_iter()
                .map(|(offset, rule)| format!("{path}:{}: {rule}", line_of(text, offset))),
        );
    }
    found
}

/// A broken rule and the offset of what breaks it.
type Broken = (usize, String);

fn check_length(path: &str, text: &str, found: &mut Vec<String>) {
    let is_unmeasured = path.split('/').any(|part| UNMEASURED_FOLDERS.contains(&part));
    let extension = path.rsplit('.').next().unwrap_or_default();
    let lines = text.lines().count();
    if !is_unmeasured && MEASURED_EXTENSIONS.contains(&extension) && lines > MAX_LINES {
        found.push(format!(
            "{path}: {lines} lines; at most {MAX_LINES} can be read in one sitting"
        ));
    }
}

/// One path per line makes an import easy to find, to merge and to check here.
fn check_use(code: &str, broken: &mut Vec<Broken>) {
    for at in word_offsets(code, "use") {
        let statement = code[at..].split(';').next().unwrap_or_default();
        // `use<'a>` in a return type is no import.
        if !statement["use".len()..].trim_start().starts_with('<') && statement.contains('{') {
            broken.push((at, "one path per use, without braces".to_owned()));
        }
    }
    for at in word_offsets(code, "super") {
        if path_after(code, at, "super").is_some_and(|next| next == "super") {
            broken.push((at, "no super::super; name the path from the crate".to_owned()));
        }
    }
}

fn check_names(path: &str, module: &str, code: &str, broken: &mut Vec<Broken>) {
    let Some((_, allowed)) = MAY_NAME.iter().find(|(modules, _)| modules.contains(&module)) else {
        broken.push((
            0,
            format!("the module {module} is not in the table of tests/it/architecture.rs"),
        ));
        return;
    };
    let is_top = path.split('/').count() == 2 || path.ends_with("/mod.rs") && path.split('/').count() == 3;
    for root in ["crate", "palompy", "super"] {
        for at in word_offsets(code, root) {
            // From a module at the top, outside its inner modules, `super` is the crate.
            if root == "super" && !(is_top && is_outside_braces(code, at)) {
                continue;
            }
            let Some(name) = path_after(code, at, root) else {
                continue;
            };
            let is_module = MAY_NAME.iter().any(|(modules, _)| modules.contains(&name));
            if is_module && name != module && !allowed.iter().any(|names| names.contains(&name)) {
                broken.push((at, format!("{module} may not name {name}")));
            }
        }
    }
}

fn check_fences(module: &str, code: &str, broken: &mut Vec<Broken>) {
    for (crates, allowed) in FENCES {
        if allowed.iter().any(|names| names.contains(&module)) {
            continue;
        }
        for name in *crates {
            for at in word_offsets(code, name) {
                let before = code[..at].trim_end();
                let is_inner = before
                    .strip_suffix("::")
                    .is_some_and(|path| path.ends_with(|c: char| c.is_alphanumeric()));
                let is_imported = before.ends_with("use") || before.ends_with("crate");
                if !is_inner && (is_imported || path_after(code, at, name).is_some()) {
                    broken.push((at, format!("{name} is not for {module}")));
                }
            }
        }
    }
}

/// What the environment says has one table, one precedence and one place that redacts it. What Cargo and the
/// build say is a constant.
fn check_environment(module: &str, code: &str, text: &str, broken: &mut Vec<Broken>) {
    if module == "config" {
        return;
    }
    let mut found = Vec::new();
    for at in word_offsets(code, "env") {
        let is_read = path_after(code, at, "env").is_some_and(|name| {
            name.starts_with("var") || name == "set_var" || name == "remove_var" || name.is_empty()
        });
        if is_read {
            found.push(at);
        }
    }
    for name in ["env", "option_env"] {
        for at in word_offsets(code, name) {
            let after = text[at + name.len()..].trim_start();
            let is_built_in = after
                .split_once('"')
                .is_some_and(|(_, variable)| variable.starts_with("CARGO_") || variable.starts_with("WIDGET_"));
            if after.starts_with('!') && !is_built_in {
                found.push(at);
            }
        }
    }
    broken.extend(
        found
            .into_iter()
            .map(|at| (at, "only config reads the environment".to_owned())),
    );
}

/// Standard output belongs to commands; everything else logs or returns.
fn check_printing(module: &str, code: &str, broken: &mut Vec<Broken>) {
    if EDGE.contains(&module) {
        return;
    }
    for name in ["print", "println", "eprint", "eprintln", "dbg"] {
        for at in word_offsets(code, name) {
            if code[at + name.len()..].trim_start().starts_with('!') {
                broken.push((at, format!("only {} print", EDGE.join(" and "))));
            }
        }
    }
}

/// What follows `name::` at `at`: a word, or "" for `{` and `*`. Nothing if no `::` follows.
fn path_after<'a>(code: &'a str, at: usize, name: &str) -> Option<&'a str> {
    let rest = &code[at + name.len()..];
    let path = rest.trim_start().strip_prefix("::")?;
    Some(word_at(path, 0))
}

fn is_outside_braces(code: &str, at: usize) -> bool {
    code[..at].matches('{').count() == code[..at].matches('}').count()
}

/// The module at the top of the crate that a file belongs to; nothing for files that are no part of the crate.
fn module_of(path: &str) -> Option<&str> {
    let inner = path.strip_prefix("src/")?;
    inner.split('/').next().map(|name| name.trim_end_matches(".rs"))
}

fn collect(root: &Path, folder: &str, files: &mut Vec<SourceFile>) {
    let Ok(entries) = fs::read_dir(root.join(folder)) else {
        return;
    };
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in names {
        let path = format!("{folder}/{name}");
        if root.join(&path).is_dir() {
            if !UNMEASURED_FOLDERS.contains(&name.as_str()) {
                collect(root, &path, files);
            }
        } else if MEASURED_EXTENSIONS
            .iter()
            .any(|extension| name.ends_with(&format!(".{extension}")))
        {
            let text = fs::read_to_string(root.join(&path)).unwrap();
            files.push((path, text));
        }
    }
}
