use std::collections::BTreeMap;
use std::io::Cursor;

use ambit_domain::DocumentKind;
use calamine::{Data, Reader, Xlsx};

use super::archive::Archive;
use super::docx::properties;
use crate::IngestError;
use crate::draft::{BlockKind, Draft, Unit};
use crate::limits::Limits;

/// Columns of one row that are read.
const MOST_COLUMNS: usize = 512;

/// Reads the sheets of an Excel workbook, each a page. A row is a line of `header: value` pairs, so that it can be
/// understood without the rows above.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Draft, IngestError> {
    let mut archive = Archive::open(bytes, limits)?;
    archive.check_all()?;
    let mut draft = Draft::new(DocumentKind::Xlsx, Unit::Pages, limits.max_text);
    properties(&mut draft, &mut archive, limits)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| IngestError::Damaged(error.to_string()))?;
    for (index, name) in workbook.sheet_names().into_iter().enumerate() {
        let page = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let mut cells = match workbook.worksheet_cells_reader(&name) {
            Ok(cells) => cells,
            Err(error) => {
                draft.warnings.push(format!("sheet {name} cannot be read: {error}"));
                continue;
            }
        };
        // Cells one by one and not as a rectangle: a sheet with one cell in its last corner would fill the memory.
        let mut sheet = Sheet { draft: &mut draft, name: &name, page, headers: None, row: 0, cells: BTreeMap::new() };
        let mut count = 0_u32;
        loop {
            count = count.wrapping_add(1);
            if count.is_multiple_of(1024) {
                limits.check()?;
            }
            match cells.next_cell() {
                Ok(Some(cell)) => {
                    let (row, column) = cell.get_position();
                    sheet.add(row, column, &Data::from(cell.get_value().clone()));
                }
                Ok(None) => break,
                Err(error) => {
                    sheet.draft.warnings.push(format!("sheet {name} ends early: {error}"));
                    break;
                }
            }
            if sheet.draft.is_full() {
                break;
            }
        }
        sheet.end_row();
        draft.end();
    }
    Ok(draft)
}

struct Sheet<'a> {
    draft: &'a mut Draft,
    /// Written as a heading once there is a row.
    name: &'a str,
    page: u32,
    /// The first row that has more than one cell, all of them words.
    headers: Option<BTreeMap<u32, String>>,
    row: u32,
    cells: BTreeMap<u32, (String, bool)>,
}

impl Sheet<'_> {
    fn add(&mut self, row: u32, column: u32, value: &Data) {
        if row != self.row {
            self.end_row();
            self.row = row;
        }
        let text = match value {
            Data::DateTime(date) => date_text(date),
            value => value.to_string(),
        };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() && self.cells.len() < MOST_COLUMNS {
            self.cells.insert(column, (text, matches!(value, Data::String(_))));
        }
    }

    fn end_row(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        if cells.is_empty() {
            return;
        }
        let name = std::mem::take(&mut self.name);
        if !name.is_empty() {
            self.draft.heading(1, name, None, self.page);
        }
        let line = cells
            .iter()
            .map(|(column, (text, _))| match self.headers.as_ref().and_then(|headers| headers.get(column)) {
                Some(header) => format!("{header}: {text}"),
                None => text.clone(),
            })
            .collect::<Vec<_>>()
            .join(" | ");
        if self.headers.is_none() && cells.len() > 1 && cells.values().all(|(_, is_word)| *is_word) {
            self.headers = Some(cells.into_iter().map(|(column, (text, _))| (column, text)).collect());
        }
        self.draft.begin(BlockKind::Lines, "\n");
        self.draft.at(self.page);
        self.draft.push(&line);
        self.draft.end();
    }
}

/// `2026-11-20`, with the time if there is one.
fn date_text(date: &calamine::ExcelDateTime) -> String {
    if !date.is_datetime() {
        return date.to_string();
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
