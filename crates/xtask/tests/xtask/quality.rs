use xtask::quality::{Found, Quality, judge};
use xtask::questions::{Question, parse};

fn question() -> Question {
    let line = r#"{"id":"a","question":"Why?","gold":[{"path":"a.html","phrase":"the  answer"},{"path":"b.html","phrase":"as well"}]}"#;
    parse(line).unwrap().remove(0)
}

fn found(passages: &[(&str, &str)]) -> Vec<Found> {
    passages
        .iter()
        .map(|(path, text)| Found { path: (*path).to_owned(), span: "1-2".to_owned(), text: (*text).to_owned() })
        .collect()
}

#[test]
fn a_hit_needs_the_path_and_a_strict_hit_the_phrase_too() {
    let score = judge(
        &question(),
        &found(&[("x.html", "the answer"), ("a.html", "something else"), ("a.html", "The\nANSWER.")]),
    );
    assert!(score.hit && score.strict_hit);
    let score = judge(&question(), &found(&[("a.html", "as well")]));
    assert!(score.hit && !score.strict_hit, "the phrase belongs to the other file");
    let score = judge(&question(), &found(&[("x.html", "the answer")]));
    assert!(!score.hit && !score.strict_hit, "the phrase without the path is no hit");
}

#[test]
fn only_the_first_three_places_count_for_hits_and_ten_for_the_gain() {
    let mut passages = vec![("x.html", ""); 3];
    passages.push(("b.html", "as well"));
    let score = judge(&question(), &found(&passages));
    assert!(!score.hit && !score.strict_hit);
    assert!(score.ndcg > 0.0, "the fourth place still counts for the gain");
    assert_eq!(judge(&question(), &[]).ndcg, 0.0);
}

#[test]
fn the_quality_of_a_set_is_the_mean() {
    let scores = [
        judge(&question(), &found(&[("a.html", "the answer"), ("b.html", "")])),
        judge(&question(), &found(&[("x.html", "")])),
    ];
    let quality = Quality::of(&scores);
    assert_eq!((quality.hit_at_3, quality.strict_hit_at_3, quality.ndcg_at_10), (0.5, 0.5, 0.5));
    assert_eq!(Quality::of(&[]), Quality::default());
}
