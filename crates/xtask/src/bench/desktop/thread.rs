//! A long chat, put into the state store as a host would, and what opening it and scrolling through it takes.

use std::path::Path;
use std::sync::Arc;

use ambit_domain::port::Conversations as _;
use ambit_domain::{
    Answer, AnswerOrigin, Citation, DocumentId, ModelChoice, NewTurn, PartScores, PassageId, SessionId, Span, Taint,
    TurnId, TurnStatus,
};
use ambit_settings::DataDirectory;
use ambit_state_store::StateStore;
use serde::Deserialize;

use super::driver::Page;
use crate::clock::SystemClock;
use crate::synthetic::{Random, Vocabulary};

/// The chat's id.
const CHAT: &str = "01990000-0000-7000-8000-000000000000";

/// Stands at the end of the last question, and nowhere else.
const LAST: &str = "the last of all questions";

/// Fills a data directory whose host is not running with a chat of so many turns. Three of four answers are those of a
/// language model, in Markdown; each fourth quotes passages.
pub(super) async fn fill(data: &Path, turns: usize) -> anyhow::Result<()> {
    let directory = DataDirectory::locate(Some(data.to_path_buf()))?;
    let store = StateStore::open(&directory.state(), Arc::new(SystemClock))?;
    let chat = SessionId(CHAT.to_owned());
    let title = "A long chat".to_owned();
    store.begin_session(chat.clone(), title, "desktop".to_owned(), ModelChoice::default()).await?;
    let mut random = Random::new(0x7123_4D5E);
    let vocabulary = Vocabulary::new(&mut random, 20_000);
    for number in 1..=turns {
        let id = TurnId(format!("01990000-0000-7000-8000-{number:012x}"));
        let end = if number == turns { LAST } else { "?" };
        let question = format!("{} {end}", vocabulary.text(&mut random, 12).replace('\n', " "));
        store.begin_turn(NewTurn::new(id.clone(), chat.clone(), question)).await?;
        let answer =
            if number % 4 == 0 { quoting(&vocabulary, &mut random) } else { written(&vocabulary, &mut random) };
        store.end_turn(id, TurnStatus::Finished, Some(answer), None).await?;
    }
    store.close();
    Ok(())
}

fn written(vocabulary: &Vocabulary, random: &mut Random) -> Answer {
    let mut words = |count: usize| vocabulary.text(random, count).replace('\n', " ");
    let mut text =
        format!("{} [1]\n\n- **{}**: {}\n- {} [2]\n- `{}`\n\n", words(40), words(2), words(14), words(18), words(3));
    text +=
        &format!("```rust\nfn {}() {{\n    let {} = \"{}\";\n}}\n```\n\n{}\n", words(1), words(1), words(6), words(30));
    if text.len() % 5 == 0 {
        text += &format!(
            "\n| {} | {} |\n|---|---|\n| {} | {} |\n| {} | {} |\n",
            words(1),
            words(1),
            words(4),
            words(5),
            words(3),
            words(6)
        );
    }
    answer(text, AnswerOrigin::Model { model: "small".to_owned() })
}

fn quoting(vocabulary: &Vocabulary, random: &mut Random) -> Answer {
    let mut text = "These passages fit best:\n\n".to_owned();
    for number in 1..=2 {
        text += &format!("“{}” [{number}]\n— note-{number}.md, lines 4–9\n\n", vocabulary.text(random, 60));
    }
    answer(text, AnswerOrigin::Extractive)
}

fn answer(text: String, origin: AnswerOrigin) -> Answer {
    let citation = |number: u32| Citation {
        number,
        passage: PassageId(number.into()),
        document: DocumentId(number.into()),
        path: format!("/home/ada/notes/note-{number}.md").into(),
        title: None,
        breadcrumb: Vec::new(),
        anchor: None,
        span: Span::Lines { start: 4, end: 9 },
        hash: "0".repeat(64),
        scores: PartScores { dense: Some(0.5), keyword: None, graph: None, fused: 0.5, rerank: 0.5 },
        taint: Taint::Trusted,
    };
    let citations = vec![citation(1), citation(2)];
    Answer { text, origin, citations, memories: Vec::new(), embedder: None, bytes_sent: 0 }
}

/// What scrolling took.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Scrolling {
    /// Frames that were drawn.
    pub(super) frames: u32,
    /// Frames that took more than 50 ms.
    pub(super) long: u32,
    /// Milliseconds of the longest.
    pub(super) longest: f64,
    /// Where the long ones were: on the way up, on the way down, or among the jumps, and after how many frames.
    pub(super) slow: Vec<String>,
    /// Turns that were in the page at the end.
    pub(super) drawn: u32,
}

/// Opens the chat in a page that was loaded anew. Returns the milliseconds until its last question was drawn.
pub(super) fn open(page: &Page) -> anyhow::Result<f64> {
    let opened = page.value(OPEN, &[CHAT.into(), LAST.into()])?;
    Ok(serde_json::from_value(opened)?)
}

/// Loads the page anew, and waits until it is at rest in a new chat.
pub(super) fn reload(page: &Page) -> anyhow::Result<()> {
    page.value(LEAVE, &[])?;
    page.reload()?;
    page.value(REST, &[])?;
    Ok(())
}

/// Scrolls from the end of the open chat towards its beginning, half a window in each of a thousand frames, and back to its
/// end, and then to 40 places between, as one does who drags the scroll bar.
pub(super) fn scroll(page: &Page) -> anyhow::Result<Scrolling> {
    Ok(serde_json::from_value(page.value(SCROLL, &[])?)?)
}

const LEAVE: &str = "const done = arguments[arguments.length - 1];
location.hash = '#/chat';
setTimeout(() => done(null), 100);";

const REST: &str = "const done = arguments[arguments.length - 1];
const look = () => document.querySelector('nav a, section[aria-labelledby=chats] a')
  ? setTimeout(() => done(null), 1500)
  : setTimeout(look, 50);
look();";

const OPEN: &str = "const [chat, last, done] = arguments;
const begun = performance.now();
location.hash = '#/chat/' + chat;
const look = () => {
  const end = [...document.querySelectorAll('main article')].at(-1);
  const place = end?.textContent.includes(last) ? end.getBoundingClientRect() : null;
  const isSeen = place !== null && place.bottom > 0 && place.top < innerHeight;
  // What is there in this frame is drawn at its end.
  if (isSeen) requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);";

const SCROLL: &str = "const done = arguments[arguments.length - 1];
let scroller = document.querySelector('main article');
while (getComputedStyle(scroller).overflowY !== 'auto') scroller = scroller.parentElement;
let [frames, long, longest, last] = [0, 0, 0, null];
const slow = [];
const step = scroller.clientHeight / 2;
const jumps = Array.from({ length: 40 }, (_, index) => ((index * 17) % 40) / 40);
let [phase, still] = ['up', 0];
const frame = (now) => {
  if (last !== null) {
    frames++;
    const took = now - last;
    if (took > 50) {
      long++;
      slow.push(`${phase} ${frames}: ${Math.round(took)} ms`);
    }
    longest = Math.max(longest, took);
  }
  last = now;
  const before = scroller.scrollTop;
  if (phase === 'up') {
    scroller.scrollTop -= step;
    // What comes above may turn out higher than was thought.
    still = scroller.scrollTop === 0 && before === 0 ? still + 1 : 0;
    if (still > 30 || frames > 1000) phase = 'down';
  } else if (phase === 'down') {
    scroller.scrollTop += step;
    if (scroller.scrollTop === before) phase = 'jumps';
  } else if (jumps.length > 0) {
    if (frames % 4 === 0) scroller.scrollTop = jumps.pop() * scroller.scrollHeight;
  } else {
    done({ frames, long, longest, slow, drawn: document.querySelectorAll('main article').length });
    return;
  }
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);";
