//! `palompy serve`.

use crate::app::App;
use crate::app::Mode;
use crate::app::local_token;
use crate::app::lock::DataFolder;
use crate::app::lock::Holder;
use crate::app::serve;
use crate::app::serve::EndRequests;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use crate::config::Config;
use crate::domain::clock::Clock;
use crate::domain::secret::Secret;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;

/// A server that is bound and has the data folder, but does not answer yet.
pub struct Prepared {
    pub app: App,
    pub url: String,
    pub token: String,
    listener: tokio::net::TcpListener,
    ends: EndRequests,
}

pub async fn serve(config: &Config) -> Result<(), Failure> {
    let prepared = prepare(config, Mode::Product).await?;
    print_ready(&prepared.url);
    prepared.run(config).await
}

/// Takes the folder first: a second server ends before it touches anything.
pub async fn prepare(config: &Config, mode: Mode) -> Result<Prepared, Failure> {
    let mut folder = DataFolder::lock(&config.data_dir)?;
    let (listener, address) = serve::bind(config.listen).await?;
    let url = format!("http://{}", reachable(address));
    let ends = EndRequests::listen()?;
    let token = local_token();
    let app_token = Secret::new(token.clone());
    folder.announce(&Holder {
        pid: std::process::id(),
        url: Some(url.clone()),
        token: token.clone(),
    })?;
    let app = App::start(config, folder, mode, Clock::System, app_token).await?;
    Ok(Prepared {
        app,
        url,
        token,
        listener,
        ends,
    })
}

impl Prepared {
    pub async fn run(self, config: &Config) -> Result<(), Failure> {
        let health = self.app.health.view().await;
        tracing::info!(
            version = health.version, schema = health.schema, embedding_model = health.embedding_model,
            generator = health.generator, data_dir = %config.data_dir.display(), "serving"
        );
        self.app.resume_in_background();
        Ok(serve::serve(self.app, self.listener, config.shutdown_grace, self.ends).await?)
    }
}

/// The one line on standard output that tells a script that the server answers.
pub fn print_ready(url: &str) {
    print_line(format!("palompy is ready at {url}"));
}

/// Where a command on this machine reaches a server that listens on all addresses.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}
