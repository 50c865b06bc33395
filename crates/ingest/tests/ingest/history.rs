use std::time::{Duration, Instant};

use ambit_domain::port::{ReadOutcome, Source};
use ambit_domain::{Cancellation, PersonRole, Timestamp};
use gix::objs::tree::{Entry, EntryKind};

use crate::fixture::{candidates, drain, read_all, source, write};

fn commit(repository: &gix::Repository, who: &str, seconds: i64, files: &[(&str, &str)]) {
    let mut entries: Vec<Entry> = files
        .iter()
        .map(|(name, text)| Entry {
            mode: EntryKind::Blob.into(),
            filename: (*name).into(),
            oid: repository.write_blob(text.as_bytes()).unwrap().detach(),
        })
        .collect();
    entries.sort();
    let tree = repository.write_object(&gix::objs::Tree { entries }).unwrap().detach();
    let signature = gix::actor::Signature {
        name: who.into(),
        email: format!("{}@example.org", who.to_lowercase()).into(),
        time: gix::date::Time::new(seconds, 0),
    };
    let mut time = gix::date::parse::TimeBuf::default();
    let signature = signature.to_ref(&mut time);
    let parents: Vec<gix::ObjectId> = repository.head_id().ok().map(gix::Id::detach).into_iter().collect();
    repository.commit_as(signature, signature, "HEAD", "change", tree, parents).unwrap();
}

#[test]
fn people_come_from_the_version_history() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let repository = gix::init(&root).unwrap();
    commit(&repository, "Ada", 1_000, &[("a.md", "# A"), ("b.md", "# B")]);
    commit(&repository, "Grace", 2_000, &[("a.md", "# A, changed"), ("b.md", "# B")]);
    write(&root, &[("a.md", "# A, changed"), ("b.md", "# B"), ("new.md", "# New")]);

    let source = source();
    drain(source.scan(root.clone(), Cancellation::new()));
    let begun = Instant::now();
    loop {
        let mut people: Vec<String> = Vec::new();
        for reading in read_all(&source, candidates(&source, &root)) {
            let ReadOutcome::Read(extraction) = reading.outcome else { panic!("{:?}", reading.outcome) };
            for person in &extraction.outline.people {
                assert_eq!(person.role, PersonRole::Contributor);
                assert!(person.at > Some(Timestamp(0)));
                let name = reading.candidate.path.file_name().unwrap().to_str().unwrap();
                people.push(format!("{name} {} {}", person.name, person.email.as_deref().unwrap()));
            }
        }
        people.sort();
        if people == ["a.md Ada ada@example.org", "a.md Grace grace@example.org", "b.md Ada ada@example.org"] {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "the history gave only {people:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
