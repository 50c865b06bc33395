use insta::assert_snapshot;

use crate::fixture::{pdf, read, refusal, show, zipped};

const WORD: &str = r#"<w:document xmlns:w="w" xmlns:r="r"><w:body>
<w:p><w:pPr><w:pStyle w:val="Title1"/></w:pPr><w:r><w:t>Annual Report</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">Sales &amp; costs </w:t></w:r><w:hyperlink r:id="rId1"><w:r><w:t>went up</w:t></w:r></w:hyperlink></w:p>
<w:p><w:pPr><w:pStyle w:val="berschrift2"/></w:pPr><w:r><w:t>Costs</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>rent</w:t></w:r></w:p>
BREAK
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Year</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Sum</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>2025</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>7</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
</w:body></w:document>"#;

fn docx(document: &str) -> Vec<u8> {
    zipped(&[
        ("word/document.xml", document),
        (
            "word/styles.xml",
            r#"<w:styles><w:style w:styleId="Title1"><w:name w:val="Title"/></w:style><w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style></w:styles>"#,
        ),
        (
            "word/_rels/document.xml.rels",
            r#"<Relationships><Relationship Id="rId1" Target="https://example.org/"/></Relationships>"#,
        ),
        (
            "docProps/core.xml",
            r#"<cp:coreProperties><dc:title>Report</dc:title><dc:creator>Ada</dc:creator><cp:keywords>sales, costs</cp:keywords><dcterms:modified>2026-01-01T00:00:00Z</dcterms:modified></cp:coreProperties>"#,
        ),
    ])
}

#[test]
fn word() {
    assert_snapshot!(show(&read("report.docx", &docx(&WORD.replace("BREAK", "")))), @r#"
docx - title=Some("Report")
[1-8] Report > Annual Report (18)
    Sales & costs went up
    
    Costs
    - rent
    Year | Sum
    2025 | 7
h1 Annual Report None [1]
h2 Costs None [3]
link went up -> https://example.org/
person Ada None Some(1767225600000)
tags sales, costs
"#);
    let paged = WORD.replace("BREAK", "<w:p><w:r><w:lastRenderedPageBreak/><w:t>On page two.</w:t></w:r></w:p>");
    assert_snapshot!(show(&read("paged.docx", &docx(&paged))), @r#"
docx - title=Some("Report")
[pp. 1-2] Report > Annual Report (22)
    Sales & costs went up
    
    Costs
    - rent
    
    On page two.
    Year | Sum
    2025 | 7
h1 Annual Report None [p. 1]
h2 Costs None [p. 1]
link went up -> https://example.org/
person Ada None Some(1767225600000)
tags sales, costs
"#);
    assert_snapshot!(refusal("no.docx", &zipped(&[("other.xml", "<a/>")])), @r"failed: is damaged: it holds no Word document");
    assert_snapshot!(refusal("locked.docx", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0]), @r"failed: is encrypted; it can be read once it is saved without a password");
}

#[test]
fn broken_word_is_read_as_far_as_it_goes() {
    let broken = "<w:document><w:body><w:p><w:r><w:t>Still here</w:t></w:r></w:p><w:p <<<";
    assert_snapshot!(show(&read("broken.docx", &zipped(&[("word/document.xml", broken)]))), @r"
docx - title=None
[1]  (2)
    Still here
warning the XML is broken at byte 63: syntax error: tag not closed: `>` not found before end of input
");
}

#[test]
fn powerpoint() {
    let slide = |title: &str, body: &str| {
        format!(
            r#"<p:sld><p:cSld><p:spTree><p:sp><p:nvPr><p:ph type="title"/></p:nvPr><p:txBody><a:p><a:r><a:t>{title}</a:t></a:r></a:p></p:txBody></p:sp><p:sp><p:nvPr><p:ph idx="1"/></p:nvPr><p:txBody><a:p><a:r><a:t>{body}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"#
        )
    };
    let (first, second) = (slide("Second shown", "later"), slide("First shown", "sooner"));
    let notes = r#"<p:notes><p:sp><p:nvPr><p:ph type="body"/></p:nvPr><a:p><a:r><a:t>Speak slowly.</a:t></a:r></a:p></p:sp></p:notes>"#;
    let bytes = zipped(&[
        (
            "ppt/presentation.xml",
            r#"<p:presentation><p:sldIdLst><p:sldId id="256" r:id="rId2"/><p:sldId id="257" r:id="rId1"/></p:sldIdLst></p:presentation>"#,
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            r#"<Relationships><Relationship Id="rId1" Target="slides/slide1.xml"/><Relationship Id="rId2" Target="slides/slide2.xml"/></Relationships>"#,
        ),
        ("ppt/slides/slide1.xml", &first),
        ("ppt/slides/slide2.xml", &second),
        ("ppt/notesSlides/notesSlide2.xml", notes),
    ]);
    assert_snapshot!(show(&read("talk.pptx", &bytes)), @r"
pptx - title=None
[p. 1] First shown (6)
    sooner
    
    Speak slowly.
[p. 2] Second shown (3)
    later
h1 First shown None [p. 1]
h1 Second shown None [p. 2]
");
    assert_snapshot!(refusal("empty.pptx", &zipped(&[("a", "b")])), @r"failed: is damaged: it holds no slides");
}

pub fn xlsx(cells: &str) -> Vec<u8> {
    zipped(&[
        (
            "[Content_Types].xml",
            r#"<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Trees" sheetId="1" r:id="rId1"/><sheet name="Empty" sheetId="2" r:id="rId2"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#,
        ),
        ("xl/worksheets/sheet1.xml", &format!("<worksheet><sheetData>{cells}</sheetData></worksheet>")),
        ("xl/worksheets/sheet2.xml", "<worksheet><sheetData></sheetData></worksheet>"),
    ])
}

#[test]
fn excel() {
    let cells = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c><c r="B1" t="inlineStr"><is><t>Height</t></is></c></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>Oak</t></is></c><c r="B2"><v>40.5</v></c></row>
<row r="9"><c r="A9" t="inlineStr"><is><t>Beech</t></is></c><c r="B9"><v>30</v></c></row>"#;
    assert_snapshot!(show(&read("trees.xlsx", &xlsx(cells))), @r"
xlsx - title=None
[p. 1] Trees (20)
    Name | Height
    Name: Oak | Height: 40.5
    Name: Beech | Height: 30
h1 Trees None [p. 1]
");
    assert_snapshot!(refusal("bad.xlsx", b"PK\x03\x04 nothing"), @r"failed: is damaged: it is no complete archive: invalid Zip archive: Could not find EOCD");
}

#[test]
fn a_sheet_with_a_cell_in_its_last_corner_takes_no_memory() {
    let cells = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#;
    assert_eq!(read("corner.xlsx", &xlsx(cells)).chunks[0].text, "1\n2");
}

#[test]
fn book() {
    let bytes = zipped(&[
        ("mimetype", "application/epub+zip"),
        (
            "META-INF/container.xml",
            r#"<container><rootfiles><rootfile full-path="OEBPS/content.opf"/></rootfiles></container>"#,
        ),
        (
            "OEBPS/content.opf",
            r#"<package><metadata><dc:title>The Book of Trees</dc:title><dc:creator>Ada</dc:creator><dc:language>en-US</dc:language><dc:subject>botany</dc:subject></metadata>
<manifest><item id="nav" href="nav.xhtml" properties="nav"/><item id="b" href="text/two.xhtml"/><item id="a" href="text/one%20.xhtml"/><item id="gone" href="gone.xhtml"/></manifest>
<spine><itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/><itemref idref="gone"/></spine></package>"#,
        ),
        (
            "OEBPS/text/one .xhtml",
            r#"<html><head><title>ignored</title></head><body><h1 id="c1">Oaks</h1><p>Oaks are hard.</p></body></html>"#,
        ),
        ("OEBPS/text/two.xhtml", "<html><body><h1>Beeches</h1><p>Beeches are tall.</p></body></html>"),
    ]);
    assert_snapshot!(show(&read("trees.epub", &bytes)), @r#"
epub en title=Some("The Book of Trees")
[p. 1] The Book of Trees > Oaks #c1 (10)
    Oaks are hard.
[p. 2] The Book of Trees > Beeches (10)
    Beeches are tall.
h1 Oaks Some("c1") [p. 1]
h1 Beeches None [p. 2]
person Ada None None
tags botany
warning gone.xhtml is missing
"#);
    assert_snapshot!(refusal("no.epub", &zipped(&[("mimetype", "application/epub+zip")])), @r"failed: is damaged: it is no complete book: META-INF/container.xml is missing");
}

#[test]
fn pdf_pages() {
    let pages = [
        "BT /F1 12 Tf 72 720 Td (Trees grow in for-) Tj 0 -14 Td (ests and gardens.) Tj ET",
        "BT /F1 12 Tf 72 720 Td (Page two is about oaks.) Tj ET",
    ];
    assert_snapshot!(show(&read("trees.pdf", &pdf(&pages, "<< /Title (On Trees) /Author (Ada) /Keywords (oak, beech) >>"))), @r#"
pdf - title=Some("On Trees")
[pp. 1-2] On Trees (15)
    Trees grow in forests and gardens.
    
    Page two is about oaks.
person Ada None None
tags oak, beech
"#);
}

#[test]
fn a_pdf_without_text_says_so() {
    let drawing = "0 0 100 100 re f";
    assert_snapshot!(refusal("scan.pdf", &pdf(&[drawing, drawing, drawing], "<< >>")), @r"skipped: a scanned PDF: its 3 pages hold no text");
    assert_snapshot!(refusal("one.pdf", &pdf(&[drawing], "<< >>")), @r"skipped: a scanned PDF: its 1 page holds no text");
}

#[test]
fn a_truncated_pdf_says_so() {
    let whole = pdf(&["BT /F1 12 Tf 72 720 Td (Whole) Tj ET"], "<< >>");
    let cut = &whole[..whole.len() / 3];
    assert!(
        refusal("cut.pdf", cut).starts_with("failed: is damaged: its end is missing"),
        "{}",
        refusal("cut.pdf", cut)
    );
    assert_snapshot!(refusal("not.pdf", b"hello"), @r"failed: is damaged: it does not begin like a PDF");
}
