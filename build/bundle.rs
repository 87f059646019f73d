//! Which modules travel together. The launcher is one classic script; what it loads are modules that stand alone; each part that
//! those load later is one more, and takes from them what they already have.

use crate::module;
use crate::module::Module;
use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use anyhow::ensure;
use oxc_allocator::Allocator;
use oxc_codegen::Codegen;
use oxc_codegen::CodegenOptions;
use oxc_codegen::CommentOptions;
use oxc_compat::EngineTargets;
use oxc_minifier::CompressOptions;
use oxc_minifier::MangleOptions;
use oxc_minifier::Minifier;
use oxc_minifier::MinifierOptions;
use oxc_parser::Parser;
use oxc_span::SourceType;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

pub const LAUNCHER: &str = "widget.js";
const PANEL: &str = "panel.js";
/// What the launcher loads by itself. Each stands alone: one must not wait for another.
const ROOTS: [&str; 2] = [PANEL, "more.js"];
/// The newest language that every browser with adopted style sheets knows.
const OLDEST: &str = "es2022";

/// A file that the launcher loads, and what it gives to parts that load later.
struct Root {
    entry: &'static str,
    modules: Vec<String>,
    /// Unique names, in the order in which they were first asked for.
    offered: Vec<String>,
}

pub type Sources = BTreeMap<String, Module>;

/// All scripts and style sheets of the folder, by file name, with the words of one language or of all. Declarations of types are
/// not among them.
pub fn read_sources(folder: &Path, language: Option<&str>) -> Result<Sources> {
    let mut sources = Sources::new();
    let files = fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?;
    for file in files {
        let path = file?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .context("a file's name is not text")?;
        let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
        let module = match path.extension().and_then(|extension| extension.to_str()) {
            Some("js") => module::parse(name, &text, language)?,
            Some("css") => module::parse_style(name, &text)?,
            _ => continue,
        };
        sources.insert(name.to_owned(), module);
    }
    Ok(sources)
}

/// The launcher as a classic script: it runs at once and adds no global name of its own.
pub fn launcher(sources: &Sources) -> Result<String> {
    let mut text = String::from("(()=>{\"use strict\";\n");
    for name in closure(sources, LAUNCHER)? {
        text.push_str(&find(sources, &name)?.text);
    }
    text.push_str("})();\n");
    minify(LAUNCHER, &text, SourceType::script())
}

/// Everything but the launcher, by file name: what the launcher loads, and what that loads later.
pub fn parts(sources: &Sources) -> Result<Vec<(String, String)>> {
    let mut roots = Vec::new();
    for entry in ROOTS
        .iter()
        .filter(|name| **name == PANEL || sources.contains_key(**name))
    {
        roots.push(Root {
            entry,
            modules: closure(sources, entry)?,
            offered: Vec::new(),
        });
    }
    let mut parts = Vec::new();
    for name in later(sources, &roots)? {
        let text = part(sources, &name, &mut roots)?;
        parts.push((name, text));
    }
    for root in &roots {
        let mut text = String::new();
        for name in &root.modules {
            text.push_str(&find(sources, name)?.text);
        }
        let shared = root.offered.iter().enumerate();
        let shared = shared.map(|(at, unique)| format!("{unique} as p{at}"));
        writeln!(
            text,
            "export{{{}}};",
            list(exports(find(sources, root.entry)?).chain(shared))
        )?;
        parts.push((root.entry.to_owned(), minify(root.entry, &text, SourceType::mjs())?));
    }
    Ok(parts)
}

/// The parts that `import("./…")` names, wherever it stands.
fn later(sources: &Sources, roots: &[Root]) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<_> = roots.iter().flat_map(|root| root.modules.clone()).collect();
    while let Some(name) = waiting.pop() {
        for part in &find(sources, &name)?.later {
            if !sources.contains_key(part) {
                println!("cargo::warning={name} loads {part} later, and there is no such module");
            } else if found.insert(part.clone()) {
                waiting.extend(closure(sources, part)?);
            }
        }
    }
    Ok(found)
}

/// A part that loads later. Modules that a root has are taken from there, by their place among what it offers.
fn part(sources: &Sources, entry: &str, roots: &mut [Root]) -> Result<String> {
    let mut taken: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut own = String::new();
    for name in closure(sources, entry)? {
        if roots.iter().any(|root| root.modules.contains(&name)) {
            ensure!(name != entry, "{entry} is imported both at once and later");
            continue;
        }
        let module = find(sources, &name)?;
        for import in &module.imports {
            if let Some(root) = roots.iter_mut().find(|root| root.modules.contains(&import.from)) {
                let at = root.place_of(&import.unique);
                let names = taken.entry(root.entry).or_default();
                names.insert(format!("p{at} as {}", import.unique));
            }
        }
        own.push_str(&module.text);
    }
    let mut text = String::new();
    for (root, names) in taken {
        writeln!(text, "import{{{}}}from\"./{root}\";", list(names.into_iter()))?;
    }
    text.push_str(&own);
    writeln!(text, "export{{{}}};", list(exports(find(sources, entry)?)))?;
    minify(entry, &text, SourceType::mjs())
}

impl Root {
    fn place_of(&mut self, unique: &str) -> usize {
        let known = self.offered.iter().position(|offered| offered == unique);
        known.unwrap_or_else(|| {
            self.offered.push(unique.to_owned());
            self.offered.len() - 1
        })
    }
}

/// What a file made of a module offers.
fn exports(module: &Module) -> impl Iterator<Item = String> {
    module
        .exports
        .iter()
        .map(|(name, unique)| format!("{unique} as {name}"))
}

fn list(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(",")
}

/// A module and all that it imports, each after what it needs.
fn closure(sources: &Sources, entry: &str) -> Result<Vec<String>> {
    let mut order = Vec::new();
    visit(sources, entry, &mut Vec::new(), &mut order)?;
    Ok(order)
}

fn visit(sources: &Sources, name: &str, above: &mut Vec<String>, order: &mut Vec<String>) -> Result<()> {
    if order.iter().any(|done| done == name) {
        return Ok(());
    }
    if above.iter().any(|waiting| waiting == name) {
        bail!(
            "modules import each other in a circle: {} -> {name}",
            above.join(" -> ")
        );
    }
    let module = find(sources, name)?;
    above.push(name.to_owned());
    for need in &module.needs {
        visit(sources, need, above, order)?;
    }
    above.pop();
    for import in &module.imports {
        let found = unique_export(sources, &import.from, &import.name)?;
        ensure!(found == import.unique, "{name} and {} disagree on a name", import.from);
    }
    order.push(name.to_owned());
    Ok(())
}

fn find<'a>(sources: &'a Sources, name: &str) -> Result<&'a Module> {
    sources
        .get(name)
        .with_context(|| format!("static/widget/{name} is imported and missing"))
}

fn unique_export(sources: &Sources, module: &str, name: &str) -> Result<String> {
    let export = find(sources, module)?.exports.get(name);
    export
        .cloned()
        .with_context(|| format!("{module} does not export {name}"))
}

fn minify(name: &str, text: &str, kind: SourceType) -> Result<String> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, kind).parse();
    if let Some(problem) = parsed.diagnostics.first() {
        bail!("the modules of {name} do not fit together: {problem}");
    }
    let mut program = parsed.program;
    let options = MinifierOptions {
        mangle: Some(MangleOptions::default()),
        mangle_properties: None,
        compress: Some(CompressOptions {
            target: EngineTargets::from_target(OLDEST).map_err(anyhow::Error::msg)?,
            ..CompressOptions::smallest()
        }),
    };
    let minified = Minifier::new(options).minify(&allocator, &mut program);
    let code = Codegen::new()
        .with_options(CodegenOptions {
            minify: true,
            comments: CommentOptions::disabled(),
            ..CodegenOptions::default()
        })
        .with_scoping(minified.scoping)
        .build(&program);
    Ok(code.code)
}
