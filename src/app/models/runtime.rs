//! ONNX Runtime from the Python package that carries it, by pinned version and checksum.

use crate::app::models::Progress;
use crate::app::models::download::Downloader;
use crate::app::models::download::Expected;
use crate::app::models::download::sha256_of_file;
use crate::app::models::error::PullError;
use crate::config::Config;
use crate::embed::runtime::find_runtime;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use zip::ZipArchive;

/// A wheel, which is a zip, and the library in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wheel {
    pub url: String,
    pub wheel_sha256: String,
    pub library: String,
    pub library_sha256: String,
}

/// Where ONNX Runtime is looked for: the library itself or a folder that holds it.
pub fn runtime_places(config: &Config) -> Vec<PathBuf> {
    // Beside the program is where a package puts it; an unknown place of the program is no place to look in.
    let beside_program = std::env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.to_owned()));
    let named = config.ort_dylib_path.iter().cloned();
    named.chain(beside_program).chain([config.data_dir.clone()]).collect()
}

/// Whether it is in one of these places.
pub fn is_present(config: &Config) -> bool {
    find_runtime(&runtime_places(config)).is_ok()
}

/// The library's file name on this system.
pub fn library_name() -> String {
    crate::embed::runtime::library_name()
}

/// The name of a wheel's file.
pub fn wheel_name(wheel: &Wheel) -> &str {
    wheel.url.rsplit('/').next().unwrap_or_default()
}

/// ONNX Runtime 1.31.1 for this machine, as PyPI has it. The library inside the x86_64 wheel is the one that
/// `models/prepare_onnx.py` pins for the tests.
pub fn pinned_wheel() -> Result<Wheel, PullError> {
    let (os, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let (path, file, wheel, library) = match (os, machine) {
        ("linux", "x86_64") => (
            "eb/27/c6a823bac55b2977bea2027c3ec9393a2c1002cb9a09eb40354563e02730",
            "onnxruntime-1.31.1-cp312-cp312-manylinux_2_28_x86_64.whl",
            "1f3dea47f2f0e5117c2404cea7d21fd253ae7836a3bf167a501cdfbb2600d536",
            "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
        ),
        ("linux", "aarch64") => (
            "ba/e4/1ed1a7a5f4702d899091fa2b976d377995250c307326ec8dc9ae6378aa13",
            "onnxruntime-1.31.1-cp312-cp312-manylinux_2_28_aarch64.whl",
            "0b9a492176886992e0e875f06bc0367e333f5fff11711a2d642e18b02f3009cc",
            "8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
        ),
        _ => {
            return Err(PullError::NoRuntime {
                system: format!("{os} on {machine}"),
            });
        }
    };
    Ok(Wheel {
        url: format!("https://files.pythonhosted.org/packages/{path}/{file}"),
        wheel_sha256: wheel.to_owned(),
        library: "onnxruntime/capi/libonnxruntime.so.1.31.1".to_owned(),
        library_sha256: library.to_owned(),
    })
}

/// Downloads the wheel and puts its library into `folder` under the system's name for it. From `mirror`, when given, it is taken as
/// `MIRROR/onnxruntime/FILE`; a mirror that has none is passed over. Returns the library.
pub async fn fetch_runtime(
    wheel: &Wheel,
    mirror: Option<&str>,
    folder: &Path,
    downloader: &Downloader,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<PathBuf, PullError> {
    std::fs::create_dir_all(folder).map_err(|error| PullError::disk(folder, &error))?;
    let file = folder.join(wheel_name(wheel));
    let expected = Expected::Sha256(wheel.wheel_sha256.clone());
    let mirrored = mirror.map(|mirror| format!("{mirror}/onnxruntime/{}", wheel_name(wheel)));
    let from_mirror = match &mirrored {
        None => None,
        Some(url) => match downloader.fetch(url, &file, &expected, progress).await {
            Err(PullError::NotFound { .. }) => None,
            outcome => Some(outcome?),
        },
    };
    if from_mirror.is_none() {
        downloader.fetch(&wheel.url, &file, &expected, progress).await?;
    }
    let (wheel, folder) = (wheel.clone(), folder.to_owned());
    let unpacked = tokio::task::spawn_blocking(move || {
        let library = unpack(&wheel, &file, &folder)?;
        std::fs::remove_file(&file).map_err(|error| PullError::disk(&file, &error))?;
        Ok(library)
    });
    unpacked.await.unwrap_or_else(|error| {
        Err(PullError::Damaged {
            path: PathBuf::new(),
            reason: error.to_string(),
        })
    })
}

fn unpack(wheel: &Wheel, file: &Path, folder: &Path) -> Result<PathBuf, PullError> {
    let damaged = |reason: String| PullError::Damaged {
        path: file.to_owned(),
        reason,
    };
    let archive = File::open(file).map_err(|error| PullError::disk(file, &error))?;
    let mut archive = ZipArchive::new(archive).map_err(|error| damaged(error.to_string()))?;
    let mut library = archive
        .by_name(&wheel.library)
        .map_err(|error| damaged(format!("{}: {error}", wheel.library)))?;
    let target = folder.join(library_name());
    let part = folder.join(format!("{}.part", library_name()));
    let failed = |error: std::io::Error| PullError::disk(&part, &error);
    let mut unpacked = File::create(&part).map_err(failed)?;
    std::io::copy(&mut library, &mut unpacked).map_err(failed)?;
    unpacked.sync_all().map_err(failed)?;
    let (found, _) = sha256_of_file(&part).map_err(failed)?;
    if found != wheel.library_sha256 {
        std::fs::remove_file(&part).map_err(failed)?;
        return Err(damaged(format!(
            "its library has sha256 {found}, expected {}",
            wheel.library_sha256
        )));
    }
    std::fs::rename(&part, &target).map_err(|error| PullError::disk(&target, &error))?;
    Ok(target)
}
