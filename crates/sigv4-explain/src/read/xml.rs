//! XML errors: S3's, the query protocol's, EC2's, and those whose root element is the code.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

use super::{Family, Raw, Unreadable};

/// The most elements that are read. An error has about a dozen.
const MAX_ELEMENTS: usize = 256;

/// The deepest nesting that is read. Errors have four levels.
const MAX_DEPTH: usize = 8;

/// A closed element: the names of its ancestors, its own name, and its text.
struct Element {
    path: Vec<String>,
    text: String,
}

pub(super) fn read(text: &str) -> Result<Raw, Unreadable> {
    let elements = elements(text)?;
    let root = elements.last().and_then(|element| element.path.first()).cloned();
    let root = root.unwrap_or_default();
    let (family, parents): (Family, &[&[&str]]) = match root.as_str() {
        "Error" => (Family::S3, &[&["Error"]]),
        // moto writes `<Errors>` in between.
        "ErrorResponse" => {
            (Family::Query, &[&["ErrorResponse", "Error"], &["ErrorResponse", "Errors", "Error"]])
        }
        "Response" => (Family::Ec2, &[&["Response", "Errors", "Error"]]),
        name if name.ends_with("Exception") => (Family::RootElement, &[]),
        _ => return Err(Unreadable::Malformed),
    };
    let mut raw = Raw { family: Some(family), ..Raw::default() };
    if family == Family::RootElement {
        raw.code = Some(root.clone());
    }
    for element in elements {
        let Some((name, above)) = element.path.split_last() else { continue };
        let is_above =
            |parent: &&[&str]| above.iter().map(String::as_str).eq(parent.iter().copied());
        let inside =
            parents.iter().any(is_above) || (family == Family::RootElement && above.len() == 1);
        let slot = match name.as_str() {
            "RequestId" | "RequestID" => &mut raw.request_id,
            "Code" if inside => &mut raw.code,
            "Message" | "message" if inside => &mut raw.message,
            _ if inside && family == Family::S3 && !name.starts_with("Token-") => {
                raw.fields.push((name.clone(), element.text));
                continue;
            }
            _ => continue,
        };
        slot.get_or_insert(element.text);
    }
    if raw.code.is_some() { Ok(raw) } else { Err(Unreadable::Malformed) }
}

/// Returns every element of a complete document, in the order of their end tags.
fn elements(text: &str) -> Result<Vec<Element>, Unreadable> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<(String, String)> = Vec::new();
    let mut done = Vec::new();
    loop {
        let event = reader.read_event().map_err(|_| Unreadable::Malformed)?;
        let mut closes = matches!(event, Event::End(_));
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                open.push((start.name().local_name().into_inner().to_owned(), String::new()));
                closes = matches!(event, Event::Empty(_));
            }
            Event::Text(part) => append(&mut open, &part.xml_content(XmlVersion::Implicit1_0))?,
            Event::CData(part) => append(&mut open, &part.xml_content(XmlVersion::Implicit1_0))?,
            Event::GeneralRef(reference) => append(&mut open, &resolve(reference)?)?,
            // A DOCTYPE can declare entities. No service sends one.
            Event::DocType(_) => return Err(Unreadable::Malformed),
            Event::Eof if open.is_empty() => return Ok(done),
            Event::Eof => return Err(Unreadable::Malformed),
            Event::End(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
        if open.len() > MAX_DEPTH || done.len() > MAX_ELEMENTS {
            return Err(Unreadable::Malformed);
        }
        if closes {
            let path = open.iter().map(|(name, _)| name.clone()).collect();
            let (_, text) = open.pop().ok_or(Unreadable::Malformed)?;
            done.push(Element { path, text });
        }
    }
}

/// Adds text to the innermost element. Outside the root only white space is allowed.
fn append(open: &mut [(String, String)], part: &str) -> Result<(), Unreadable> {
    match open.last_mut() {
        Some((_, text)) => text.push_str(part),
        None if part.trim().is_empty() => {}
        None => return Err(Unreadable::Malformed),
    }
    Ok(())
}

/// Decodes a character reference or one of XML's five entities.
fn resolve(reference: &BytesRef<'_>) -> Result<String, Unreadable> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Ok(character.to_string()),
        Ok(None) => resolve_xml_entity(reference).map(str::to_owned).ok_or(Unreadable::Malformed),
        Err(_) => Err(Unreadable::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entity_bomb_is_refused_at_its_declaration() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><Error><Code>&c;</Code></Error>";
        assert_eq!(read(bomb).unwrap_err(), Unreadable::Malformed);
        assert_eq!(read("<Error><Code>&c;</Code></Error>").unwrap_err(), Unreadable::Malformed);
    }

    #[test]
    fn document_cut_at_any_byte_is_refused() {
        let whole = "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>a &amp; b</Message></Error>";
        assert_eq!(read(whole).unwrap().message.as_deref(), Some("a & b"));
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn deep_and_wide_documents_are_refused() {
        let deep = "<Error>".repeat(100_000);
        assert!(read(&deep).is_err());
        let wide = format!("<Error>{}<Code>A</Code></Error>", "<a/>".repeat(10_000));
        assert!(read(&wide).is_err());
    }

    #[test]
    fn code_elsewhere_than_its_place_does_not_count() {
        assert!(read("<Error><Message><Code>AccessDenied</Code></Message></Error>").is_err());
        assert!(read("<html><Code>AccessDenied</Code></html>").is_err());
    }
}
