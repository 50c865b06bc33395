use agent_client_protocol::v1::schema::{SessionUpdate, StopReason};
use ambit_protocol::{Memory, MemoryKind, MemoryScope, Relevance, SearchResponse};
use serde_json::json;

use crate::editor::{ended, with};
use crate::host::{hit, status};

#[test]
fn commands_are_announced_and_done_without_a_turn() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let SessionUpdate::AvailableCommandsUpdate(update) = editor.told().await else { panic!("commands are told") };
        let names: Vec<&str> = update.available_commands.iter().map(|command| command.name.as_str()).collect();
        assert_eq!(names, ["search", "remember", "status"]);

        let folder = editor.folder();
        let passages = vec![hit(&folder.join("a_b.md"), (3, 9))];
        let found = SearchResponse {
            passages,
            memories: Vec::new(),
            relevance: Relevance::Relevant,
            degraded: vec!["dense: no model".to_owned()],
            sequence: 1,
        };
        host.answer("POST /v1/search", &found);
        assert_eq!(ended(editor.say(&id, "/search renew certificate")).await.unwrap(), StopReason::EndTurn);
        let body = host.heard("POST /v1/search").remove(0);
        assert_eq!(body["query"], "renew certificate");
        assert_eq!(body["scope"]["folder"].as_str(), folder.to_str());
        let text = format!(
            "1. [a\\_b.md:3-9](file://{}/a_b.md#L3) Certificates\n   ````\n   The certificate is renewed\n   ```\n   once a \
             month\n   ````\n\n\nNot everything could be searched: dense: no model",
            folder.display()
        );
        assert_eq!(editor.read(), text);

        let nothing = SearchResponse { relevance: Relevance::NothingRelevant, degraded: Vec::new(), ..found };
        host.answer("POST /v1/search", nothing);
        ended(editor.say(&id, "/search mole")).await.unwrap();
        assert_eq!(editor.read(), "Nothing that is indexed speaks of this.");
        ended(editor.say(&id, "/search")).await.unwrap();
        assert_eq!(editor.read(), "Say what to look for: `/search renew certificate`");

        let memory = Memory {
            id: "m1".to_owned(),
            kind: MemoryKind::Fact,
            text: "the server is mole".to_owned(),
            scope: MemoryScope::Global,
            source: "user".to_owned(),
            created_at: 0,
            updated_at: 0,
        };
        host.answer("POST /v1/memories", memory);
        ended(editor.say(&id, "/remember the server is mole")).await.unwrap();
        assert_eq!(host.heard("POST /v1/memories")[0]["text"], json!("the server is mole"));
        assert_eq!(editor.read(), "Remembered: the server is mole\n\n`ambit memory remove m1` forgets it.");

        host.answer("GET /v1/status", status(Some("qwen")));
        ended(editor.say(&id, "/status")).await.unwrap();
        let told =
            "1 folders: 3 files indexed, 1 pending, 0 skipped, 0 failed. `qwen` answers.\n- /home/ada/my\\_notes";
        assert_eq!(editor.read(), told);
        assert!(!host.is_asked(), "none of it is a question");
    });
}
