//! The configuration, fixed at start: flags beat environment beat palompy.toml beat defaults. Owns the table of keys and
//! is the only code that reads the environment. What an owner edits in the panel is a setting, kept in the database.

pub mod environment;
pub mod error;
mod file;
pub mod flag;
pub mod key;
pub mod limit_table;
mod nearest;
mod reader;
mod source;
pub mod table;
pub mod value;

use crate::config::environment::Variables;
use crate::config::error::ConfigError;
use crate::config::error::Problem;
use crate::config::file::ConfigFile;
use crate::config::file::FILE_NAME;
use crate::config::reader::Reader;
use crate::config::source::Origin;
use crate::config::source::Sources;
use crate::config::value::LogFormat;
use crate::domain::embedding::ModelSource;
use crate::domain::secret::Secret;
use clap::ArgMatches;
use ipnet::IpNet;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

/// The configuration of one run. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    pub data_dir: PathBuf,
    pub database: PathBuf,
    /// Where to serve, with `PORT` taken into account.
    pub listen: SocketAddr,
    pub public_url: Option<String>,
    pub admin_token: Option<Secret<String>>,
    pub max_body_bytes: usize,
    pub max_upload_bytes: usize,
    pub source_private_hosts: Option<String>,
    pub chats_per_minute: u32,
    /// As it was written, hosts with commas between.
    pub webhook_private_hosts: Option<String>,
    pub visitor_chats_per_minute: u32,
    pub shop_chats_per_minute: u32,
    pub events_per_minute: u32,
    pub visitor_events_per_minute: u32,
    pub shop_events_per_minute: u32,
    pub forms_per_minute: u32,
    pub visitor_forms_per_minute: u32,
    pub shop_forms_per_minute: u32,
    pub reads_per_minute: u32,
    pub visitor_reads_per_minute: u32,
    pub shop_reads_per_minute: u32,
    pub trusted_proxies: Vec<IpNet>,
    pub event_retention_days: u32,
    pub session_ttl: Duration,
    pub shutdown_grace: Duration,
    pub log: String,
    pub log_format: LogFormat,
    pub embedding_model: ModelSource,
    pub ort_dylib_path: Option<PathBuf>,
    /// A mirror of the hub, without a slash at its end.
    pub model_mirror: Option<String>,
    /// Never `builtin`.
    pub reranker_model: Option<ModelSource>,
    pub reranker_budget: Duration,
    pub openai_api_key: Option<Secret<String>>,
    pub openai_base_url: String,
    pub openai_model: String,
    pub llm_proxy: Option<Secret<String>>,
    pub llm_connect_timeout: Duration,
    pub llm_first_token_timeout: Duration,
    pub llm_idle_timeout: Duration,
    pub llm_rewrite_budget: Duration,
    pub llm_total_timeout: Duration,
    pub llm_max_retries: u32,
    pub llm_max_answer_tokens: u32,
    pub vector_store_id: Option<String>,
    pub bitrix24_app_id: Option<String>,
    pub bitrix24_app_secret: Option<Secret<String>>,
    /// This program, which is started once more for each document that it reads.
    pub program: PathBuf,
    rows: Vec<ConfigRow>,
}

/// A key as `palompy config show` prints it: secrets are `***`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigRow {
    pub name: &'static str,
    pub value: String,
    pub origin: String,
}

impl Config {
    /// Where installed models are, a folder each.
    pub fn models_dir(&self) -> PathBuf {
        self.data_dir.join("models")
    }

    /// One row per key, in the order of the table.
    pub fn rows(&self) -> &[ConfigRow] {
        &self.rows
    }
}

/// Reads the whole configuration and reports all problems at once. palompy.toml is the file that `--config` or
/// `PALOMPY_CONFIG` names, else the one in `folder`, else the one in the data folder; one file at most is read.
/// `folder` is also where relative paths start, except those in the file, which start beside it. An empty `folder` is
/// the folder that the program was started in.
pub fn load(flags: &ArgMatches, variables: &Variables, folder: &Path) -> Result<Config, ConfigError> {
    let sources = Sources {
        flags,
        variables,
        file: ConfigFile::default(),
        folder,
    };
    let mut reader = Reader {
        sources,
        rows: Vec::new(),
        problems: Vec::new(),
    };
    environment::check_names(variables, &mut reader.problems);
    read_file(&mut reader);
    let config = read_config(&mut reader);
    if !reader.problems.is_empty() {
        return Err(ConfigError {
            problems: reader.problems,
        });
    }
    Ok(config)
}

fn read_file(reader: &mut Reader<'_>) {
    let named = reader.find_path(&table::CONFIG);
    let beside = reader.sources.folder.join(FILE_NAME);
    let mut is_in_data_dir = false;
    let path = match named {
        Some(path) => path,
        None if beside.is_file() => beside,
        None => {
            // Read for its place only: `read_config` reads it again, with the file.
            let Ok(Some(data_dir)) = reader.sources.find(&table::DATA_DIR) else {
                return;
            };
            let inside = reader.sources.folder.join(data_dir.value).join(FILE_NAME);
            if !inside.is_file() {
                return;
            }
            is_in_data_dir = true;
            inside
        }
    };
    let config_file = file::read(&path, &mut reader.problems);
    if let Some(entry) = config_file.entries.get(table::DATA_DIR.name)
        && is_in_data_dir
    {
        let message = "the file was found in the data folder, so it cannot move it; use --data-dir or PALOMPY_DATA_DIR";
        reader.problems.push(Problem::new(
            table::DATA_DIR.name,
            config_file.origin(entry.line),
            message,
        ));
    }
    if reader.find_origin(&table::CONFIG).is_none() {
        reader.amend_row(&table::CONFIG, path.display().to_string(), "found".to_owned());
    }
    reader.sources.file = config_file;
}

/// Reads keys in the order of the table, which is the order of the rows.
fn read_config(reader: &mut Reader<'_>) -> Config {
    let data_dir = reader.path(&table::DATA_DIR);
    Config {
        listen: read_listen(reader),
        public_url: reader.find_url(&table::PUBLIC_URL),
        database: read_database(reader, &data_dir),
        admin_token: reader.find_secret(&table::ADMIN_TOKEN),
        max_body_bytes: reader.number(&table::MAX_BODY_BYTES),
        max_upload_bytes: reader.number(&table::MAX_UPLOAD_BYTES),
        source_private_hosts: reader.find_text(&table::SOURCE_PRIVATE_HOSTS),
        chats_per_minute: reader.number(&table::CHATS_PER_MINUTE),
        webhook_private_hosts: reader.find_text(&table::WEBHOOK_PRIVATE_HOSTS),
        visitor_chats_per_minute: reader.number(&limit_table::VISITOR_CHATS_PER_MINUTE),
        shop_chats_per_minute: reader.number(&limit_table::SHOP_CHATS_PER_MINUTE),
        events_per_minute: reader.number(&limit_table::EVENTS_PER_MINUTE),
        visitor_events_per_minute: reader.number(&limit_table::VISITOR_EVENTS_PER_MINUTE),
        shop_events_per_minute: reader.number(&limit_table::SHOP_EVENTS_PER_MINUTE),
        forms_per_minute: reader.number(&limit_table::FORMS_PER_MINUTE),
        visitor_forms_per_minute: reader.number(&limit_table::VISITOR_FORMS_PER_MINUTE),
        shop_forms_per_minute: reader.number(&limit_table::SHOP_FORMS_PER_MINUTE),
        reads_per_minute: reader.number(&limit_table::READS_PER_MINUTE),
        visitor_reads_per_minute: reader.number(&limit_table::VISITOR_READS_PER_MINUTE),
        shop_reads_per_minute: reader.number(&limit_table::SHOP_READS_PER_MINUTE),
        trusted_proxies: reader
            .parsed(&limit_table::TRUSTED_PROXIES, |text, _| value::parse_networks(text))
            .unwrap_or_default(),
        event_retention_days: reader.number(&limit_table::EVENT_RETENTION_DAYS),
        session_ttl: reader.minutes(&table::SESSION_TTL_MINUTES),
        shutdown_grace: reader.seconds(&table::SHUTDOWN_SECONDS),
        log: reader
            .parsed(&table::LOG, |text, _| value::parse_log_filter(text))
            .unwrap_or_default(),
        log_format: reader
            .parsed(&table::LOG_FORMAT, |text, _| value::parse_log_format(text))
            .unwrap_or(LogFormat::Text),
        embedding_model: reader
            .parsed(&table::EMBEDDING_MODEL, value::parse_embedding_model)
            .unwrap_or(ModelSource::Builtin),
        ort_dylib_path: reader.find_path(&table::ORT_DYLIB_PATH),
        model_mirror: reader.find_url(&table::MODEL_MIRROR),
        reranker_model: reader.parsed(&table::RERANKER_MODEL, value::parse_reranker),
        reranker_budget: Duration::from_millis(reader.number(&table::RERANKER_BUDGET)),
        openai_api_key: reader.find_secret(&table::OPENAI_API_KEY),
        openai_base_url: reader.find_url(&table::OPENAI_BASE_URL).unwrap_or_default(),
        openai_model: reader.text(&table::OPENAI_MODEL),
        llm_proxy: reader.find_proxy(&table::LLM_PROXY),
        llm_connect_timeout: reader.seconds(&table::LLM_CONNECT_TIMEOUT),
        llm_first_token_timeout: reader.seconds(&table::LLM_FIRST_TOKEN_TIMEOUT),
        llm_idle_timeout: reader.seconds(&table::LLM_IDLE_TIMEOUT),
        llm_rewrite_budget: Duration::from_millis(reader.number(&table::LLM_REWRITE_BUDGET)),
        llm_total_timeout: reader.seconds(&table::LLM_TOTAL_TIMEOUT),
        llm_max_retries: reader.number(&table::LLM_MAX_RETRIES),
        llm_max_answer_tokens: reader.number(&table::LLM_MAX_ANSWER_TOKENS),
        vector_store_id: reader.find_text(&table::VECTOR_STORE_ID),
        bitrix24_app_id: reader.find_text(&table::BITRIX24_APP_ID),
        bitrix24_app_secret: reader.find_secret(&table::BITRIX24_APP_SECRET),
        program: environment::own_program(),
        rows: std::mem::take(&mut reader.rows),
        data_dir,
    }
}

/// `PORT` stands for the port of the listen address. If both are given, the stronger origin decides, and the listen
/// address wins a tie.
fn read_listen(reader: &mut Reader<'_>) -> SocketAddr {
    let fallback = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut listen = reader
        .parsed(&table::LISTEN, |text, _| value::parse_address(text))
        .unwrap_or(fallback);
    let port = reader
        .find_number(&table::PORT)
        .and_then(|port| u16::try_from(port).ok());
    let listen_origin = reader.find_origin(&table::LISTEN).unwrap_or(Origin::Default);
    let (Some(port), Some(port_origin)) = (port, reader.find_origin(&table::PORT)) else {
        return listen;
    };
    if port_origin.rank() <= listen_origin.rank() {
        reader.amend_row(
            &table::PORT,
            port.to_string(),
            format!("{port_origin}, overruled by {listen_origin}"),
        );
        return listen;
    }
    listen.set_port(port);
    reader.amend_row(
        &table::LISTEN,
        listen.to_string(),
        format!("{listen_origin}, port from {port_origin}"),
    );
    listen
}

fn read_database(reader: &mut Reader<'_>, data_dir: &Path) -> PathBuf {
    match reader.parsed(&table::DATABASE_URL, value::parse_database) {
        Some(path) => path,
        None => {
            let path = data_dir.join("palompy.db");
            reader.amend_row(
                &table::DATABASE_URL,
                format!("sqlite:{}", path.display()),
                Origin::Default.to_string(),
            );
            path
        }
    }
}
