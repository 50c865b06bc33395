//! Files that are handed over, and what questions name.

use std::sync::Arc;

use ambit_domain::port::{Attachments as _, Documents as _, LanguageModel};
use ambit_domain::{Attachment, AttachmentId, ErrorCode, Mention, NewMemory, SessionId, Turn, TurnId};
use ambit_runtime::AskRequest;
use ambit_runtime::testing::{OneModel, ScriptedModel};

use crate::answers::{ask, request, turn};
use crate::house::{House, cli, question};

const LETTER: &[u8] = b"The boiler in the cellar is serviced by Mr. Vogel every second October.";
const PNG: &[u8] = &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0];

fn of(attachment: &Attachment) -> Mention {
    Mention::Attachment {
        id: attachment.id.clone(),
        name: attachment.name.clone(),
        is_image: attachment.image.is_some(),
    }
}

fn about(text: &str, about: Vec<Mention>) -> AskRequest {
    AskRequest { about, ..request(text) }
}

async fn refused(house: &House, request: AskRequest) -> ErrorCode {
    ask(house, request).await.pop().unwrap().unwrap_err().code()
}

/// A question about a letter that was handed over.
async fn with_letter(house: &House) -> (Attachment, Turn) {
    let letter = house.runtime.attach("letter.txt".to_owned(), LETTER.to_vec(), &cli()).await.unwrap();
    let turn = turn(&ask(house, about("Who services the boiler?", vec![of(&letter)])).await);
    (letter, turn)
}

#[tokio::test]
async fn what_is_handed_over_is_found_in_its_conversation_and_in_no_other() {
    let house = House::with_books(|_| {}).await;
    let (letter, first) = with_letter(&house).await;
    let answer = first.answer.as_ref().unwrap();
    assert_eq!(answer.citations[0].path, letter.path());
    assert_eq!(first.about, [of(&letter)]);

    let next = AskRequest { session: Some(first.session.clone()), ..request("Who services the boiler in the cellar?") };
    let second = turn(&ask(&house, next).await);
    assert_eq!(second.answer.unwrap().citations[0].path, letter.path(), "later questions find it as well");
    assert_eq!(second.about, []);

    let elsewhere = turn(&ask(&house, request("Who services the boiler in the cellar?")).await);
    assert!(elsewhere.answer.unwrap().citations.is_empty(), "another conversation found it");
    let found = house.runtime.search(question("boiler cellar Vogel"), &cli()).await.unwrap();
    assert!(found.passages.iter().all(|ranked| ranked.document.path != letter.path()), "a search found it");
    let owner = house.runtime.search(question("Who is the owner of a value?"), &cli()).await.unwrap();
    assert!(!owner.passages.is_empty());

    for named in [
        Mention::Folder { path: "/".into() },
        Mention::Folder { path: letter.path() },
        Mention::File { path: letter.path() },
    ] {
        let events = ask(&house, about("Who services the boiler in the cellar?", vec![named.clone()])).await;
        let found = events.iter().any(|event| format!("{event:?}").contains("Vogel"));
        assert!(!found, "{named:?} led to it");
    }
    assert_eq!(house.runtime.roots().await.unwrap().len(), 1, "it is nobody's folder");
    assert!(house.runtime.documents(None, 2).await.unwrap().iter().all(|document| document.path != letter.path()));
    assert_eq!(house.runtime.documents(None, 9).await.unwrap().len(), 3);
    assert_eq!(house.runtime.statuses(None, None, None, 9).await.unwrap().len(), 3);
    house.runtime.shutdown(std::time::Duration::ZERO).await;
}

#[tokio::test]
async fn it_goes_with_the_last_conversation_that_holds_it() {
    let house = House::with_books(|_| {}).await;
    let (letter, turn) = with_letter(&house).await;
    let fork = house.runtime.fork_session(&cli(), turn.session.clone(), None).await.unwrap();
    let code = house.runtime.detach(letter.id.clone(), &cli()).await.unwrap_err().code();
    assert_eq!(code, ErrorCode::Conflict, "a conversation holds it");
    house.runtime.remove_session(&cli(), turn.session).await.unwrap();
    assert!(house.runtime.attachment(letter.id.clone()).await.unwrap().is_some(), "the fork holds it");
    house.runtime.remove_session(&cli(), fork.id).await.unwrap();
    assert!(house.runtime.attachment(letter.id.clone()).await.unwrap().is_none());
    assert!(house.world.documents.document_at(&letter.path()).await.unwrap().is_none(), "its text is still there");
    assert!(!house.runtime.export().await.unwrap().to_string().contains("attachments/"), "it is kept out for ever");
}

#[tokio::test]
async fn what_a_replaced_question_was_about_is_not_read_any_more() {
    let house = House::with_books(|_| {}).await;
    let (_, first) = with_letter(&house).await;
    let again = AskRequest {
        session: Some(first.session.clone()),
        replaces: Some(first.id),
        ..request("Who services the boiler in the cellar?")
    };
    let second = turn(&ask(&house, again).await);
    assert!(second.answer.unwrap().citations.is_empty(), "the very question that is replaced still hands it over");
    let next = AskRequest { session: Some(first.session), ..request("Who services the boiler, Mr. Vogel?") };
    assert!(turn(&ask(&house, next).await).answer.unwrap().citations.is_empty());
}

#[tokio::test]
async fn it_can_be_forgotten_by_its_path_and_handed_over_where_all_else_was_forgotten() {
    let house = House::with_books(|_| {}).await;
    house.runtime.forget(house.root(), &cli()).await.unwrap();
    let (letter, first) = with_letter(&house).await;
    assert_eq!(first.answer.unwrap().citations.len(), 1);
    let purge = house.runtime.forget(letter.path(), &cli()).await.unwrap();
    assert_eq!(purge.documents.len(), 1);
    assert!(house.runtime.attachment(letter.id).await.unwrap().is_none());
    let kept = house.runtime.export().await.unwrap();
    let forgotten = kept["preferences"]["index.forgotten"].to_string();
    assert!(forgotten.contains(&house.root().display().to_string()) && !forgotten.contains("letter"), "{forgotten}");
}

#[tokio::test]
async fn what_nobody_asked_about_can_be_taken_back_and_goes_after_a_day() {
    let house = House::with_books(|_| {}).await;
    let keep = async |name: &str| house.runtime.attach(name.to_owned(), LETTER.to_vec(), &cli()).await.unwrap();
    let (one, two) = (keep("one.txt").await, keep("two.txt").await);
    assert!(house.runtime.detach(one.id.clone(), &cli()).await.unwrap());
    assert!(!house.runtime.detach(one.id, &cli()).await.unwrap());
    house.world.clock.advance(25 * 60 * 60 * 1000);
    house.write("more.md", "# More\nSomething to do, and then nothing for a while.");
    let attachments = Arc::clone(&house.world.attachments);
    for _ in 0..2000 {
        if attachments.list().await.unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(house.runtime.attachment(two.id).await.unwrap().is_none());
}

#[tokio::test]
async fn what_cannot_be_read_or_named_is_refused_and_not_kept() {
    let house = House::with_books(|_| {}).await;
    let attach = async |name: &str, bytes: &[u8]| house.runtime.attach(name.to_owned(), bytes.to_vec(), &cli()).await;
    for name in ["", "..", "a/b.txt", "a\\b.txt", "zero\0.txt", &"long".repeat(64)] {
        assert_eq!(attach(name, LETTER).await.unwrap_err().code(), ErrorCode::InvalidInput, "{name:?}");
    }
    assert_eq!(attach("empty.txt", b"").await.unwrap_err().code(), ErrorCode::InvalidInput);
    let error = attach("broken.txt", b"a\0b").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    assert!(error.message().starts_with("broken.txt: "), "{error}");
    assert!(house.world.attachments.list().await.unwrap().is_empty());

    let nowhere = Mention::File { path: house.path("none.md") };
    assert_eq!(refused(&house, about("Who?", vec![nowhere])).await, ErrorCode::NotFound);
    let empty = Mention::Folder { path: house.path("none") };
    assert_eq!(refused(&house, about("Who?", vec![empty])).await, ErrorCode::NotFound);
    let gone = Mention::Attachment { id: AttachmentId("x".to_owned()), name: String::new(), is_image: false };
    assert_eq!(refused(&house, about("Who?", vec![gone])).await, ErrorCode::NotFound);
    let many = (0..33).map(|_| Mention::File { path: house.path("ownership.md") }).collect();
    assert_eq!(refused(&house, about("Who?", many)).await, ErrorCode::InvalidInput);
    assert!(house.world.conversations.turns().is_empty(), "something was stored");
}

#[tokio::test]
async fn files_folders_and_memories_are_found_by_name_and_asked_about() {
    let house = House::with_books(|_| {}).await;
    let memory = NewMemory { text: "The house is in Bremen".to_owned(), ..memory() };
    let memory = house.runtime.add_memory(memory, &cli()).await.unwrap();
    let (places, memories) = house.runtime.mentionable("thr", 8).await.unwrap();
    assert_eq!((places, memories.len()), (vec![Mention::File { path: house.path("notes/threads.md") }], 0));
    let (places, memories) = house.runtime.mentionable("house", 8).await.unwrap();
    assert_eq!((places.len(), memories[0].id.clone()), (0, memory.id));

    let folder = Mention::Folder { path: house.path("notes") };
    let told = turn(&ask(&house, about("What is the gist?", vec![folder])).await);
    let cited: Vec<_> = told.answer.unwrap().citations.into_iter().map(|citation| citation.path).collect();
    assert_eq!(cited, [house.path("notes/threads.md")]);
}

fn memory() -> NewMemory {
    NewMemory {
        kind: ambit_domain::MemoryKind::Fact,
        text: String::new(),
        scope: ambit_domain::MemoryScope::Global,
        source: "user".to_owned(),
    }
}

#[tokio::test]
async fn images_are_shown_to_models_that_take_them_and_refused_by_name_otherwise() {
    let blind = House::with_books(|ports| {
        ports.language_models = Arc::new(OneModel::new(Arc::new(ScriptedModel::saying(&[]))));
    })
    .await;
    let picture = blind.runtime.attach("square.png".to_owned(), PNG.to_vec(), &cli()).await.unwrap();
    assert_eq!(refused(&blind, about("What is it?", vec![of(&picture)])).await, ErrorCode::InvalidInput);

    let model = Arc::new(ScriptedModel::saying(&[&["A square."]]).seeing());
    let port: Arc<dyn LanguageModel> = model.clone();
    let house = House::with_books(|ports| ports.language_models = Arc::new(OneModel::new(port))).await;
    let picture = house.runtime.attach("square.png".to_owned(), PNG.to_vec(), &cli()).await.unwrap();
    let told = turn(&ask(&house, about("What is it?", vec![of(&picture)])).await);
    assert_eq!(told.answer.unwrap().text, "A square.");
    assert!(model.requests()[0].prompt.has_images());
    assert_eq!(house.runtime.attachment_content(picture.id).await.unwrap(), PNG);
}

#[tokio::test]
async fn a_preview_tells_what_would_be_asked_and_does_nothing() {
    let model = Arc::new(ScriptedModel::saying(&[&["One [1]."]]));
    let port: Arc<dyn LanguageModel> = model.clone();
    let house = House::with_books(|ports| ports.language_models = Arc::new(OneModel::new(port))).await;
    let preview = house.runtime.preview(request("Who is the owner of a value?"), &cli()).await.unwrap();
    let shown = preview.request.unwrap();
    assert_eq!((preview.model.as_deref(), preview.held_back, preview.rehearsal.is_none()), (Some("scripted"), 0, true));
    assert!(model.requests().is_empty() && house.world.conversations.turns().is_empty());

    let asked = turn(&ask(&house, request("Who is the owner of a value?")).await);
    let text = |request: &ambit_domain::port::GenerationRequest| format!("{:?}", request.prompt);
    let without_mark =
        |text: String| text.split("passage-").map(|part| part.get(12..).unwrap_or(part).to_owned()).collect::<String>();
    assert_eq!(
        without_mark(text(&shown)),
        without_mark(text(&model.requests()[0])),
        "only the mark of the turn differs"
    );

    let again = AskRequest {
        session: Some(asked.session.clone()),
        replaces: Some(asked.id.clone()),
        ..request("Who is the owner of a value?")
    };
    let shown = house.runtime.preview(again, &cli()).await.unwrap().request.unwrap();
    assert!(!text(&shown).contains("One [1]."), "what it takes the place of would be told");
    let nowhere = AskRequest { session: Some(SessionId("none".to_owned())), ..request("Who?") };
    assert_eq!(house.runtime.preview(nowhere, &cli()).await.unwrap_err().code(), ErrorCode::NotFound);
    let unknown = AskRequest { replaces: Some(TurnId("none".to_owned())), ..request("Who?") };
    assert_eq!(house.runtime.preview(unknown, &cli()).await.unwrap_err().code(), ErrorCode::InvalidInput);
}
