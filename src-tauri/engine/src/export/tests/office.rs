//! LibreOffice, asked what it reads in a file: it writes that down as flat OpenDocument.

use roxmltree::{Document, Node};
use std::path::Path;
use std::process::Command;

/// How a text file of ours is opened: commas, quotes, UTF-8, from the first line on, and everything recognised that can be.
pub(super) const CSV: &str = "CSV:44,34,76,1,,0,false,true";

const TABLE: &str = "urn:oasis:names:tc:opendocument:xmlns:table:1.0";
const OFFICE: &str = "urn:oasis:names:tc:opendocument:xmlns:office:1.0";
const TEXT: &str = "urn:oasis:names:tc:opendocument:xmlns:text:1.0";

/// What a cell is read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    Empty,
    Text(String),
    Number(String),
    Truth(String),
    Day(String),
    /// Calculated, or of another type: nothing of ours is.
    Other(String),
}

impl Read {
    pub(super) fn shown(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Text(text) | Self::Number(text) | Self::Truth(text) | Self::Day(text) | Self::Other(text) => text,
        }
    }
}

#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    /// Without empty cells at the end of a row and empty rows at the end of the sheet.
    pub(super) rows: Vec<Vec<Read>>,
}

/// What LibreOffice reads in the file.
pub(super) fn read(file: &Path, filter: Option<&str>) -> Vec<Sheet> {
    let place = tempfile::tempdir().unwrap();
    let profile = format!("-env:UserInstallation=file://{}/profile", place.path().display());
    let mut office = Command::new("soffice");
    office.arg(profile).args(["--headless", "--norestore", "--convert-to", "fods", "--outdir"]).arg(place.path());
    office.args(filter.map(|filter| format!("--infilter={filter}"))).arg(file).env("HOME", place.path());
    let done = office.output().expect("LibreOffice is there: make setup-tests installs libreoffice-calc-nogui");
    let read = place.path().join(file.with_extension("fods").file_name().unwrap());
    let text = std::fs::read_to_string(read).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    let document = Document::parse(&text).unwrap();
    let tables = document.descendants().filter(|node| node.has_tag_name((TABLE, "table")));
    tables.map(sheet).collect()
}

fn sheet(table: Node<'_, '_>) -> Sheet {
    let name = table.attribute((TABLE, "name")).unwrap().to_owned();
    let mut rows: Vec<Vec<Read>> = Vec::new();
    for row in table.descendants().filter(|node| node.has_tag_name((TABLE, "table-row"))) {
        let mut cells: Vec<Read> = Vec::new();
        for cell in row.children().filter(|node| node.has_tag_name((TABLE, "table-cell"))) {
            let read = of_cell(cell);
            // Beyond the last written cell thousands of empty ones stand as one.
            let times = if read == Read::Empty {
                repeated(cell, "number-columns-repeated").min(64)
            } else {
                repeated(cell, "number-columns-repeated")
            };
            cells.extend(std::iter::repeat_n(read, times));
        }
        while cells.last() == Some(&Read::Empty) {
            cells.pop();
        }
        let times = if cells.is_empty() { 1 } else { repeated(row, "number-rows-repeated") };
        rows.extend(std::iter::repeat_n(cells, times));
    }
    while rows.last().is_some_and(Vec::is_empty) {
        rows.pop();
    }
    Sheet { name, rows }
}

fn repeated(node: Node<'_, '_>, name: &str) -> usize {
    node.attribute((TABLE, name)).map_or(1, |times| times.parse().unwrap())
}

fn of_cell(cell: Node<'_, '_>) -> Read {
    let attribute = |name: &str| cell.attribute((OFFICE, name)).unwrap_or_default().to_owned();
    if let Some(formula) = cell.attribute((TABLE, "formula")) {
        return Read::Other(formula.to_owned());
    }
    match cell.attribute((OFFICE, "value-type")) {
        None => Read::Empty,
        Some("string") => {
            let lines = cell.children().filter(|node| node.has_tag_name((TEXT, "p"))).map(text);
            Read::Text(lines.collect::<Vec<_>>().join("\n"))
        }
        Some("float") => Read::Number(attribute("value")),
        Some("boolean") => Read::Truth(attribute("boolean-value")),
        Some("date") => Read::Day(attribute("date-value")),
        Some(other) => Read::Other(other.to_owned()),
    }
}

/// The text of a paragraph. Spaces in a row, tabs and line breaks are elements.
fn text(node: Node<'_, '_>) -> String {
    let mut found = String::new();
    for child in node.children() {
        if child.is_text() {
            found.push_str(child.text().unwrap_or_default());
        } else if child.has_tag_name((TEXT, "s")) {
            let count = child.attribute((TEXT, "c")).map_or(1, |count| count.parse().unwrap());
            found.push_str(&" ".repeat(count));
        } else if child.has_tag_name((TEXT, "tab")) {
            found.push('\t');
        } else if child.has_tag_name((TEXT, "line-break")) {
            found.push('\n');
        } else {
            found.push_str(&text(child));
        }
    }
    found
}
