use std::collections::HashMap;

use ambit_domain::DocumentKind;

use super::archive::Archive;
use super::front_matter::{date, person};
use super::xml::{Xml, attribute, texts_of, walk};
use crate::IngestError;
use crate::draft::{BlockKind, Draft, Unit};
use crate::limits::Limits;

/// Reads a Word document. Pages are counted where the program that wrote it recorded them; paragraphs count as lines
/// where it did not.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Draft, IngestError> {
    let mut archive = Archive::open(bytes, limits)?;
    let Some(document) = archive.text("word/document.xml")? else {
        return Err(IngestError::Damaged("it holds no Word document".to_owned()));
    };
    let levels = match archive.text("word/styles.xml")? {
        Some(styles) => heading_levels(&styles, limits)?,
        None => HashMap::new(),
    };
    let paged = document.contains("lastRenderedPageBreak");
    let mut draft = Draft::new(DocumentKind::Docx, if paged { Unit::Pages } else { Unit::Lines }, limits.max_text);
    properties(&mut draft, &mut archive, limits)?;
    let targets = relations(&mut archive, limits)?;
    let broken = {
        let mut body = Body::new(&mut draft, &levels, &targets, paged);
        walk(&document, limits, |step| body.step(&step))?
    };
    draft.end();
    draft.warnings.extend(broken);
    Ok(draft)
}

/// Title, authors and keywords from the properties that office documents share.
pub(super) fn properties(draft: &mut Draft, archive: &mut Archive<'_>, limits: &Limits) -> Result<(), IngestError> {
    let Some(core) = archive.text("docProps/core.xml")? else { return Ok(()) };
    let found = texts_of(&core, &["title", "creator", "keywords", "modified", "language"], limits)?;
    let modified = found.iter().find(|(name, _)| name == "modified").and_then(|(_, text)| date(text));
    for (name, text) in found {
        match name.as_str() {
            "title" => draft.title = Some(text),
            "creator" => draft.outline.people.extend(text.split(';').map(|author| person(author, modified))),
            "keywords" => {
                let tags = text.split([',', ';']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
                draft.outline.tags.extend(tags);
            }
            "language" => draft.language = Some(text.split('-').next().unwrap_or(&text).to_ascii_lowercase()),
            _ => {}
        }
    }
    Ok(())
}

/// The heading level of each paragraph style.
fn heading_levels(styles: &str, limits: &Limits) -> Result<HashMap<String, u8>, IngestError> {
    let mut levels = HashMap::new();
    let mut style = String::new();
    walk(styles, limits, |step| {
        let Xml::Open { name, tag } = step else { return };
        match name {
            "style" => style = attribute(tag, "styleId").unwrap_or_default(),
            "name" => {
                let name = attribute(tag, "val").unwrap_or_default().to_ascii_lowercase();
                let level =
                    if name == "title" { Some(1) } else { name.strip_prefix("heading ").and_then(|n| n.parse().ok()) };
                if let Some(level) = level {
                    levels.insert(style.clone(), level);
                }
            }
            "outlineLvl" => {
                if let Some(level) =
                    attribute(tag, "val").and_then(|level| level.parse::<u8>().ok()).filter(|level| *level < 9)
                {
                    levels.entry(style.clone()).or_insert(level + 1);
                }
            }
            _ => {}
        }
    })?;
    Ok(levels)
}

/// What the ids of hyperlinks lead to.
fn relations(archive: &mut Archive<'_>, limits: &Limits) -> Result<HashMap<String, String>, IngestError> {
    let mut targets = HashMap::new();
    if let Some(relations) = archive.text("word/_rels/document.xml.rels")? {
        walk(&relations, limits, |step| {
            if let Xml::Open { name: "Relationship", tag } = step
                && let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target"))
            {
                targets.insert(id, target);
            }
        })?;
    }
    Ok(targets)
}

struct Body<'a> {
    draft: &'a mut Draft,
    levels: &'a HashMap<String, u8>,
    targets: &'a HashMap<String, String>,
    paged: bool,
    /// The page, or the number of the paragraph.
    place: u32,
    place_of_paragraph: u32,
    paragraph: String,
    style: Option<String>,
    is_item: bool,
    tables: u32,
    row: Vec<String>,
    cell: String,
    in_text: bool,
    link: Option<(String, usize)>,
}

impl<'a> Body<'a> {
    fn new(
        draft: &'a mut Draft,
        levels: &'a HashMap<String, u8>,
        targets: &'a HashMap<String, String>,
        paged: bool,
    ) -> Self {
        Self {
            draft,
            levels,
            targets,
            paged,
            place: u32::from(paged),
            place_of_paragraph: 1,
            paragraph: String::new(),
            style: None,
            is_item: false,
            tables: 0,
            row: Vec::new(),
            cell: String::new(),
            in_text: false,
            link: None,
        }
    }

    fn step(&mut self, step: &Xml<'_>) {
        match step {
            Xml::Open { name, tag } => match *name {
                "p" => {
                    if !self.paged {
                        self.place = self.place.saturating_add(1);
                    }
                    self.place_of_paragraph = self.place;
                    self.paragraph.clear();
                    self.style = None;
                    self.is_item = false;
                }
                "pStyle" => self.style = attribute(tag, "val"),
                "numPr" => self.is_item = true,
                "t" => self.in_text = true,
                "tab" => self.paragraph.push(' '),
                "br" | "cr" => self.paragraph.push('\n'),
                "lastRenderedPageBreak" if self.paged => {
                    self.place = self.place.saturating_add(1);
                    if self.paragraph.is_empty() {
                        self.place_of_paragraph = self.place;
                    }
                }
                "tbl" => self.tables = self.tables.saturating_add(1),
                "tr" => self.row.clear(),
                "tc" => self.cell.clear(),
                "hyperlink" => {
                    let target = attribute(tag, "id").and_then(|id| self.targets.get(&id));
                    self.link = target.map(|target| (target.clone(), self.paragraph.len()));
                }
                _ => {}
            },
            Xml::Close { name } => match *name {
                "t" => self.in_text = false,
                "p" => self.end_paragraph(),
                "hyperlink" => {
                    if let Some((target, start)) = self.link.take() {
                        let text = self.paragraph.get(start..).unwrap_or_default().to_owned();
                        self.draft.link(&target, &text);
                    }
                }
                "tc" => self.row.push(std::mem::take(&mut self.cell)),
                "tr" => {
                    let row = std::mem::take(&mut self.row).join(" | ");
                    if !row.replace(" | ", "").trim().is_empty() {
                        self.write(BlockKind::Lines, "\n", &row);
                    }
                }
                "tbl" => self.tables = self.tables.saturating_sub(1),
                _ => {}
            },
            Xml::Text(text) => {
                if self.in_text {
                    self.paragraph.push_str(text);
                }
            }
        }
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let text = paragraph.trim();
        if text.is_empty() {
            return;
        }
        if self.tables > 0 {
            if !self.cell.is_empty() {
                self.cell.push(' ');
            }
            self.cell.push_str(text);
            return;
        }
        let level = self.style.as_ref().and_then(|style| {
            let by_name =
                || style.to_ascii_lowercase().strip_prefix("heading").and_then(|level| level.trim().parse().ok());
            self.levels.get(style).copied().or_else(by_name)
        });
        match level {
            Some(level) => self.draft.heading(level, text, None, self.place_of_paragraph),
            None if self.is_item => self.write(BlockKind::Prose, "\n", &format!("- {text}")),
            None => self.write(BlockKind::Prose, "\n\n", text),
        }
    }

    fn write(&mut self, kind: BlockKind, separator: &str, text: &str) {
        self.draft.begin(kind, separator);
        self.draft.at(self.place_of_paragraph.max(1));
        self.draft.push(text);
        self.draft.end();
    }
}
