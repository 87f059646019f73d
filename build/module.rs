//! One ES module: what it takes from others, what it offers, and its text without either, every top-level name made unique.

use crate::names::whole;
use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use anyhow::ensure;
use oxc_allocator::Allocator;
use oxc_allocator::TakeIn;
use oxc_ast::ast::Declaration;
use oxc_ast::ast::Expression;
use oxc_ast::ast::ObjectPropertyKind;
use oxc_ast::ast::Statement;
use oxc_codegen::Codegen;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use oxc_syntax::module_record::ExportExportName;
use oxc_syntax::module_record::ExportLocalName;
use oxc_syntax::module_record::ImportImportName;
use oxc_syntax::module_record::ModuleRecord;
use std::collections::BTreeMap;

/// What a module calls its words, by language.
const CATALOGS: &str = "CATALOGS";

pub struct Module {
    /// Modules whose code must run before this one's, in the order of the text.
    pub needs: Vec<String>,
    /// Modules that this one loads later, with `import("./…")`.
    pub later: Vec<String>,
    /// What it takes: the module, the name there, and the name that the module itself must have given it.
    pub imports: Vec<Import>,
    /// What it offers: exported name to unique name.
    pub exports: BTreeMap<String, String>,
    pub text: String,
}

#[derive(Clone)]
pub struct Import {
    pub from: String,
    pub name: String,
    /// The unique name by which the text speaks of it; the exporting module must call it the same.
    pub unique: String,
}

/// Reads a script. `file` is its name in the folder. Of its words only those of `language` are left, where one is given.
pub fn parse(file: &str, text: &str, language: Option<&str>) -> Result<Module> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::mjs()).parse();
    if let Some(problem) = parsed.diagnostics.first() {
        bail!("{file} is not JavaScript: {problem}");
    }
    let record = parsed.module_record;
    let mut program = parsed.program;
    let (imports, renamed) = imports(file, &record)?;
    let exports = exports(file, &record)?;

    let mut scoping = SemanticBuilder::new().build(&program).semantic.into_scoping();
    let root = scoping.root_scope_id();
    let symbols: Vec<_> = scoping.iter_bindings_in(root).collect();
    for symbol in symbols {
        let own = scoping.symbol_name(symbol).to_owned();
        let unique = renamed.get(&own).cloned().unwrap_or_else(|| whole(&own, file));
        scoping.set_symbol_name(symbol, unique.as_str().into());
    }
    program.body.retain_mut(|statement| match statement {
        Statement::ImportDeclaration(_) | Statement::ExportNamedDeclaration(_) => false,
        Statement::ExportDeclaration(export) => {
            if let Some(language) = language {
                keep_words(&mut export.declaration, language);
            }
            *statement = Statement::from(export.declaration.take_in(&&allocator));
            true
        }
        _ => true,
    });
    let later = record.dynamic_imports.iter().filter_map(|import| {
        neighbor(text.get(import.module_request.start as usize..import.module_request.end as usize)?)
    });
    Ok(Module {
        needs: needs(&record)?,
        later: later.collect(),
        imports,
        exports,
        text: Codegen::new().with_scoping(Some(scoping)).build(&program).code,
    })
}

/// Takes the words of other languages out of `export const CATALOGS = {…}`; the minifier then drops what nothing names any more.
fn keep_words(declaration: &mut Declaration<'_>, language: &str) {
    let Declaration::VariableDeclaration(variables) = declaration else {
        return;
    };
    for variable in &mut variables.declarations {
        let is_catalogs = variable.id.get_identifier_name().is_some_and(|name| name == CATALOGS);
        if let (true, Some(Expression::ObjectExpression(words))) = (is_catalogs, &mut variable.init) {
            words.properties.retain(|property| match property {
                ObjectPropertyKind::ObjectProperty(property) => property.key.is_specific_static_name(language),
                ObjectPropertyKind::SpreadProperty(_) => true,
            });
        }
    }
}

/// A style sheet as the module that `import sheet from "./x.css" with { type: "css" }` would give.
pub fn parse_style(file: &str, text: &str) -> Result<Module> {
    let style = minifier::css::minify(text).map_err(|problem| anyhow::anyhow!("{file} is not CSS: {problem}"))?;
    let sheet = whole("sheet", file);
    // What the library leaves of spaces and of semicolons that end nothing.
    let style = style
        .to_string()
        .replace(" !important", "!important")
        .replace(";}", "}");
    let text = serde_json::to_string(style.trim())?;
    Ok(Module {
        needs: Vec::new(),
        later: Vec::new(),
        imports: Vec::new(),
        exports: BTreeMap::from([("default".to_owned(), sheet.clone())]),
        text: format!("const {sheet}=new CSSStyleSheet();{sheet}.replaceSync({text});\n"),
    })
}

/// What the module takes, and the unique name of each by the name it has inside.
fn imports(file: &str, record: &ModuleRecord<'_>) -> Result<(Vec<Import>, BTreeMap<String, String>)> {
    let mut imports = Vec::new();
    let mut renamed = BTreeMap::new();
    for entry in &record.import_entries {
        let from = local(entry.module_request.name.as_str())?;
        let name = match &entry.import_name {
            ImportImportName::Name(name) => name.name.as_str(),
            ImportImportName::Default(_) => "default",
            ImportImportName::NamespaceObject => bail!("{file} imports all of {from}; name what it needs"),
        };
        // A style sheet is the only module with a default.
        let unique = whole(if name == "default" { "sheet" } else { name }, &from);
        renamed.insert(entry.local_name.name.to_string(), unique.clone());
        imports.push(Import {
            from,
            name: name.to_owned(),
            unique,
        });
    }
    Ok((imports, renamed))
}

fn exports(file: &str, record: &ModuleRecord<'_>) -> Result<BTreeMap<String, String>> {
    ensure!(
        record.indirect_export_entries.is_empty() && record.star_export_entries.is_empty(),
        "{file} exports what another module made; import it from there"
    );
    let mut exports = BTreeMap::new();
    for entry in &record.local_export_entries {
        let (ExportExportName::Name(name), ExportLocalName::Name(own)) = (&entry.export_name, &entry.local_name) else {
            bail!("{file} has a default export; give it a name");
        };
        ensure!(name.name == own.name, "{file} exports {} under another name", own.name);
        exports.insert(name.name.to_string(), whole(own.name.as_str(), file));
    }
    Ok(exports)
}

fn needs(record: &ModuleRecord<'_>) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (name, requests) in &record.requested_modules {
        for request in requests.iter().filter(|request| request.is_import) {
            found.push((request.statement_span.start, local(name.as_str())?));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

/// The file that a static import names.
fn local(request: &str) -> Result<String> {
    let name = request
        .strip_prefix("./")
        .with_context(|| format!("{request} is not a neighbor: write ./{request}"))?;
    Ok(name.to_owned())
}

/// The file that `import(…)` names, if its argument is plain text, perhaps in brackets behind a comment on its type.
fn neighbor(argument: &str) -> Option<String> {
    let argument = argument
        .rsplit("*/")
        .next()?
        .trim_matches(|c: char| c == '(' || c == ')' || c.is_whitespace());
    let name = argument.strip_prefix("\"./")?.strip_suffix('"')?;
    Some(name.to_owned())
}
