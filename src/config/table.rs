//! The one table of configuration keys. A key added here appears in the flags, the environment, palompy.toml and
//! `palompy config show`; `Config` gives it a type.

use crate::config::key::Key;
use crate::config::key::Kind;
use crate::config::limit_table;

/// Every key, in the order in which help and `palompy config show` list them.
pub const KEYS: &[&Key] = &[
    &CONFIG,
    &DATA_DIR,
    &LISTEN,
    &PORT,
    &PUBLIC_URL,
    &DATABASE_URL,
    &ADMIN_TOKEN,
    &MAX_BODY_BYTES,
    &MAX_UPLOAD_BYTES,
    &SOURCE_PRIVATE_HOSTS,
    &CHATS_PER_MINUTE,
    &WEBHOOK_PRIVATE_HOSTS,
    &limit_table::VISITOR_CHATS_PER_MINUTE,
    &limit_table::SHOP_CHATS_PER_MINUTE,
    &limit_table::EVENTS_PER_MINUTE,
    &limit_table::VISITOR_EVENTS_PER_MINUTE,
    &limit_table::SHOP_EVENTS_PER_MINUTE,
    &limit_table::FORMS_PER_MINUTE,
    &limit_table::VISITOR_FORMS_PER_MINUTE,
    &limit_table::SHOP_FORMS_PER_MINUTE,
    &limit_table::READS_PER_MINUTE,
    &limit_table::VISITOR_READS_PER_MINUTE,
    &limit_table::SHOP_READS_PER_MINUTE,
    &limit_table::TRUSTED_PROXIES,
    &limit_table::EVENT_RETENTION_DAYS,
    &SESSION_TTL_MINUTES,
    &SHUTDOWN_SECONDS,
    &LOG,
    &LOG_FORMAT,
    &EMBEDDING_MODEL,
    &ORT_DYLIB_PATH,
    &MODEL_MIRROR,
    &RERANKER_MODEL,
    &RERANKER_BUDGET,
    &OPENAI_API_KEY,
    &OPENAI_BASE_URL,
    &OPENAI_MODEL,
    &LLM_PROXY,
    &LLM_CONNECT_TIMEOUT,
    &LLM_FIRST_TOKEN_TIMEOUT,
    &LLM_IDLE_TIMEOUT,
    &LLM_REWRITE_BUDGET,
    &LLM_TOTAL_TIMEOUT,
    &LLM_MAX_RETRIES,
    &LLM_MAX_ANSWER_TOKENS,
    &VECTOR_STORE_ID,
    &BITRIX24_APP_ID,
    &BITRIX24_APP_SECRET,
];

pub const CONFIG: Key = Key {
    name: "config",
    flag: "config",
    variable: "PALOMPY_CONFIG",
    default: None,
    kind: Kind::Path,
    help: "Configuration file, instead of ./palompy.toml or palompy.toml in the data folder",
};

pub const DATA_DIR: Key = Key {
    name: "data_dir",
    flag: "data-dir",
    variable: "PALOMPY_DATA_DIR",
    default: Some("./palompy-data"),
    kind: Kind::Folder,
    help: "Folder that holds the database and the model files",
};

pub const LISTEN: Key = Key {
    name: "listen",
    flag: "listen",
    variable: "PALOMPY_LISTEN",
    default: Some("127.0.0.1:8080"),
    kind: Kind::Address,
    help: "Address to serve on; port 0 takes any free port",
};

pub const PORT: Key = Key {
    name: "port",
    flag: "port",
    variable: "PORT",
    default: None,
    kind: Kind::Number { min: 0, max: 65_535 },
    help: "Port to serve on; changes only the port of the listen address, unless that address was given as directly or more so",
};

pub const PUBLIC_URL: Key = Key {
    name: "public_url",
    flag: "public-url",
    variable: "PALOMPY_PUBLIC_URL",
    default: None,
    kind: Kind::Url,
    help: "Address under which visitors reach this server, for links in pages and messages",
};

pub const DATABASE_URL: Key = Key {
    name: "database_url",
    flag: "database-url",
    variable: "DATABASE_URL",
    default: None,
    kind: Kind::Database,
    help: "Database file as sqlite:PATH [default: palompy.db in the data folder]",
};

pub const ADMIN_TOKEN: Key = Key {
    name: "admin_token",
    flag: "admin-token-file",
    variable: "PALOMPY_ADMIN_TOKEN",
    default: None,
    kind: Kind::Secret { min_characters: 16 },
    help: "Bearer token of the admin API, besides those made by `palompy admin token create`",
};

pub const MAX_BODY_BYTES: Key = Key {
    name: "max_body_bytes",
    flag: "max-body-bytes",
    variable: "PALOMPY_MAX_BODY_BYTES",
    default: Some("67108864"),
    kind: Kind::Number {
        min: 1_024,
        max: 4_294_967_296,
    },
    help: "Largest request body in bytes",
};

pub const MAX_UPLOAD_BYTES: Key = Key {
    name: "max_upload_bytes",
    flag: "max-upload-bytes",
    variable: "PALOMPY_MAX_UPLOAD_BYTES",
    default: Some("1073741824"),
    kind: Kind::Number {
        min: 1_024,
        max: 4_294_967_296,
    },
    help: "Largest upload of files to a source in bytes",
};

pub const SOURCE_PRIVATE_HOSTS: Key = Key {
    name: "source_private_hosts",
    flag: "source-private-hosts",
    variable: "PALOMPY_SOURCE_PRIVATE_HOSTS",
    default: None,
    kind: Kind::Text,
    help: "Hosts, with commas between, whose files sources may read at private addresses, such as 1C in the same network",
};

pub const CHATS_PER_MINUTE: Key = Key {
    name: "chats_per_minute",
    flag: "chats-per-minute",
    variable: "PALOMPY_CHATS_PER_MINUTE",
    default: Some("20"),
    kind: Kind::Number { min: 1, max: 100_000 },
    help: "Chat messages that one visitor address may send in a minute",
};

pub const WEBHOOK_PRIVATE_HOSTS: Key = Key {
    name: "webhook_private_hosts",
    flag: "webhook-private-hosts",
    variable: "PALOMPY_WEBHOOK_PRIVATE_HOSTS",
    default: None,
    kind: Kind::Text,
    help: "Hosts, with commas between, that webhooks may reach at private addresses and without TLS, such as a CRM beside this program",
};

pub const SESSION_TTL_MINUTES: Key = Key {
    name: "session_ttl_minutes",
    flag: "session-ttl-minutes",
    variable: "SESSION_TTL_MINUTES",
    default: Some("30"),
    kind: Kind::Minutes { min: 1, max: 525_600 },
    help: "Minutes after which an idle session ends",
};

pub const SHUTDOWN_SECONDS: Key = Key {
    name: "shutdown_seconds",
    flag: "shutdown-seconds",
    variable: "PALOMPY_SHUTDOWN_SECONDS",
    default: Some("20"),
    kind: Kind::Seconds { min: 0, max: 3_600 },
    help: "Seconds that running answers get to end at shutdown",
};

pub const LOG: Key = Key {
    name: "log",
    flag: "log",
    variable: "PALOMPY_LOG",
    default: Some("info"),
    kind: Kind::LogFilter,
    help: "What to log: a level, or target=level pairs separated by commas",
};

pub const LOG_FORMAT: Key = Key {
    name: "log_format",
    flag: "log-format",
    variable: "PALOMPY_LOG_FORMAT",
    default: Some("text"),
    kind: Kind::LogFormat,
    help: "Form of the log: text or json",
};

pub const EMBEDDING_MODEL: Key = Key {
    name: "embedding_model",
    flag: "embedding-model",
    variable: "PALOMPY_EMBEDDING_MODEL",
    default: Some("builtin"),
    kind: Kind::EmbeddingModel,
    help: "Model that embeds the texts of new shops: builtin, the name of an installed model, or dir:PATH for a folder with an ONNX file and a tokenizer",
};

pub const ORT_DYLIB_PATH: Key = Key {
    name: "ort_dylib_path",
    flag: "ort-dylib-path",
    variable: "ORT_DYLIB_PATH",
    default: None,
    kind: Kind::Path,
    help: "ONNX Runtime shared library, for models given as dir:PATH",
};

pub const MODEL_MIRROR: Key = Key {
    name: "model_mirror",
    flag: "model-mirror",
    variable: "PALOMPY_MODEL_MIRROR",
    default: None,
    kind: Kind::Url,
    help: "Where `palompy models pull` downloads from, instead of https://huggingface.co",
};

pub const RERANKER_MODEL: Key = Key {
    name: "reranker_model",
    flag: "reranker-model",
    variable: "PALOMPY_RERANKER_MODEL",
    default: None,
    kind: Kind::Reranker,
    help: "Cross-encoder that orders the first hits anew: the name of an installed model, or dir:PATH; none by default",
};

pub const RERANKER_BUDGET: Key = Key {
    name: "reranker_budget_ms",
    flag: "reranker-budget-ms",
    variable: "PALOMPY_RERANKER_BUDGET_MS",
    default: Some("300"),
    kind: Kind::Milliseconds { min: 1, max: 60_000 },
    help: "Milliseconds that the cross-encoder may take; after them the hits stay as they were",
};

pub const OPENAI_API_KEY: Key = Key {
    name: "openai_api_key",
    flag: "openai-api-key-file",
    variable: "OPENAI_API_KEY",
    default: None,
    kind: Kind::Secret { min_characters: 1 },
    help: "Key of the OpenAI-compatible service; without one, answers are extracts from the shop's knowledge",
};

pub const OPENAI_BASE_URL: Key = Key {
    name: "openai_base_url",
    flag: "openai-base-url",
    variable: "OPENAI_BASE_URL",
    default: Some("https://api.openai.com/v1"),
    kind: Kind::Url,
    help: "Address of the OpenAI-compatible service",
};

pub const OPENAI_MODEL: Key = Key {
    name: "openai_model",
    flag: "openai-model",
    variable: "OPENAI_MODEL",
    default: Some("gpt-4.1-mini"),
    kind: Kind::Text,
    help: "Model of that service that words the answers",
};

pub const LLM_PROXY: Key = Key {
    name: "llm_proxy",
    flag: "llm-proxy-file",
    variable: "PALOMPY_LLM_PROXY",
    default: None,
    kind: Kind::Proxy,
    help: "Proxy on the way to that service and for `palompy models pull`: an http, https, socks5 or socks5h URL, which may carry a password",
};

pub const LLM_CONNECT_TIMEOUT: Key = Key {
    name: "llm_connect_timeout_seconds",
    flag: "llm-connect-timeout-seconds",
    variable: "PALOMPY_LLM_CONNECT_TIMEOUT_SECONDS",
    default: Some("5"),
    kind: Kind::Seconds { min: 1, max: 3_600 },
    help: "Seconds to wait for the connection to that service",
};

pub const LLM_FIRST_TOKEN_TIMEOUT: Key = Key {
    name: "llm_first_token_timeout_seconds",
    flag: "llm-first-token-timeout-seconds",
    variable: "PALOMPY_LLM_FIRST_TOKEN_TIMEOUT_SECONDS",
    default: Some("20"),
    kind: Kind::Seconds { min: 1, max: 3_600 },
    help: "Seconds to wait for the first token of an answer",
};

pub const LLM_IDLE_TIMEOUT: Key = Key {
    name: "llm_idle_timeout_seconds",
    flag: "llm-idle-timeout-seconds",
    variable: "PALOMPY_LLM_IDLE_TIMEOUT_SECONDS",
    default: Some("20"),
    kind: Kind::Seconds { min: 1, max: 3_600 },
    help: "Seconds to wait for each further token",
};

pub const LLM_REWRITE_BUDGET: Key = Key {
    name: "llm_rewrite_budget_ms",
    flag: "llm-rewrite-budget-ms",
    variable: "PALOMPY_LLM_REWRITE_BUDGET_MS",
    default: Some("1500"),
    kind: Kind::Milliseconds { min: 1, max: 60_000 },
    help: "Milliseconds to wait for a new wording of a question, in shops with rewrite_questions; part of the total below",
};

pub const LLM_TOTAL_TIMEOUT: Key = Key {
    name: "llm_total_timeout_seconds",
    flag: "llm-total-timeout-seconds",
    variable: "PALOMPY_LLM_TOTAL_TIMEOUT_SECONDS",
    default: Some("90"),
    kind: Kind::Seconds { min: 1, max: 3_600 },
    help: "Seconds that a whole answer may take",
};

pub const LLM_MAX_RETRIES: Key = Key {
    name: "llm_max_retries",
    flag: "llm-max-retries",
    variable: "PALOMPY_LLM_MAX_RETRIES",
    default: Some("2"),
    kind: Kind::Number { min: 0, max: 10 },
    help: "How often a request is repeated that failed before its first token",
};

pub const LLM_MAX_ANSWER_TOKENS: Key = Key {
    name: "llm_max_answer_tokens",
    flag: "llm-max-answer-tokens",
    variable: "PALOMPY_LLM_MAX_ANSWER_TOKENS",
    default: Some("800"),
    kind: Kind::Number { min: 16, max: 100_000 },
    help: "Longest answer in tokens",
};

pub const VECTOR_STORE_ID: Key = Key {
    name: "vector_store_id",
    flag: "vector-store-id",
    variable: "VECTOR_STORE_ID",
    default: None,
    kind: Kind::Text,
    help: "Vector store that the employee assistant answers from",
};

pub const BITRIX24_APP_ID: Key = Key {
    name: "bitrix24_app_id",
    flag: "bitrix24-app-id",
    variable: "BITRIX24_APP_ID",
    default: None,
    kind: Kind::Text,
    help: "Id of the Bitrix24 application",
};

pub const BITRIX24_APP_SECRET: Key = Key {
    name: "bitrix24_app_secret",
    flag: "bitrix24-app-secret-file",
    variable: "BITRIX24_APP_SECRET",
    default: None,
    kind: Kind::Secret { min_characters: 1 },
    help: "Secret of the Bitrix24 application",
};
