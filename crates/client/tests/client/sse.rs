use ambit_client::{SseEvent, SseParser};
use proptest::prelude::*;

fn parse(chunks: &[&[u8]]) -> Vec<SseEvent> {
    let mut parser = SseParser::default();
    chunks.iter().flat_map(|chunk| parser.push(chunk).unwrap()).collect()
}

fn event(name: &str, data: &str) -> SseEvent {
    SseEvent { name: name.to_owned(), data: data.to_owned() }
}

#[test]
fn events_have_names_and_data() {
    let events = parse(&[b"event: text\ndata: one\n\ndata:two\n\n"]);
    assert_eq!(events, [event("text", "one"), event("message", "two")]);
}

#[test]
fn every_line_ending_of_the_standard_counts() {
    let expected = [event("a", "1\n2"), event("message", "3")];
    for text in ["event: a\ndata: 1\ndata: 2\n\ndata: 3\n\n", "event: a\r\ndata: 1\r\ndata: 2\r\n\r\ndata: 3\r\n\r\n"] {
        assert_eq!(parse(&[text.as_bytes()]), expected, "{text:?}");
    }
    assert_eq!(parse(&[b"event: a\rdata: 1\rdata: 2\r\rdata: 3\r\r"]), expected);
    assert_eq!(
        parse(&[b"data: x\r", b"\n\r", b"\n"]),
        [event("message", "x")],
        "a CRLF that was cut is one line's end"
    );
}

#[test]
fn heartbeats_and_unknown_fields_are_passed_over() {
    let events = parse(&[b":\n\n: still here\n\nretry: 100\nid: 7\nnonsense\ndata: x\n\nevent: named\n\n"]);
    assert_eq!(events, [event("message", "x")], "an event without data is none");
}

#[test]
fn only_one_space_after_the_colon_is_dropped() {
    assert_eq!(parse(&[b"data:  x\ndata\n\n"]), [event("message", " x\n")]);
}

#[test]
fn a_byte_order_mark_is_dropped_at_the_beginning_only() {
    assert_eq!(parse(&["\u{feff}data: \u{feff}x\n\n".as_bytes()]), [event("message", "\u{feff}x")]);
}

#[test]
fn an_unfinished_event_is_not_told() {
    assert_eq!(parse(&[b"data: x\n"]), []);
}

#[test]
fn bytes_that_are_no_event_stream_are_an_error() {
    assert!(SseParser::default().push(b"data: \xff\n").unwrap_err().contains("UTF-8"));
    let mut parser = SseParser::default();
    let flood = vec![b'x'; 1 << 20];
    let refused = (0..64).find_map(|_| parser.push(&flood).err());
    assert!(refused.unwrap().contains("32 MiB"), "an endless line must not fill the memory");
}

proptest! {
    #[test]
    fn cutting_the_bytes_anywhere_changes_nothing(
        texts in prop::collection::vec("[a-zé: \u{4e00}]{0,12}", 1..5),
        ending in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let stream: String = texts.iter().map(|text| format!("event: e{ending}data: {text}{ending}{ending}")).collect();
        let bytes = stream.as_bytes();
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let chunks: Vec<&[u8]> = places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();
        let expected: Vec<SseEvent> = texts.iter().map(|text| event("e", text)).collect();
        prop_assert_eq!(parse(&chunks), expected);
    }
}
