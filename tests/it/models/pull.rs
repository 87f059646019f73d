//! Downloading models from a mirror: whole, cut, wrong, absent.

use super::built;
use super::mirror::Mirror;
use palompy::app::models::Progress;
use palompy::app::models::download::Downloader;
use palompy::app::models::error::PullError;
use palompy::app::models::file_names;
use palompy::app::models::find_offer;
use palompy::app::models::pull;
use palompy::app::models::record::Damage;
use palompy::app::models::record::Record;
use palompy::app::models::runtime::Wheel;
use palompy::app::models::runtime::fetch_runtime;
use palompy::app::models::runtime::pinned_wheel;
use palompy::domain::secret::Secret;
use palompy::embed::Embedder;
use sha2::Digest;
use sha2::Sha256;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use tempfile::TempDir;

const NAME: &str = "all-MiniLM-L6-v2-onnx";

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn remote(file: &str) -> String {
    let repository = find_offer(NAME).unwrap().repository;
    format!("/{repository}/resolve/main/{file}")
}

/// A mirror of small files under the names of a model.
async fn mirror_of_small_files() -> (Mirror, Vec<u8>) {
    let mirror = Mirror::start().await;
    for file in file_names(NAME) {
        mirror.put(&remote(&file), file.clone().into_bytes());
    }
    let onnx: Vec<u8> = (0..4_500_000_u32).map(|n| (n % 251) as u8).collect();
    mirror.put(&remote("model.onnx"), onnx.clone());
    mirror.tell_checksum(&remote("model.onnx"), &sha256(&onnx));
    (mirror, onnx)
}

/// A mirror of the test model under a name that the hub has.
async fn mirror_of_minilm() -> (Mirror, Vec<u8>) {
    let mirror = Mirror::start().await;
    let folder = built("models/minilm-int8");
    for file in file_names(NAME) {
        mirror.put(&remote(&file), std::fs::read(folder.join(&file)).unwrap());
    }
    let onnx = std::fs::read(folder.join("model.onnx")).unwrap();
    mirror.tell_checksum(&remote("model.onnx"), &sha256(&onnx));
    (mirror, onnx)
}

async fn pulled(mirror: &str, folder: &Path) -> Result<PathBuf, PullError> {
    let mut ignored = |_: Progress| {};
    pull(NAME, mirror, folder, &Downloader::new(None).unwrap(), &mut ignored).await
}

#[tokio::test]
async fn a_pulled_model_works_and_is_recorded() {
    let (mirror, onnx) = mirror_of_minilm().await;
    let folder = TempDir::new().unwrap();
    let mut seen = Vec::new();
    let mut note = |progress: Progress| seen.push(progress);
    let downloader = Downloader::new(None).unwrap();
    let model = pull(NAME, &mirror.url, folder.path(), &downloader, &mut note)
        .await
        .unwrap();
    assert_eq!(model, folder.path().join(NAME));
    let last = seen.last().unwrap();
    assert_eq!(
        (last.file.as_str(), last.total_bytes),
        ("model.onnx", Some(onnx.len() as u64))
    );
    assert_eq!(last.done_bytes, onnx.len() as u64);

    let record = Record::read(&model).unwrap();
    assert!(record.files["model.onnx"].compared_with_source && !record.files["tokenizer.json"].compared_with_source);
    assert_eq!(record.files["model.onnx"].sha256, sha256(&onnx));
    assert_eq!(record.damages(&model), []);
    let embedder = Embedder::onnx(&model, &[built("onnxruntime")]).unwrap();
    assert_eq!(
        embedder.space_key().dimensions,
        find_offer(NAME).unwrap().dimensions.unwrap()
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    // Again: nothing is asked for, and damage is told.
    let requests = mirror.ranges(&remote("model.onnx")).len();
    pulled(&mirror.url, folder.path()).await.unwrap();
    assert_eq!(mirror.ranges(&remote("model.onnx")).len(), requests);
    std::fs::write(model.join("model.onnx"), "damaged").unwrap();
    std::fs::remove_file(model.join("config.json")).unwrap();
    let damages = record.damages(&model);
    assert_eq!(
        damages,
        [
            ("config.json".to_owned(), Damage::Missing),
            ("model.onnx".to_owned(), Damage::Changed)
        ]
    );
}

#[tokio::test]
async fn a_download_that_is_cut_goes_on_where_it_was() {
    let (mirror, _) = mirror_of_small_files().await;
    let folder = TempDir::new().unwrap();
    let path = remote("model.onnx");
    // By itself twice, then by the next call.
    mirror.cut(&path, 1_000_000, 4);
    let error = pulled(&mirror.url, folder.path()).await.unwrap_err();
    assert!(
        matches!(
            error,
            PullError::Cut {
                done_bytes: 3_000_000,
                ..
            }
        ),
        "{error}"
    );
    assert!(!folder.path().join(NAME).exists());
    let model = pulled(&mirror.url, folder.path()).await.unwrap();
    let ranges = mirror.ranges(&path);
    let expected = [None, Some(1), Some(2), Some(3), Some(4)];
    let expected = expected.map(|step: Option<usize>| step.map(|count| format!("bytes={count}000000-")));
    assert_eq!(ranges, expected);
    assert_eq!(mirror.ranges(&remote("tokenizer.json")).len(), 1);
    assert_eq!(Record::read(&model).unwrap().damages(&model), []);
}

#[tokio::test]
async fn a_file_that_changed_between_two_attempts_is_begun_anew() {
    let (mirror, mut onnx) = mirror_of_small_files().await;
    let folder = TempDir::new().unwrap();
    let path = remote("model.onnx");
    mirror.cut(&path, 1_000_000, 3);
    pulled(&mirror.url, folder.path()).await.unwrap_err();
    onnx.extend([0; 16]);
    mirror.put(&path, onnx.clone());
    mirror.tell_checksum(&path, &sha256(&onnx));
    let model = pulled(&mirror.url, folder.path()).await.unwrap();
    assert_eq!(Record::read(&model).unwrap().files["model.onnx"].sha256, sha256(&onnx));
}

#[tokio::test]
async fn a_file_with_another_checksum_than_promised_is_not_kept() {
    let (mirror, _) = mirror_of_small_files().await;
    let folder = TempDir::new().unwrap();
    mirror.tell_checksum(&remote("model.onnx"), &"0".repeat(64));
    let error = pulled(&mirror.url, folder.path()).await.unwrap_err();
    assert!(matches!(error, PullError::Checksum { .. }), "{error}");
    assert!(!folder.path().join(NAME).exists());
    let unfinished = folder.path().join(format!(".{NAME}.part"));
    assert!(!unfinished.join("model.onnx").exists() && !unfinished.join("model.onnx.part").exists());
}

#[tokio::test]
async fn what_is_absent_or_out_of_reach_is_named() {
    let (mirror, _) = mirror_of_small_files().await;
    let folder = TempDir::new().unwrap();
    mirror.remove(&remote("config.json"));
    let error = pulled(&mirror.url, folder.path()).await.unwrap_err();
    assert!(
        matches!(&error, PullError::NotFound { url } if url.ends_with("config.json")),
        "{error}"
    );

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let error = pulled(&nobody, folder.path()).await.unwrap_err();
    assert!(
        matches!(&error, PullError::Unreachable { host, .. } if host == "127.0.0.1"),
        "{error}"
    );

    // A proxy is used, and one that does not answer is told.
    let proxy = Secret::new(nobody.replace("http", "socks5"));
    let downloader = Downloader::new(Some(&proxy)).unwrap();
    let mut ignored = |_: Progress| {};
    let error = pull(NAME, &mirror.url, folder.path(), &downloader, &mut ignored).await;
    assert!(matches!(error, Err(PullError::Unreachable { .. })), "{error:?}");
    let unknown = pull("no-such-model", &mirror.url, folder.path(), &downloader, &mut ignored).await;
    assert!(matches!(unknown, Err(PullError::Unknown { .. })));
}

/// A wheel with a library that holds `content`.
fn wheel(mirror: &str, content: &[u8]) -> (Wheel, Vec<u8>) {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive
        .start_file("onnxruntime/capi/libonnxruntime.so.1", options)
        .unwrap();
    archive.write_all(content).unwrap();
    let bytes = archive.finish().unwrap().into_inner();
    let wheel = Wheel {
        url: format!("{mirror}/packages/onnxruntime-1-any.whl"),
        wheel_sha256: sha256(&bytes),
        library: "onnxruntime/capi/libonnxruntime.so.1".to_owned(),
        library_sha256: sha256(content),
    };
    (wheel, bytes)
}

#[tokio::test]
async fn onnx_runtime_comes_out_of_its_wheel() {
    let mirror = Mirror::start().await;
    let folder = TempDir::new().unwrap();
    let library = b"as if it were a library ".repeat(1000);
    let (wheel, bytes) = wheel(&mirror.url, &library);
    mirror.put("/packages/onnxruntime-1-any.whl", bytes);
    let downloader = Downloader::new(None).unwrap();
    let mut ignored = |_: Progress| {};
    let mut fetch =
        async |wheel: &Wheel| fetch_runtime(wheel, Some(&mirror.url), folder.path(), &downloader, &mut ignored).await;
    // The mirror has none under its own path, so that the wheel's own address is asked.
    let found = fetch(&wheel).await.unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(std::fs::read(found).unwrap(), library);

    let other = Wheel {
        library_sha256: "0".repeat(64),
        ..wheel.clone()
    };
    assert!(matches!(fetch(&other).await, Err(PullError::Damaged { .. })));
    let other = Wheel {
        wheel_sha256: "0".repeat(64),
        ..wheel
    };
    assert!(matches!(fetch(&other).await, Err(PullError::Checksum { .. })));
}

#[test]
fn the_pinned_library_is_the_one_that_the_tests_run_on() {
    if std::env::consts::ARCH == "x86_64" {
        let library = std::fs::read(built("onnxruntime/libonnxruntime.so")).unwrap();
        assert_eq!(pinned_wheel().unwrap().library_sha256, sha256(&library));
    }
}
