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

    let sources = bundle::read_sources(Path::new(SOURCES))?;
    let parts = bundle::parts(&sources)?;
    let mut all = Sha256::new();
    for (name, text) in &parts {
        all.update(name.as_bytes());
        all.update(text.as_bytes());
        write(&out, name, text)?;
    }
    let version: String = all
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
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
