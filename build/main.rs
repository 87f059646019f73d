//! Makes what browsers get out of the readable sources in `static/widget`: the launcher, the panel and one file for each part
//! that loads later, all minified and compressed into `OUT_DIR/widget`.

mod bundle;
mod module;
mod names;

use anyhow::Context;
use anyhow::Result;
use sha2::Digest;
use sha2::Sha256;
use std::env;
use std::fs;
use std::path::Path;

const SOURCES: &str = "static/widget";
/// Each has its own build of all parts but the launcher, in a folder of this name: a visitor loads the words of one.
const LANGUAGES: [&str; 2] = ["ru", "en"];
/// What TypeScript must know of the widget; it goes out as it is.
const TYPES: &str = "widget.d.ts";
/// What the launcher says in place of the folder that holds the other files.
const FOLDER_MARK: &str = "__ASSETS__";

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed={SOURCES}");
    println!("cargo::rerun-if-changed=build");
    let out = env::var_os("OUT_DIR").context("cargo has not set OUT_DIR")?;
    let out = Path::new(&out).join("widget");
    // Files of an earlier build would be served beside the new ones.
    if out.exists() {
        fs::remove_dir_all(&out).context("could not empty the folder of the widget's files")?;
    }
    fs::create_dir_all(&out).context("could not make the folder of the widget's files")?;

    let mut all = Sha256::new();
    for language in LANGUAGES {
        fs::create_dir(out.join(language)).with_context(|| format!("could not make the folder {language}"))?;
        let sources = bundle::read_sources(Path::new(SOURCES), Some(language))?;
        for (name, text) in bundle::parts(&sources)? {
            let path = format!("{language}/{name}");
            all.update(path.as_bytes());
            all.update(text.as_bytes());
            write(&out, &path, &text)?;
        }
    }
    let version: String = all
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let sources = bundle::read_sources(Path::new(SOURCES), None)?;
    let launcher = bundle::launcher(&sources)?.replace(FOLDER_MARK, &version);
    write(&out, bundle::LAUNCHER, &launcher)?;
    let types =
        fs::read_to_string(Path::new(SOURCES).join(TYPES)).with_context(|| format!("could not read {TYPES}"))?;
    write(&out, TYPES, &types)?;
    println!("cargo::rustc-env=WIDGET_VERSION={version}");
    Ok(())
}

/// The file as it is, and the same compressed as well as it can be.
fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let mut compressed = Vec::new();
    let options = zopfli::Options::default();
    zopfli::compress(options, zopfli::Format::Gzip, text.as_bytes(), &mut compressed)?;
    fs::write(folder.join(name), text).with_context(|| format!("could not write {name}"))?;
    fs::write(folder.join(format!("{name}.gz")), compressed).with_context(|| format!("could not write {name}.gz"))
}
