use std::path::Path;

use agent_client_protocol::v1::schema::{
    AudioContent, BlobResourceContents, ContentBlock, EmbeddedResource, EmbeddedResourceResource, ImageContent,
    ResourceLink, StopReason, TextResourceContents,
};
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{Mention, Problem};
use serde_json::json;

use crate::editor::{ended, with};
use crate::host::{Host, citation, hit};

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn link(uri: impl Into<String>) -> ContentBlock {
    ContentBlock::ResourceLink(ResourceLink::new("a name", uri))
}

fn embedded(text: &str, uri: impl Into<String>) -> ContentBlock {
    let contents = TextResourceContents::new(text, uri);
    ContentBlock::Resource(EmbeddedResource::new(EmbeddedResourceResource::TextResourceContents(contents)))
}

fn index(host: &Host, path: &Path) {
    let file = json!({ "path": path, "state": "indexed", "reason": null, "size": 1, "found_at": 0 });
    host.answer("GET /v1/index/status", json!({ "files": [file] }));
}

fn decoded(body: &serde_json::Value) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(body["content"].as_str().unwrap()).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn handed_over(id: &str, name: &str) -> Mention {
    Mention::Attachment { id: id.to_owned(), name: name.to_owned(), is_image: name.ends_with(".png") }
}

#[test]
fn an_indexed_file_and_a_folder_are_named_to_the_host() {
    with(async |editor, mut host| {
        let file = editor.folder().join("notes.md");
        std::fs::write(&file, "text").unwrap();
        index(&host, &file);
        let id = editor.open().await;
        let blocks = ["Compare".into(), link(uri(&file)), "with".into(), link(uri(&editor.folder())), ".".into()];
        let prompt = editor.prompt(&id, blocks);
        let mut asked = host.asked().await;
        let folder = editor.folder();
        let folder_name = folder.file_name().unwrap().to_str().unwrap();
        assert_eq!(asked.request.question, format!("Compare @notes.md with @{folder_name}."));
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        let about = [Mention::File { path: path(&file) }, Mention::Folder { path: path(&folder) }];
        assert_eq!(asked.request.about, about);
        assert!(host.heard("POST /v1/attachments").is_empty());
        asked.answer("Done.");
        assert_eq!(ended(prompt).await.unwrap(), StopReason::EndTurn);
    });
}

#[test]
fn a_file_that_is_not_indexed_is_handed_over() {
    with(async |editor, mut host| {
        let file = editor.folder().join("notes.md");
        std::fs::write(&file, "one\ntwo\nthree\n").unwrap();
        let id = editor.open().await;
        let prompt = editor.prompt(&id, ["Explain ".into(), link(uri(&file)), link(format!("{}#L2:3", uri(&file)))]);
        let mut asked = host.asked().await;
        assert_eq!(asked.request.about, [handed_over("1", "notes.md"), handed_over("2", "notes.md")]);
        let bodies = host.heard("POST /v1/attachments");
        assert_eq!((bodies[0]["name"].as_str(), decoded(&bodies[0]).as_str()), (Some("notes.md"), "one\ntwo\nthree\n"));
        assert_eq!(decoded(&bodies[1]), "two\nthree\n");
        asked.answer("Done.");
        ended(prompt).await.unwrap();
    });
}

#[test]
fn what_the_editor_has_is_what_is_asked_about() {
    with(async |mut editor, mut host| {
        let file = editor.folder().join("notes.md");
        std::fs::write(&file, "saved").unwrap();
        index(&host, &file);
        let id = editor.open().await;
        let prompt = editor.prompt(&id, ["Explain ".into(), embedded("saved", uri(&file))]);
        let mut asked = host.asked().await;
        assert_eq!(asked.request.about, [Mention::File { path: file.to_str().unwrap().to_owned() }], "the disk has it");
        asked.answer("Done.");
        ended(prompt).await.unwrap();

        let selection = embedded("changed\nlines\n", format!("{}#L40:41", uri(&file)));
        let prompt = editor.prompt(&id, ["Explain ".into(), embedded("not saved", uri(&file)), selection]);
        let mut asked = host.asked().await;
        assert_eq!(asked.request.about, [handed_over("1", "notes.md"), handed_over("2", "notes.md")]);
        assert_eq!(asked.request.question, "Explain @notes.md @notes.md");
        let bodies = host.heard("POST /v1/attachments");
        assert_eq!((decoded(&bodies[0]), decoded(&bodies[1])), ("not saved".to_owned(), "changed\nlines\n".to_owned()));
        // What is cited leads to the lines of the file.
        asked.start("t");
        let cited = hit(Path::new("/ambit/attachments/2/notes.md"), (1, 2));
        asked.recall(vec![cited.clone()]);
        editor.read();
        asked.write("So [1].");
        let place = format!("{}#L40", uri(&file));
        assert_eq!(editor.read_to(".").await, format!("So [notes.md:40-41]({place})."));
        asked.finish("t", "So [1].", vec![citation(1, &cited)]);
        assert_eq!(editor.read_to(">").await, format!("\n\n<notes.md:40-41|{place}|Certificates>"));
        ended(prompt).await.unwrap();
    });
}

#[test]
fn what_is_no_file_is_handed_over_under_a_name_that_can_be_read() {
    with(async |editor, mut host| {
        let id = editor.open().await;
        let contents = BlobResourceContents::new("JVBERg==", "file:///tmp/letter.pdf");
        let blob =
            ContentBlock::Resource(EmbeddedResource::new(EmbeddedResourceResource::BlobResourceContents(contents)));
        let blocks = [
            "See ".into(),
            embedded("text", "untitled:Untitled-1"),
            embedded("text", "editor:///agent/thread/7?name=x"),
            embedded(" ", "file:///tmp/empty.md"),
            blob,
            link("https://example.org/page"),
        ];
        let prompt = editor.prompt(&id, blocks);
        let mut asked = host.asked().await;
        let question = "See @untitled:Untitled-1 @7 @empty.md @letter.pdf [a name](https://example.org/page)";
        assert_eq!(asked.request.question, question);
        let names: Vec<_> = host.heard("POST /v1/attachments").iter().map(|it| it["name"].clone()).collect();
        assert_eq!(names, ["untitled:Untitled-1.md", "7.md", "letter.pdf"]);
        assert_eq!(asked.request.about.len(), 3);
        asked.answer("Done.");
        ended(prompt).await.unwrap();
    });
}

#[test]
fn an_image_goes_to_models_that_take_it() {
    with(async |editor, mut host| {
        let id = editor.open().await;
        let image = || ContentBlock::Image(ImageContent::new("iVBORw0KGgo=", "image/png"));
        let prompt = editor.prompt(&id, ["What is this?".into(), image()]);
        let mut asked = host.asked().await;
        assert_eq!(asked.request.about, [handed_over("1", "image.png")]);
        asked.answer("A picture.");
        ended(prompt).await.unwrap();

        let prompt = editor.prompt(&id, ["What is this?".into(), image()]);
        let refusal =
            Problem::new(ErrorCode::InvalidInput, "`qwen` takes no images, so image.png cannot be shown to it")
                .with_hint("choose a model that takes images for this conversation");
        host.asked().await.refuse(&refusal);
        let error = ended(prompt).await.unwrap_err();
        assert!(error.message.starts_with("`qwen` takes no images") && error.message.contains("; choose"), "{error}");
        assert_eq!(host.heard("DELETE /v1/attachments/2").len(), 1, "nobody asked about it");
    });
}

#[test]
fn what_cannot_be_had_is_refused_and_leaves_nothing() {
    with(async |editor, mut host| {
        let file = editor.folder().join("notes.md");
        std::fs::write(&file, "text").unwrap();
        let id = editor.open().await;
        let sound = ContentBlock::Audio(AudioContent::new("AAAA", "audio/wav"));
        let error = ended(editor.prompt(&id, ["Hear ".into(), link(uri(&file)), sound])).await.unwrap_err();
        assert_eq!(error.code.value(), -32602);
        assert!(error.message.contains("sound"), "{error}");
        host.hears("DELETE /v1/attachments/1").await;

        let error = ended(editor.prompt(&id, [link("file:///nowhere/notes.md")])).await.unwrap_err();
        assert!(error.message.starts_with("/nowhere/notes.md cannot be read"), "{error}");
        assert!(!host.is_asked());
    });
}
