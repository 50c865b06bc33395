//! What a port may bring, whatever is at its other end: what the fuzz target `frames` of the folder `fuzz` does with each input,
//! and the test that does the same with the inputs that are kept there.
//!
//! An input is read as frames, and each of their messages is sent on, as to a browser that takes only short frames: it arrives
//! as it was.
#![allow(clippy::expect_used, reason = "a test, and a fuzz target, stops at the first surprise")]

use futures_util::FutureExt as _;
use serde_json::Value;

use super::frames::{Frame, read, write_within};

/// The shortest frames that are tried: a part has room for a character of any kind.
const SHORTEST: usize = 48;

/// Reads an input as what a browser writes into the port.
pub(crate) fn frames(input: &[u8]) {
    let longest = SHORTEST + usize::from(input.first().copied().unwrap_or_default());
    let mut rest = input;
    loop {
        let before = rest;
        match read(&mut rest).now_or_never().expect("what is in memory keeps nobody waiting") {
            Ok(Some(Frame::Message(message))) => {
                assert_eq!(before.len() - rest.len(), message.len() + 4, "a frame is its length and its message");
                assert_eq!(before[4..4 + message.len()], message[..]);
                send_on(&String::from_utf8_lossy(&message), longest);
            }
            // Only what is longer than the whole input says so of itself, and then the port has ended within it.
            Ok(Some(Frame::TooLong(length))) => assert!(before.len() >= length as usize, "{length} bytes were there"),
            Ok(None) => return assert!(before.is_empty(), "it ends where there is no more"),
            Err(_) => return,
        }
    }
}

/// Sends a message in frames that are not longer, and puts them together as the extension does.
pub(crate) fn send_on(message: &str, longest: usize) {
    let mut port = Vec::new();
    let written = write_within(&mut port, message, longest).now_or_never();
    assert!(matches!(written, Some(Ok(()))), "memory takes everything: {written:?}");
    let mut port = &port[..];
    let mut parts = Vec::new();
    while let Some(frame) = read(&mut port).now_or_never().expect("it is in memory").expect("frames are whole") {
        let Frame::Message(part) = frame else { unreachable!("{frame:?} is longer than {longest} bytes") };
        assert!(part.len() <= longest, "a frame has {} bytes, and not {longest} at most", part.len());
        parts.push(String::from_utf8(part).expect("frames are text"));
    }
    if message.len() <= longest {
        return assert_eq!(parts, [message]);
    }
    let last = parts.len() - 1;
    let mut whole = String::new();
    for (number, part) in parts.iter().enumerate() {
        let part: Value = serde_json::from_str(part).expect("parts are JSON");
        assert_eq!(part["part"]["isLast"].as_bool(), Some(number == last), "it ends once, with the last");
        whole.push_str(part["part"]["text"].as_str().expect("a part has a text"));
    }
    assert_eq!(whole, message);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::path::Path;

    #[test]
    fn ports_that_were_kept_are_read_or_refused() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/frames");
        let mut inputs = 0;
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let input = std::fs::read(&path).unwrap();
            let is_read = std::panic::catch_unwind(|| super::frames(&input));
            assert!(is_read.is_ok(), "{} is not read without a panic", path.display());
            inputs += 1;
        }
        assert!(inputs >= 10, "{} has only {inputs} inputs", folder.display());
    }
}
