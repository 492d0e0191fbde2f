//! Filling in a page.

/// What goes into a place of a page.
pub(super) enum Piece<'t> {
    /// Escaped.
    Text(&'t str),
    /// Already a part of a page.
    Html(&'t str),
}

/// Replaces every `{{name}}` in one pass, so that a text which looks like a place stays a text.
pub(super) fn fill(template: &str, pieces: &[(&str, Piece<'_>)]) -> String {
    let mut page = String::with_capacity(template.len().saturating_mul(2));
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let Some((name, after)) = after.split_once("}}") else { break };
        match pieces.iter().find(|(known, _)| *known == name) {
            Some((_, Piece::Html(html))) => page.push_str(html),
            Some((_, Piece::Text(text))) => escape(text, &mut page),
            None => {}
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

fn escape(text: &str, page: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            other => page.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, fill};

    #[test]
    fn a_text_can_neither_add_markup_nor_places() {
        let page = fill("<p>{{a}}{{b}}</p>", &[("a", Piece::Text("<b>{{b}}\"'&")), ("b", Piece::Html("<i>"))]);
        assert_eq!(page, "<p>&lt;b&gt;{{b}}&quot;&#39;&amp;<i></p>");
    }
}
