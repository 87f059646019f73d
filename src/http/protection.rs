//! The one guard of the widget's routes: which shop a request is for, whether its page may ask, how often, and what the browser is
//! told about it. A handler gets the shop from here; a route mounted without the layer refuses.

use crate::domain::id::PublicKey;
use crate::domain::problem::Problem;
use crate::domain::shop::Shop;
use crate::http::address::VisitorAddress;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::limits::Budget;
use crate::http::limits::Caller;
use crate::http::limits::Limits;
use crate::http::named_shop::named_shop;
use crate::http::origin::Page;
use crate::store::Store;
use axum::extract::FromRequestParts;
use axum::extract::MatchedPath;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use std::sync::Arc;
use std::time::Duration;

/// What a page may send. The visitor's token travels in a header of its own.
const ALLOWED_HEADERS: &str = "content-type, accept, accept-language, x-palompy-visitor";
const ALLOWED_METHODS: &str = "GET, POST, DELETE";
const EXPOSED_HEADERS: &str = "retry-after";
/// How long a browser may remember a preflight, in seconds; no browser keeps it longer than a day, most two hours.
const PREFLIGHT_SECONDS: &str = "7200";

/// What the layer knows.
pub struct WidgetGuard {
    pub store: Store,
    pub limits: Limits,
    /// The budget of a route, by its method and its path as it was mounted.
    pub budget_of: fn(&Method, &str) -> Budget,
    /// The address under which visitors reach this server.
    pub public_url: Option<String>,
}

/// A request that passed the guard, for handlers that tell all that is wrong with it at once before they need the shop, or whose
/// path names something of a shop's.
#[derive(Clone)]
pub struct WidgetCall {
    guard: Arc<WidgetGuard>,
    page: Option<Page>,
    is_own_page: bool,
    budget: Budget,
    caller: Caller,
    shop: Option<Arc<Shop>>,
}

/// The shop that a widget's request is for, whose page and limits were checked.
#[derive(Debug, Clone)]
pub struct WidgetShop(pub Arc<Shop>);

/// The layer of all the widget's routes.
///
/// The answer carries `Access-Control-Allow-Origin` only for a page that the shop allows, and `Vary: Origin` always. A request that
/// names no shop, as every preflight of a body does, is answered for pages that some shop allows; it can do nothing: the
/// handler refuses it, and what comes after a preflight is checked again.
pub async fn protect_widget(State(guard): State<Arc<WidgetGuard>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut may_read = false;
    let passed = guard.pass(request, next, &mut may_read).await;
    let mut response = passed.unwrap_or_else(Refusal::into_response);
    may_read &= response.status() != StatusCode::FORBIDDEN;
    add_cors_headers(response.headers_mut(), origin.filter(|_| may_read));
    response
}

/// Why a request did not reach its handler.
enum Refusal {
    Error(ApiError),
    TooOften(Duration),
}

impl WidgetGuard {
    /// Answers the request, and tells on the way whether the page that sent it may read the answer.
    async fn pass(self: &Arc<Self>, request: Request, next: Next, may_read: &mut bool) -> Result<Response, Refusal> {
        let headers = request.headers();
        let page = Page::of(headers);
        let is_own = page
            .as_ref()
            .is_some_and(|page| page.is_own(headers, self.public_url.as_deref()));
        let is_preflight =
            request.method() == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let budget = if is_preflight {
            Budget::Reads
        } else {
            self.budget(&request)
        };
        let address = request.extensions().get::<VisitorAddress>().copied();
        let address = address.ok_or_else(|| ApiError::new(Code::Internal))?;
        let named = named_shop(request).await;
        let shop = match &named {
            Ok(named) => self.find_shop(named.key).await,
            Err(error) => Err(error.clone()),
        };
        let found = shop.as_ref().ok().cloned().flatten();
        let caller = Caller {
            shop: found.as_ref().map(|shop| shop.id),
            address,
            session: named.as_ref().ok().and_then(|named| named.session),
        };
        if found.is_none() {
            // Looking through all shops is what costs.
            self.limits.check(budget, caller)?;
        }
        *may_read = is_own || self.allows(page.as_ref(), found.as_deref()).await?;
        if !*may_read && (found.is_some() || is_preflight) {
            return Err(ApiError::new(Code::ForbiddenOrigin).into());
        }
        if found.is_some() {
            // Pages that are not allowed take nothing from the shop.
            self.limits.check(budget, caller)?;
        }
        let (named, shop) = (named?, shop?);
        if is_preflight {
            return Ok(preflight());
        }
        let mut request = named.request;
        request.extensions_mut().insert(WidgetCall {
            guard: self.clone(),
            page,
            is_own_page: is_own,
            budget,
            caller,
            shop,
        });
        Ok(next.run(request).await)
    }

    /// A key that is no UUID names no shop; what to say about it is the handler's affair.
    async fn find_shop(&self, key: Option<PublicKey>) -> Result<Option<Arc<Shop>>, ApiError> {
        match key {
            None => Ok(None),
            Some(key) => Ok(Some(Arc::new(self.store.shop_by_public_key(key).await?))),
        }
    }

    async fn allows(&self, page: Option<&Page>, shop: Option<&Shop>) -> Result<bool, ApiError> {
        let Some(page) = page else {
            return Ok(true);
        };
        if let Some(shop) = shop {
            return Ok(page.is_allowed(&shop.settings.allowed_origins));
        }
        let shops = self.store.list_shops().await?;
        Ok(shops.iter().any(|shop| page.is_allowed(&shop.settings.allowed_origins)))
    }

    fn budget(&self, request: &Request) -> Budget {
        let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        (self.budget_of)(request.method(), path.unwrap_or_default())
    }
}

impl Refusal {
    fn into_response(self) -> Response {
        match self {
            Refusal::Error(error) => error.into_response(),
            Refusal::TooOften(wait) => too_many(wait),
        }
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Refusal {
        Refusal::Error(error)
    }
}

impl From<Duration> for Refusal {
    fn from(wait: Duration) -> Refusal {
        Refusal::TooOften(wait)
    }
}

fn too_many(wait: Duration) -> Response {
    let mut response = ApiError::new(Code::TooManyRequests).into_response();
    let seconds = HeaderValue::from(wait.as_secs() + 1);
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Never with credentials: no cookie is read here, and none may be sent.
fn add_cors_headers(headers: &mut HeaderMap, allowed_origin: Option<HeaderValue>) {
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed_origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static(EXPOSED_HEADERS);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

impl WidgetCall {
    /// The shop that the request names; without one, the error that names the field.
    pub fn shop(self) -> Result<Arc<Shop>, ApiError> {
        let problem = || Problem::new("shopPublicKey", "problem_uuid");
        self.shop.ok_or_else(|| ApiError::invalid(vec![problem()]))
    }

    /// Lets the request act for the shop of what its path names, as a survey does. A request that named another shop finds nothing; one
    /// that named none is checked here.
    pub fn admit(&self, shop: &Shop) -> Result<(), ApiError> {
        if let Some(named) = &self.shop {
            let is_same = named.id == shop.id;
            return if is_same {
                Ok(())
            } else {
                Err(ApiError::new(Code::NotFound))
            };
        }
        let page = self.page.as_ref();
        if !self.is_own_page && page.is_some_and(|page| !page.is_allowed(&shop.settings.allowed_origins)) {
            return Err(ApiError::new(Code::ForbiddenOrigin));
        }
        let caller = Caller {
            shop: Some(shop.id),
            ..self.caller
        };
        let counted = self.guard.limits.check(self.budget, caller);
        counted.map_err(|_| ApiError::new(Code::TooManyRequests))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for WidgetCall {
    type Rejection = ApiError;

    /// Refuses where the layer is missing.
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<WidgetCall, ApiError> {
        let passed = parts.extensions.get::<WidgetCall>().cloned();
        passed.ok_or_else(|| ApiError::new(Code::ForbiddenOrigin))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for WidgetShop {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<WidgetShop, ApiError> {
        let call = WidgetCall::from_request_parts(parts, state).await?;
        call.shop().map(WidgetShop)
    }
}
