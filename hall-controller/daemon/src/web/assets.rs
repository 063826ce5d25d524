//! The pages' own style sheets and scripts, built into the binary.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

pub(super) const HALL_CSS: &str = include_str!("assets/hall.css");
const SCREEN_CSS: &str = include_str!("assets/screen.css");
const TOUCH_CSS: &str = include_str!("assets/touch.css");
const MANAGE_CSS: &str = include_str!("assets/manage.css");
const SIGNS_CSS: &str = include_str!("assets/signs.css");

/// `GET /assets/{name}`.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let (kind, text) = match name.as_str() {
        "hall.css" => ("text/css", HALL_CSS),
        "screen.css" => ("text/css", SCREEN_CSS),
        "touch.css" => ("text/css", TOUCH_CSS),
        "manage.css" => ("text/css", MANAGE_CSS),
        "signs.css" => ("text/css", SIGNS_CSS),
        "live.js" => ("text/javascript", include_str!("assets/live.js")),
        "screen.js" => ("text/javascript", include_str!("assets/screen.js")),
        "kiosk.js" => ("text/javascript", include_str!("assets/kiosk.js")),
        "ticket.js" => ("text/javascript", include_str!("assets/ticket.js")),
        "pad.js" => ("text/javascript", include_str!("assets/pad.js")),
        "manage.js" => ("text/javascript", include_str!("assets/manage.js")),
        "signs.js" => ("text/javascript", include_str!("assets/signs.js")),
        "icon.svg" => ("image/svg+xml", include_str!("assets/icon.svg")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    // An upgraded daemon must not meet yesterday's script in a browser's cache.
    ([(CONTENT_TYPE, format!("{kind}; charset=utf-8")), (CACHE_CONTROL, "no-cache".into())], text)
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written in one colour on another, by the names of the style sheets.
    const PAIRS: &[(&str, &str)] = &[
        ("ink", "paper"),
        ("ink", "ground"),
        ("ink", "tint"),
        ("soft", "paper"),
        ("soft", "ground"),
        ("soft", "tint"),
        ("brand", "paper"),
        ("brand", "ground"),
        ("brand", "tint"),
        ("on-brand", "brand"),
        ("on-brand", "brand-deep"),
        ("soft-on-brand", "brand"),
        ("good", "paper"),
        ("good", "good-tint"),
        ("warn", "paper"),
        ("warn", "warn-tint"),
        ("bad", "paper"),
        ("bad", "bad-tint"),
        ("on-bad", "bad"),
        ("night-ink", "night"),
        ("night-ink", "night-panel"),
        ("night-soft", "night"),
        ("night-soft", "night-panel"),
        ("call", "night"),
        ("call", "night-panel"),
        ("call-ink", "call"),
        ("night-good", "night-panel"),
        ("night-warn", "night-panel"),
        ("night-bad", "night-panel"),
    ];

    fn luminance(name: &str) -> f64 {
        let definition = format!("--{name}: #");
        let (_, rest) = HALL_CSS.split_once(&definition).unwrap_or_else(|| panic!("no colour {name}"));
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&rest[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
    }

    /// WCAG 2.2, contrast ratio.
    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_text_stands_out_from_its_ground_as_wcag_aa_asks() {
        for (text, ground) in PAIRS {
            let ratio = contrast(text, ground);
            assert!(ratio >= 4.5, "{text} on {ground}: {ratio:.2}");
        }
    }

    #[test]
    fn style_sheets_name_their_colours_once() {
        for sheet in [SCREEN_CSS, TOUCH_CSS, SIGNS_CSS, MANAGE_CSS] {
            assert!(!sheet.contains(": #"), "colours belong in hall.css, where their contrast is checked");
        }
    }
}
