//! Listening, and ending without cutting answers short.

use crate::app::App;
use anyhow::Context;
use axum::body::Body;
use axum::http::StatusCode;
use axum::serve::ListenerExt;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal;
use tokio::sync::watch;
use tower::ServiceExt;

pub async fn bind(address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("could not listen on {address}: is another program using it? Choose another with --listen HOST:PORT")
    })?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Requests to end this process: Ctrl+C, and SIGTERM where there are signals. They count from the moment this is made.
pub struct EndRequests {
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

impl EndRequests {
    pub fn listen() -> anyhow::Result<EndRequests> {
        Ok(EndRequests {
            #[cfg(unix)]
            interrupt: signal::unix::signal(signal::unix::SignalKind::interrupt())
                .context("could not listen for SIGINT")?,
            #[cfg(unix)]
            terminate: signal::unix::signal(signal::unix::SignalKind::terminate())
                .context("could not listen for SIGTERM")?,
        })
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = signal::ctrl_c().await;
    }
}

/// Serves until the process is asked to end; then takes no new connection and lets running answers end for up to `grace`. A
/// second request to end does not wait.
pub async fn serve(app: App, listener: TcpListener, grace: Duration, mut ends: EndRequests) -> anyhow::Result<()> {
    let (stop, mut stopped) = watch::channel(false);
    let service = app.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    // Otherwise a token may wait 40 ms for the acknowledgement of the one before it.
    let prompt = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "could not send without delay");
        }
    });
    let serving = axum::serve(prompt, service).with_graceful_shutdown(async move {
        // An error means that the sender is gone, which also ends the server.
        let _ = stopped.changed().await;
    });
    let deadline = async {
        ends.next().await;
        tracing::info!("ending: no new connections");
        stop.send_replace(true);
        tokio::select! {
            () = tokio::time::sleep(grace) => tracing::warn!("some answers did not end in time and are cut"),
            () = ends.next() => tracing::warn!("asked twice: ending at once"),
        }
    };
    tokio::select! {
        ended = async { serving.await } => ended.context("serving failed"),
        () = deadline => Ok(()),
    }
}

/// Answers one request without a socket, for a command that has the data folder to itself.
pub async fn call(app: &App, request: reqwest::Request) -> anyhow::Result<(StatusCode, Vec<u8>)> {
    let mut builder = axum::http::Request::builder()
        .method(request.method())
        .uri(request.url().as_str());
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    let body = request
        .body()
        .and_then(|body| body.as_bytes())
        .map_or_else(Body::empty, |bytes| Body::from(bytes.to_vec()));
    let request = builder.body(body).context("could not make the request")?;
    let response = match app.router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .context("could not read the answer")?;
    Ok((status, bytes.to_vec()))
}

/// Chooses the TLS implementation; must run before the first HTTP client is made.
pub fn install_tls() {
    crate::llm::install_tls();
}
