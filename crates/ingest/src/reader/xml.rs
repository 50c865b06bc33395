use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::IngestError;
use crate::limits::Limits;

/// One step through an XML document; names come without their prefix.
pub(super) enum Xml<'a> {
    Open { name: &'a str, tag: &'a BytesStart<'a> },
    Close { name: &'a str },
    Text(&'a str),
}

/// Walks an XML document. Entities other than XML's own are not resolved, so that none can grow. Broken XML is read as
/// far as it goes, and the answer says where it broke.
pub(super) fn walk(xml: &str, limits: &Limits, mut visit: impl FnMut(Xml<'_>)) -> Result<Option<String>, IngestError> {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut events = 0_u32;
    loop {
        events = events.wrapping_add(1);
        if events.is_multiple_of(4096) {
            limits.check()?;
        }
        match reader.read_event() {
            Ok(Event::Eof) => return Ok(None),
            Ok(Event::Start(tag)) => visit(Xml::Open { name: local(tag.name().0), tag: &tag }),
            Ok(Event::Empty(tag)) => {
                visit(Xml::Open { name: local(tag.name().0), tag: &tag });
                visit(Xml::Close { name: local(tag.name().0) });
            }
            Ok(Event::End(tag)) => visit(Xml::Close { name: local(tag.name().0) }),
            Ok(Event::Text(text)) => visit(Xml::Text(&text)),
            Ok(Event::CData(text)) => visit(Xml::Text(&text)),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(character)) => visit(Xml::Text(character.encode_utf8(&mut [0; 4]))),
                _ => {
                    if let Some(text) = resolve_predefined_entity(&reference) {
                        visit(Xml::Text(text));
                    }
                }
            },
            Ok(_) => {}
            Err(error) => return Ok(Some(format!("the XML is broken at byte {}: {error}", reader.error_position()))),
        }
    }
}

/// An attribute by its name without prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|attribute| local(attribute.key.0) == name)?;
    let value = found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The texts of all elements of these names, with their names.
pub(super) fn texts_of(xml: &str, elements: &[&str], limits: &Limits) -> Result<Vec<(String, String)>, IngestError> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    walk(xml, limits, |step| match step {
        Xml::Open { name, .. } if elements.contains(&name) => open = Some((name.to_owned(), String::new())),
        Xml::Close { name } => {
            if let Some((element, text)) = open.take_if(|(element, _)| element == name)
                && !text.trim().is_empty()
            {
                found.push((element, text.trim().to_owned()));
            }
        }
        Xml::Text(text) => {
            if let Some((_, collected)) = &mut open {
                collected.push_str(text);
            }
        }
        Xml::Open { .. } => {}
    })?;
    Ok(found)
}
