use ambit_domain::DocumentKind;

use super::archive::Archive;
use super::docx::properties;
use super::xml::{Xml, attribute, walk};
use crate::IngestError;
use crate::draft::{BlockKind, Draft, Unit};
use crate::limits::Limits;

/// Reads the slides of a PowerPoint file, each a page, with the notes of the speaker.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Draft, IngestError> {
    let mut archive = Archive::open(bytes, limits)?;
    let slides = slides(&mut archive, limits)?;
    if slides.is_empty() {
        return Err(IngestError::Damaged("it holds no slides".to_owned()));
    }
    let mut draft = Draft::new(DocumentKind::Pptx, Unit::Pages, limits.max_text);
    properties(&mut draft, &mut archive, limits)?;
    for (index, slide) in slides.iter().enumerate() {
        let page = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let Some(xml) = archive.text(slide)? else {
            draft.warnings.push(format!("slide {page} is missing"));
            continue;
        };
        let shapes = shapes(&xml, limits, &mut draft.warnings)?;
        let title = shapes.iter().find(|shape| shape.is_title).map(|shape| shape.paragraphs.join(" "));
        // A slide without a title is no part of the one before.
        let heading = title.unwrap_or_else(|| format!("Slide {page}"));
        draft.heading(1, &heading, None, page);
        for paragraph in shapes.iter().filter(|shape| !shape.is_title).flat_map(|shape| &shape.paragraphs) {
            write(&mut draft, "\n", paragraph, page);
        }
        let notes = slide.replace("slides/slide", "notesSlides/notesSlide");
        if let Some(xml) = archive.text(&notes)? {
            let mut ignored = Vec::new();
            for shape in self::shapes(&xml, limits, &mut ignored)?.iter().filter(|shape| shape.is_body) {
                write(&mut draft, "\n\n", &shape.paragraphs.join("\n"), page);
            }
        }
    }
    draft.end();
    Ok(draft)
}

fn write(draft: &mut Draft, separator: &str, text: &str, page: u32) {
    draft.begin(BlockKind::Prose, separator);
    draft.at(page);
    draft.push(text);
    draft.end();
}

/// The parts that hold the slides, in the order in which they are shown.
fn slides(archive: &mut Archive<'_>, limits: &Limits) -> Result<Vec<String>, IngestError> {
    let mut targets = std::collections::HashMap::new();
    if let Some(relations) = archive.text("ppt/_rels/presentation.xml.rels")? {
        walk(&relations, limits, |step| {
            if let Xml::Open { name: "Relationship", tag } = step
                && let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target"))
            {
                targets.insert(id, target);
            }
        })?;
    }
    let mut slides = Vec::new();
    if let Some(presentation) = archive.text("ppt/presentation.xml")? {
        walk(&presentation, limits, |step| {
            if let Xml::Open { name: "sldId", tag } = step {
                // The tag has an `id` of its own besides `r:id`.
                let id = tag.attributes().with_checks(false).flatten().find(|one| one.key.0.ends_with(":id"));
                if let Some(target) = id.and_then(|id| targets.get(id.value.as_ref())) {
                    slides.push(match target.strip_prefix('/') {
                        Some(absolute) => absolute.to_owned(),
                        None => format!("ppt/{target}"),
                    });
                }
            }
        })?;
    }
    if slides.is_empty() {
        let number = |name: &str| name.strip_prefix("ppt/slides/slide")?.strip_suffix(".xml")?.parse::<u32>().ok();
        let mut numbered: Vec<_> =
            archive.names().into_iter().filter_map(|name| Some((number(&name)?, name))).collect();
        numbered.sort();
        slides = numbered.into_iter().map(|(_, name)| name).collect();
    }
    Ok(slides)
}

#[derive(Default)]
struct Shape {
    is_title: bool,
    is_body: bool,
    paragraphs: Vec<String>,
}

fn shapes(xml: &str, limits: &Limits, warnings: &mut Vec<String>) -> Result<Vec<Shape>, IngestError> {
    let mut shapes: Vec<Shape> = Vec::new();
    let mut paragraph = String::new();
    let mut in_text = false;
    let broken = walk(xml, limits, |step| match step {
        Xml::Open { name: "sp" | "graphicFrame", .. } => shapes.push(Shape::default()),
        Xml::Open { name: "ph", tag } => {
            if let Some(shape) = shapes.last_mut() {
                let kind = attribute(tag, "type");
                shape.is_title = matches!(kind.as_deref(), Some("title" | "ctrTitle"));
                shape.is_body = matches!(kind.as_deref(), Some("body") | None);
            }
        }
        Xml::Open { name: "p", .. } => paragraph.clear(),
        Xml::Open { name: "t", .. } => in_text = true,
        Xml::Open { name: "br", .. } => paragraph.push(' '),
        Xml::Close { name: "t" } => in_text = false,
        Xml::Close { name: "p" } => {
            let text = paragraph.trim();
            if !text.is_empty() {
                if shapes.is_empty() {
                    shapes.push(Shape::default());
                }
                if let Some(shape) = shapes.last_mut() {
                    shape.paragraphs.push(text.to_owned());
                }
            }
            paragraph.clear();
        }
        Xml::Text(text) if in_text => paragraph.push_str(text),
        _ => {}
    })?;
    warnings.extend(broken);
    shapes.retain(|shape| !shape.paragraphs.is_empty());
    Ok(shapes)
}
