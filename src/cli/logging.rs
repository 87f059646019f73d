//! Where logs go: standard error, so that standard output stays for results.

use crate::config::Config;
use crate::config::value::LogFormat;
use std::io;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging for this process. A command that is no server shows warnings only.
pub fn start(config: &Config, is_server: bool) {
    let filter = if is_server {
        EnvFilter::new(&config.log)
    } else {
        EnvFilter::new("warn")
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    match config.log_format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
