//! Which models can be had: fastembed's own list, with what `models/catalog.toml` knows besides.

use fastembed::EmbeddingModel;
use fastembed::Pooling;
use fastembed::QuantizationMode;
use fastembed::TextEmbedding;
use fastembed::TextRerank;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Embedding,
    Reranking,
}

/// A model that can be downloaded.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogModel {
    /// Its folder's name: the last part of its repository's, with `-q` or `-q4` when the repository holds several forms.
    pub name: String,
    pub purpose: Purpose,
    /// The repository on the hub, `owner/name`.
    pub repository: String,
    /// The ONNX file in the repository; it becomes `model.onnx`.
    pub model_file: String,
    /// Files that belong to it.
    pub additional_files: Vec<String>,
    /// `None` for rerankers.
    pub dimensions: Option<usize>,
    /// In English.
    pub description: String,
    /// `palompy-model.toml` for its folder.
    pub manifest: String,
    pub facts: Facts,
}

/// What is known of a model beyond its files; empty for most.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    pub licence: Option<String>,
    pub languages: Option<String>,
    pub query_prefix: String,
    pub passage_prefix: String,
    /// Millions of bytes, rounded.
    pub download_mb: Option<u64>,
    /// The memory of a machine that it is recommended for.
    pub recommended_for_gb: Option<u64>,
}

/// A file that is part of the program and that a test reads; a damaged one would leave the facts unknown.
static FACTS: LazyLock<BTreeMap<String, Facts>> =
    LazyLock::new(|| toml::from_str(include_str!("../../models/catalog.toml")).unwrap_or_default());

/// All of them, by name.
pub fn catalog() -> Vec<CatalogModel> {
    let mut models: Vec<CatalogModel> = TextEmbedding::list_supported_models()
        .into_iter()
        .map(|info| {
            let name = short_name(&info.model_code, &format!("{:?}", info.model));
            let facts = FACTS.get(&name).cloned().unwrap_or_default();
            let output = info.output_key.is_some();
            CatalogModel {
                manifest: manifest(&name, &info.model, &info.additional_files, output, &facts),
                name,
                purpose: Purpose::Embedding,
                repository: info.model_code,
                model_file: info.model_file,
                additional_files: info.additional_files,
                dimensions: Some(info.dim),
                description: info.description,
                facts,
            }
        })
        .collect();
    models.extend(TextRerank::list_supported_models().into_iter().map(|info| {
        let name = short_name(&info.model_code, "");
        let facts = FACTS.get(&name).cloned().unwrap_or_default();
        CatalogModel {
            manifest: String::new(),
            name,
            purpose: Purpose::Reranking,
            repository: info.model_code,
            model_file: info.model_file,
            additional_files: info.additional_files,
            dimensions: None,
            description: info.description,
            facts,
        }
    }));
    models.sort_by(|a, b| a.name.cmp(&b.name));
    models
}

/// The model of this name, or of this repository when that holds one only; letters of either case.
pub fn find_model(name: &str) -> Option<CatalogModel> {
    let mut models = catalog();
    if let Some(index) = models.iter().position(|model| model.name.eq_ignore_ascii_case(name)) {
        return Some(models.swap_remove(index));
    }
    models.retain(|model| model.repository.eq_ignore_ascii_case(name));
    if models.len() == 1 { models.pop() } else { None }
}

fn short_name(repository: &str, variant: &str) -> String {
    let name = repository.rsplit('/').next().unwrap_or(repository);
    let is_marked = name.ends_with("-Q");
    let mark = if variant.ends_with("Q4") {
        "-q4"
    } else if variant.ends_with('Q') && !is_marked {
        "-q"
    } else {
        ""
    };
    format!("{name}{mark}")
}

fn manifest(
    name: &str,
    model: &EmbeddingModel,
    additional_files: &[String],
    has_named_output: bool,
    facts: &Facts,
) -> String {
    let pooling = match TextEmbedding::get_default_pooling_method(model) {
        Some(Pooling::Cls) => "cls",
        _ => "mean",
    };
    let mut lines = vec![
        format!("name = {name:?}"),
        format!("query_prefix = {:?}", facts.query_prefix),
        format!("passage_prefix = {:?}", facts.passage_prefix),
        format!("pooling = {pooling:?}"),
    ];
    if TextEmbedding::get_quantization_mode(model) == QuantizationMode::Dynamic {
        lines.push("batch_size = 1".to_owned());
    }
    if has_named_output {
        lines.push("output = \"sentence_embedding\"".to_owned());
    }
    if !additional_files.is_empty() {
        let names: Vec<&str> = additional_files
            .iter()
            .filter_map(|file| file.rsplit('/').next())
            .collect();
        lines.push(format!("external_files = {names:?}"));
    }
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::FACTS;
    use super::catalog;
    use super::find_model;
    use crate::domain::embedding::is_model_name;
    use crate::embed::manifest::Manifest;

    #[test]
    fn every_model_has_a_name_of_its_own_and_a_manifest_that_reads() {
        let models = catalog();
        let mut names: Vec<_> = models.iter().map(|model| model.name.to_lowercase()).collect();
        names.dedup();
        assert_eq!(names.len(), models.len());
        for model in &models {
            assert!(is_model_name(&model.name), "{}", model.name);
            toml::from_str::<Manifest>(&model.manifest).unwrap();
        }
        assert!(models.len() > 40);
    }

    #[test]
    fn every_fact_is_about_a_model_that_there_is() {
        assert!(FACTS.len() > 5);
        for name in FACTS.keys() {
            assert!(find_model(name).is_some_and(|model| model.name == *name), "{name}");
        }
    }

    #[test]
    fn a_model_is_found_by_its_name_and_by_its_repository() {
        let small = find_model("multilingual-e5-small").unwrap();
        assert_eq!(small.dimensions, Some(384));
        assert!(
            small.manifest.contains("query_prefix = \"query: \""),
            "{}",
            small.manifest
        );
        assert_eq!(find_model("intfloat/multilingual-E5-small"), Some(small));
        assert_eq!(find_model("nomic-ai/nomic-embed-text-v1.5"), None, "two forms");
        assert_eq!(find_model("no-such-model"), None);
    }
}
