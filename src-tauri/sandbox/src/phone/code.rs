//! The customer's payment code: shown for the till's scanner or for typing, and what became of it.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use qrcode::{Color, QrCode};
use serde::Deserialize;

use super::template::{Piece, fill};
use super::words::{Language, Words};
use super::{Asked, guarded, language, missing, wallet};
use crate::stage::Stage;
use crate::wallet::{Manner, PaymentCode, Purse};

const PURSES: [(Purse, &str); 4] =
    [(Purse::Wechat, "wechat"), (Purse::Alipay, "alipay"), (Purse::Qq, "qq"), (Purse::Unionpay, "unionpay")];
const MANNERS: [(Manner, &str); 3] =
    [(Manner::AtOnce, "at_once"), (Manner::Confirm, "confirm"), (Manner::Refused, "refused")];

/// Which code the customer wishes for.
#[derive(Deserialize)]
pub(super) struct Wish {
    purse: Purse,
    manner: Manner,
}

/// Makes a new code; the page is asked for again, so that reloading makes no second one.
pub(super) async fn mint(
    State(stage): State<Arc<Stage>>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    Form(wish): Form<Wish>,
) -> Response {
    let language = language(&asked, &headers);
    if !stage.with(|book| book.code_token() == token) {
        return missing(language);
    }
    stage.with(|book| book.mint(wish.manner, wish.purse));
    if let Err(error) = stage.save().await {
        return (StatusCode::INTERNAL_SERVER_ERROR, format!("not saved: {error}")).into_response();
    }
    let back = format!("/phone/{token}?lang={}", language.tag());
    guarded((StatusCode::SEE_OTHER, [(LOCATION, back)]).into_response())
}

/// The newest code, or the order that used it, and the wish for another.
pub(super) fn codes(stage: &Stage, token: &str, language: Language) -> String {
    let (newest, trade, gateway_s) = stage.with(|book| {
        let newest = book.kept.codes.last().cloned();
        let used_by = newest.as_ref().and_then(|code| code.used_by.as_ref());
        let trade = used_by.and_then(|order_no| book.kept.trades.get(order_no)).cloned();
        (newest, trade, book.gateway_s())
    });
    let words = language.words();
    let shown = match (newest, trade) {
        (Some(_), Some(trade)) => wallet(&trade, language, gateway_s),
        (Some(code), None) if code.used_by.is_none() => card(&code, words),
        _ => format!("<h1 class=\"heading\">{}</h1>", words.code),
    };
    let choices = |options: Vec<(&str, &str)>| -> String {
        let option = |(value, label)| ["<option value=\"", value, "\">", label, "</option>"].concat();
        options.into_iter().map(option).collect()
    };
    let purses = choices(PURSES.iter().map(|(purse, value)| (*value, words.purse(*purse))).collect());
    let manners = choices(MANNERS.iter().map(|(manner, value)| (*value, words.manner(*manner))).collect());
    let wish = fill(
        include_str!("wish.html"),
        &[
            ("token", Piece::Text(token)),
            ("lang", Piece::Text(language.tag())),
            ("purse_label", Piece::Text(words.purse_label)),
            ("purses", Piece::Html(&purses)),
            ("manner_label", Piece::Text(words.manner_label)),
            ("manners", Piece::Html(&manners)),
            ("show", Piece::Text(words.code_show)),
        ],
    );
    shown + &wish
}

fn card(code: &PaymentCode, words: &Words) -> String {
    let about = format!("{} · {}", words.purse(code.purse), words.manner(code.manner));
    fill(
        include_str!("code.html"),
        &[
            ("code", Piece::Text(&code.code)),
            ("title", Piece::Text(words.code)),
            ("qr", Piece::Html(&drawn(&code.code, words.code))),
            ("spaced", Piece::Text(&spaced(&code.code))),
            ("about", Piece::Text(&about)),
            ("note", Piece::Text(words.code_note)),
        ],
    )
}

/// Groups of four, easier to type.
fn spaced(code: &str) -> String {
    let mut spaced = String::new();
    for (place, digit) in code.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            spaced.push(' ');
        }
        spaced.push(digit);
    }
    spaced
}

/// The code as one path, with a quiet zone of four modules; nothing if it cannot be drawn.
fn drawn(text: &str, label: &str) -> String {
    let Ok(code) = QrCode::new(text) else { return String::new() };
    let width = code.width();
    let mut path = String::new();
    for (place, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (place % width + 4, place / width + 4);
            path.extend(["M", &x.to_string(), " ", &y.to_string(), "h1v1h-1z"]);
        }
    }
    let side = width + 8;
    format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{label}\"><path d=\"{path}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::{drawn, spaced};

    #[test]
    fn a_number_is_shown_in_groups_of_four() {
        assert_eq!(spaced("134567890123456789"), "1345 6789 0123 4567 89");
    }

    #[test]
    fn a_drawn_code_is_one_path_inside_a_quiet_zone() {
        let svg = drawn("134567890123456789", "x");
        assert_eq!(svg.matches("<path").count(), 1);
        assert!(svg.contains("viewBox=\"0 0 29 29\"") && svg.contains("\"M4 4h1v1h-1z"), "{svg}");
    }
}
