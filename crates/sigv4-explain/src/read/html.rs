//! HTML: a page of a proxy, a load balancer, a web server, or of S3's website endpoints.

use super::{Family, Raw};
use crate::evidence::Evidence;
use crate::text::clean;

/// How many bytes of a page are searched for a title.
const HEAD: usize = 16 * 1024;

/// Whether a body that begins with `<` is HTML.
pub(super) fn is_html(text: &str) -> bool {
    let start: String = text.chars().take(15).flat_map(char::to_lowercase).collect();
    ["<!doctype html", "<html", "<head", "<center", "<h1", "<a href"]
        .iter()
        .any(|opening| start.starts_with(opening))
}

/// Returns the page's title, otherwise its first heading or its first words.
pub(super) fn read(text: &str, evidence: &Evidence<'_>) -> Raw {
    let head: String = text.chars().take(HEAD).collect();
    let said = evidence.header("x-amz-error-message").map(str::to_owned);
    let title = || element(&head, "title").or_else(|| element(&head, "h1"));
    let message = said.or_else(title).unwrap_or_else(|| words(&head));
    Raw { family: Some(Family::Html), message: Some(clean(&message, 200)), ..Raw::default() }
}

/// Returns the text of the first element with that name.
fn element(text: &str, name: &str) -> Option<String> {
    // Only ASCII letters change, so byte positions are the same in both texts.
    let lower = text.to_ascii_lowercase();
    let open = lower.find(&format!("<{name}"))?;
    let start = open + lower.get(open..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</")?;
    let inside = words(text.get(start..end)?);
    (!inside.is_empty()).then_some(inside)
}

/// Removes tags from a text and collapses its white space.
fn words(text: &str) -> String {
    let mut plain = String::new();
    for (at, piece) in text.split('<').enumerate() {
        let after = if at == 0 { piece } else { piece.split_once('>').map_or("", |(_, it)| it) };
        plain.push_str(after);
        plain.push(' ');
    }
    let plain = plain.replace("&#39;", "'").replace("&quot;", "\"").replace("&amp;", "&");
    plain.split_whitespace().take(40).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_is_read_and_otherwise_the_heading_or_the_first_words() {
        let title = "<!DOCTYPE HTML><HTML><HEAD><TITLE>\n A  b </TITLE></HEAD><h1>c</h1>";
        assert_eq!(element(title, "title").as_deref(), Some("A b"));
        assert_eq!(element("<html><h1>Un<b>authorized</h1>", "title"), None);
        assert_eq!(words("<html><p>Bad &amp; <i>URL</i></p>"), "Bad & URL");
        assert!(is_html("<!doctype HTML PUBLIC") && is_html("<html>") && !is_html("<Error>"));
    }
}
