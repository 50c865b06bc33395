//! Frames of native messaging: the length of a message in the machine's own byte order, and its JSON in UTF-8.
//!
//! Towards the browser a message may have 1 MB. A longer one goes in parts: `{"part":{"text":…,"isLast":…}}`, whose texts, one
//! after the other, are the message. Parts of different messages never mix.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// The longest message that a browser takes, in bytes.
const LONGEST_OUT: usize = 1 << 20;

/// What stands around the text of a part.
const AROUND: usize = "{\"part\":{\"text\":\"\",\"isLast\":false}}".len();

/// The longest message that is taken from a browser, in bytes: what Chromium sends at most.
pub(crate) const LONGEST_IN: usize = 64 << 20;

/// How much of a message is read at once, so that a length that lies takes no memory.
const PIECE: usize = 64 << 10;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A message.
    Message(Vec<u8>),
    /// One that was longer than is taken, and was read past.
    TooLong(u32),
}

/// Reads the next frame; none when the browser has closed the port.
///
/// # Errors
/// When the port ends within a frame, or cannot be read.
pub(crate) async fn read(port: &mut (impl AsyncRead + Unpin)) -> Result<Option<Frame>> {
    let mut length = [0_u8; 4];
    let mut filled = 0;
    while filled < length.len() {
        match port.read(&mut length[filled..]).await? {
            0 if filled == 0 => return Ok(None),
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            read => filled += read,
        }
    }
    let length = u32::from_ne_bytes(length);
    if length as usize > LONGEST_IN {
        let past = tokio::io::copy(&mut port.take(length.into()), &mut tokio::io::sink()).await?;
        return if past == u64::from(length) { Ok(Some(Frame::TooLong(length))) } else { Err(cut()) };
    }
    let mut message = Vec::with_capacity((length as usize).min(PIECE));
    port.take(length.into()).read_to_end(&mut message).await?;
    if message.len() == length as usize { Ok(Some(Frame::Message(message))) } else { Err(cut()) }
}

fn cut() -> Error {
    Error::new(ErrorKind::UnexpectedEof, "the browser closed the port within a message")
}

/// Writes a message, in parts where it is too long for one frame.
///
/// # Errors
/// When the browser takes no more.
pub(crate) async fn write(port: &mut (impl AsyncWrite + Unpin), message: &str) -> Result<()> {
    write_within(port, message, LONGEST_OUT).await
}

/// Writes a message in frames of so many bytes at most.
pub(crate) async fn write_within(port: &mut (impl AsyncWrite + Unpin), message: &str, longest: usize) -> Result<()> {
    if message.len() <= longest {
        return write_frame(port, message).await;
    }
    let mut rest = message;
    while !rest.is_empty() {
        let (text, after) = rest.split_at(fitting(rest, longest - AROUND));
        rest = after;
        let part = serde_json::json!({ "part": { "text": text, "isLast": rest.is_empty() } });
        write_frame(port, &part.to_string()).await?;
    }
    Ok(())
}

async fn write_frame(port: &mut (impl AsyncWrite + Unpin), message: &str) -> Result<()> {
    let length = u32::try_from(message.len()).map_err(|_| Error::from(ErrorKind::InvalidInput))?;
    port.write_all(&length.to_ne_bytes()).await?;
    port.write_all(message.as_bytes()).await?;
    port.flush().await
}

/// How many bytes of a text take at most so many within a JSON string; always a whole character.
fn fitting(text: &str, most: usize) -> usize {
    let mut taken = 0;
    for (at, character) in text.char_indices() {
        taken += match character {
            '"' | '\\' => 2,
            '\0'..='\u{1f}' => 6,
            _ => character.len_utf8(),
        };
        if taken > most && at > 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use crate::untrusted::{self, send_on};
    use proptest::prelude::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    fn frame(message: &[u8]) -> Vec<u8> {
        let mut frame = u32::try_from(message.len()).unwrap().to_ne_bytes().to_vec();
        frame.extend_from_slice(message);
        frame
    }

    async fn all(mut port: &[u8]) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = read(&mut port).await.unwrap() {
            frames.push(frame);
        }
        frames
    }

    #[test]
    fn frames_are_read_one_after_the_other() {
        let port = [frame(b"{}"), frame(b""), frame("\u{e9}".as_bytes())].concat();
        let expected = [b"{}".to_vec(), Vec::new(), "\u{e9}".into()].map(Frame::Message);
        assert_eq!(block_on(all(&port)), expected);
    }

    #[test]
    fn a_port_that_ends_within_a_frame_is_told() {
        for broken in [&frame(b"{}")[..5], &[1, 0], &u32::MAX.to_ne_bytes()] {
            let error = block_on(read(&mut &*broken)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{broken:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_read_past() {
        let long = u32::try_from(LONGEST_IN).unwrap() + 1;
        let (length, after) = (long.to_ne_bytes(), frame(b"{}"));
        let mut port = (&length[..]).chain(tokio::io::repeat(b' ').take(long.into())).chain(&after[..]);
        block_on(async {
            assert_eq!(read(&mut port).await.unwrap(), Some(Frame::TooLong(long)));
            assert_eq!(read(&mut port).await.unwrap(), Some(Frame::Message(b"{}".to_vec())));
        });
    }

    proptest! {
        #[test]
        fn a_long_message_arrives_whole(message in "(\\PC|[\"\\\\\u{0}-\u{1f}]){0,400}", longest in 48_usize..200) {
            send_on(&message, longest);
        }

        #[test]
        fn no_bytes_make_it_panic(port in proptest::collection::vec(any::<u8>(), 0..200)) {
            untrusted::frames(&port);
        }
    }

    #[test]
    fn a_message_of_some_megabytes_goes_in_frames_that_browsers_take() {
        let message = format!("{{\"data\":\"{}\"}}", "\\\"\u{4f60}".repeat(600_000));
        send_on(&message, LONGEST_OUT);
    }
}
