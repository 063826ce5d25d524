//! What is refused before a page is asked, and the headers every answer carries.
//!
//! There are no logins, so a page of another site must not be able to press keys: its requests
//! are told by their `Origin`, by their content type, and, when it has pointed its own name at
//! this machine (DNS rebinding), by their `Host`.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::api::error;
use super::text::{NOT_JSON, OTHER_HOST, OTHER_ORIGIN};

/// Only our own files, nothing inline, in nobody's frame.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Put the safety headers on every answer, and keep answers out of caches: yesterday's queue is
/// worse than none.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.extend(HEADERS);
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuse hosts that are not this machine's own names; for pages that listen on loopback.
pub(super) async fn own_host(request: Request, next: Next) -> Response {
    let own = request.headers().get(HOST).and_then(|host| host.to_str().ok()).is_some_and(is_loopback_host);
    if own { next.run(request).await } else { error(StatusCode::MISDIRECTED_REQUEST, &OTHER_HOST.name(&[])) }
}

/// Whether a `Host` names this machine, with any port.
fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or("", |(name, _)| name),
        None => host.split(':').next().unwrap_or(""),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Refuse what another site's page sends, and bodies that are not declared as JSON: those a
/// browser would send for any site without asking first.
pub(super) async fn same_origin(request: Request, next: Next) -> Response {
    // No other site's page can know a program's token, and a browser asks before it sends that header.
    if request.method() != Method::POST || request.headers().contains_key(AUTHORIZATION) {
        return next.run(request).await;
    }
    let headers = request.headers();
    if headers.contains_key(ORIGIN) && !origin_is_host(headers) {
        return error(StatusCode::FORBIDDEN, &OTHER_ORIGIN.name(&[]));
    }
    if !is_json(headers) {
        return error(StatusCode::UNSUPPORTED_MEDIA_TYPE, &NOT_JSON.name(&[]));
    }
    next.run(request).await.into_response()
}

fn origin_is_host(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let (Some(origin), Some(host)) = (text(ORIGIN), text(HOST)) else { return false };
    // A reverse proxy may have spoken HTTPS with the browser.
    let named = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    named.is_some_and(|named| named.eq_ignore_ascii_case(host))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    kind.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_s_own_names_are_loopback() {
        for own in
            ["localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:80", "127.9.9.9"]
        {
            assert!(is_loopback_host(own), "{own}");
        }
        for foreign in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "10.0.0.1",
            "[::2]:80",
            "[",
        ] {
            assert!(!is_loopback_host(foreign), "{foreign}");
        }
    }

    #[test]
    fn an_origin_is_the_host_with_a_scheme_and_nothing_else() {
        let same = |origin: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("127.0.0.1:8080"));
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
            origin_is_host(&headers)
        };
        assert!(same("http://127.0.0.1:8080") && same("https://127.0.0.1:8080"));
        for other in ["null", "", "http://127.0.0.1", "http://127.0.0.1:80801", "ftp://127.0.0.1:8080"] {
            assert!(!same(other), "{other}");
        }
    }
}
