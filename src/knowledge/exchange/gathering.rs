//! The files of one exchange in one archive, which is what an import reads: a catalogue and its offers belong together.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::knowledge::exchange::name::Kind;
use crate::knowledge::exchange::name::base_name;
use crate::knowledge::exchange::name::kind_of;
use crate::knowledge::exchange::session::SentFile;
use crate::knowledge::exchange::session::Session;
use crate::knowledge::feed::Refused;
use crate::knowledge::parsing::Limits;
use anyhow::Context;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use zip::CompressionMethod;
use zip::ZipArchive;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Deflate is made for speed here: the archive is read twice and goes.
const COMPRESSION_LEVEL: i64 = 1;

/// Where an XML file of the exchange is.
enum Place {
    File(PathBuf),
    /// In an archive that was sent, by its number there.
    Archive(PathBuf, usize),
}

/// Writes the XML files among these into an archive, and returns their names and those of the archives that they were in. Of files
/// of one name the one that came last counts. Nothing is unpacked to the disk.
pub fn gather(session: &Session, files: &[SentFile], into: File) -> anyhow::Result<Vec<String>> {
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    let mut names = Vec::new();
    for file in files {
        let path = session.path(file);
        names.push(file.name.clone());
        match kind_of(&file.name) {
            Kind::Xml => drop(places.insert(file.name.clone(), Place::File(path))),
            Kind::Archive => {
                for (name, index) in xml_names(file, &path)? {
                    names.push(name.clone());
                    places.insert(name, Place::Archive(path.clone(), index));
                }
            }
            Kind::Other => {}
        }
    }
    let mut archive = ZipWriter::new(into);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(COMPRESSION_LEVEL))
        .large_file(true);
    for (name, place) in places {
        match place {
            Place::File(path) => {
                archive.start_file(name, options).context("could not gather files")?;
                let mut file = File::open(&path).with_context(|| format!("could not read {}", path.display()))?;
                std::io::copy(&mut file, &mut archive).context("could not gather files")?;
            }
            Place::Archive(path, index) => {
                let mut from = open(&path)?.map_err(|error| damaged(&name, &error))?;
                let entry = from.by_index_raw(index).map_err(|error| damaged(&name, &error))?;
                archive
                    .raw_copy_file_rename(entry, name)
                    .context("could not gather files")?;
            }
        }
    }
    archive.finish().context("could not gather files")?;
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// The XML files of an archive, without their folders, with their numbers.
fn xml_names(file: &SentFile, path: &Path) -> anyhow::Result<Vec<(String, usize)>> {
    let damaged = |error| damaged(&file.name, &error);
    let mut archive = open(path)?.map_err(damaged)?;
    let limit = Limits::default().max_archive_entries;
    if archive.len() > limit {
        let problem = ImportProblem::new(place(&file.name), "problem_archive_entries").with("limit", limit);
        return Err(Refused(problem).into());
    }
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?;
        if kind_of(&name) == Kind::Xml {
            names.push((base_name(&name), index));
        }
    }
    Ok(names)
}

fn open(path: &Path) -> anyhow::Result<zip::result::ZipResult<ZipArchive<BufReader<File>>>> {
    let file = File::open(path).with_context(|| format!("could not read {}", path.display()))?;
    Ok(ZipArchive::new(BufReader::new(file)))
}

fn damaged(name: &str, error: &zip::result::ZipError) -> anyhow::Error {
    let problem = ImportProblem::new(place(name), "problem_archive_damaged").with("detail", error);
    anyhow::Error::new(Refused(problem))
}

fn place(name: &str) -> SourcePlace {
    SourcePlace {
        file: Some(name.to_owned()),
        ..SourcePlace::default()
    }
}
