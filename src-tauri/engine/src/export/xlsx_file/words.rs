//! The fixed parts of a workbook (ECMA-376, Office Open XML), and texts as XML takes them.

use jiff::civil::{Date, date};
use std::fmt::Write;

/// Of the cells that stand above the columns.
pub(super) const HEADER: u8 = 1;
/// Of money: two decimals, as every currency of the till has.
pub(super) const AMOUNT: u8 = 2;
/// Of whole numbers.
pub(super) const WHOLE: u8 = 3;
/// Of business days.
pub(super) const DAY: u8 = 4;
/// Of texts, which a spreadsheet then leaves alone when they are edited.
pub(super) const TEXT: u8 = 5;

/// The cells' looks, by the numbers above.
pub(super) const STYLES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
<numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/></numFmts>\
<fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>\
<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills>\
<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
<cellXfs count=\"6\">\
<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
<xf numFmtId=\"49\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\"/>\
<xf numFmtId=\"2\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
<xf numFmtId=\"1\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
<xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
<xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
</cellXfs>\
<cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>\
</styleSheet>";

pub(super) const RELATIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
<Relationship Id=\"rId1\" \
Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/>\
</Relationships>";

pub(super) const CONTENT_TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
<Default Extension=\"xml\" ContentType=\"application/xml\"/>\
<Override PartName=\"/xl/workbook.xml\" \
ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>\
<Override PartName=\"/xl/styles.xml\" \
ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>{sheets}</Types>";

const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// The parts of a workbook that go by its sheets, each counted from 1.
pub(super) struct SheetWords;

impl SheetWords {
    pub(super) const END: &str = "</sheetData></worksheet>";

    pub(super) fn path(number: usize) -> String {
        format!("xl/worksheets/sheet{number}.xml")
    }

    /// All that stands before the rows. The first row does not move.
    pub(super) fn beginning(columns: usize, first: bool) -> String {
        let selected = if first { " tabSelected=\"1\"" } else { "" };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
             <worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
             <sheetViews><sheetView{selected} workbookViewId=\"0\">\
             <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
             <cols><col min=\"1\" max=\"{columns}\" width=\"18\" customWidth=\"1\"/></cols><sheetData>"
        )
    }

    pub(super) fn workbook(names: &[&str]) -> String {
        let mut sheets = String::new();
        for (number, name) in (1..).zip(names) {
            let _ = write!(sheets, "<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
             <workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"{RELATION}\">\
             <bookViews><workbookView/></bookViews><sheets>{sheets}</sheets></workbook>"
        )
    }

    pub(super) fn relations(sheets: usize) -> String {
        let mut relations = String::new();
        for number in 1..=sheets {
            let _ = write!(
                relations,
                "<Relationship Id=\"rId{number}\" Type=\"{RELATION}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
            );
        }
        let styles = sheets.saturating_add(1);
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
             <Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{relations}\
             <Relationship Id=\"rId{styles}\" Type=\"{RELATION}/styles\" Target=\"styles.xml\"/></Relationships>"
        )
    }

    pub(super) fn types(sheets: usize) -> String {
        let mut types = String::new();
        for number in 1..=sheets {
            let _ = write!(
                types,
                "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" \
                 ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
            );
        }
        types
    }
}

/// How spreadsheets count a day: from the last but one of 1899. `None` before March 1900, where they count wrongly.
pub(super) fn serial(day: &str) -> Option<i32> {
    let day: Date = day.parse().ok()?;
    let days = day.since(date(1899, 12, 30)).ok()?.get_days();
    (days > 60).then_some(days)
}

/// Length of `_xHHHH_`, which spreadsheets read as one character.
const ESCAPED: usize = 7;

/// Writes a text so that XML and spreadsheets give it back as it is. What XML cannot hold goes by its number.
pub(super) fn escape(to: &mut String, text: &str) {
    for (at, letter) in text.char_indices() {
        match letter {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '\t' | '\n' => to.push(letter),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(to, "_x{:04X}_", u32::from(letter));
            }
            '_' if text.get(at..).is_some_and(looks_escaped) => to.push_str("_x005F_"),
            other => to.push(other),
        }
    }
}

fn looks_escaped(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.starts_with(b"_x")
        && bytes.get(2..6).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        && bytes.get(6..ESCAPED) == Some(b"_".as_slice())
}
