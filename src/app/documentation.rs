//! The OpenAPI document, made from the routes, and the page that shows it.

use crate::http::error::ErrorBody;
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi as _;
use utoipa::openapi::Content;
use utoipa::openapi::Info;
use utoipa::openapi::License;
use utoipa::openapi::OpenApi;
use utoipa::openapi::PathItem;
use utoipa::openapi::Ref;
use utoipa::openapi::Response;
use utoipa::openapi::ResponseBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::Http;
use utoipa::openapi::security::HttpAuthScheme;
use utoipa::openapi::security::SecurityScheme;
use utoipa_swagger_ui::SwaggerUi;

/// The API page writes its styles and icons into the page; scripts come from this server only.
const CONTENT_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// What every route has in common and none has to repeat: the shape of an error.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(ErrorBody)))]
struct Common;

/// `/api/openapi.json`, and `/api/docs` from files inside the program.
pub fn router(routes: OpenApi) -> Router {
    let policy = HeaderValue::from_static(CONTENT_POLICY);
    Router::from(SwaggerUi::new("/api/docs").url("/api/openapi.json", document(routes))).layer(
        SetResponseHeaderLayer::if_not_present(header::CONTENT_SECURITY_POLICY, policy),
    )
}

fn document(routes: OpenApi) -> OpenApi {
    let mut document = Common::openapi();
    document.merge(routes);
    document.info = Info::new("Palompy", env!("CARGO_PKG_VERSION"));
    document.info.license = Some(License::new(env!("CARGO_PKG_LICENSE")));
    let components = document.components.get_or_insert_default();
    for (name, scheme) in [
        ("administrator", HttpAuthScheme::Bearer),
        ("exchange", HttpAuthScheme::Basic),
    ] {
        components.add_security_scheme(name, SecurityScheme::Http(Http::new(scheme)));
    }
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        for (status, description) in [
            ("4XX", "The request is at fault; the code says how."),
            ("5XX", "The server is at fault."),
        ] {
            operation
                .responses
                .responses
                .insert(status.to_owned(), error(description).into());
        }
    }
    document
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let methods = [
        &mut path.get,
        &mut path.post,
        &mut path.put,
        &mut path.patch,
        &mut path.delete,
    ];
    methods.into_iter().flatten()
}

fn error(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("ErrorBody")));
    ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
        .build()
}
