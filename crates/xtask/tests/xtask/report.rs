use serde_json::{Value, json};
use xtask::report::{Aim, Figure, Machine, Report, cpu_name, rounded};

fn report() -> Report {
    Report {
        bench: "search",
        machine: Machine { cores: 2, cpu: "Example 9000".to_owned() },
        figures: vec![
            Figure::new("p50 100k", 4.21, "ms"),
            Figure::new("p95 100k", 12.345_67, "ms").with_aim(Aim::AtMost(20.0)).with_peer(9.0),
            Figure::new("recall@10", 0.949_999, "").with_aim(Aim::AtLeast(0.95)),
            Figure::new("hybrid hit@3", 0.9, "").with_aim(Aim::Above(0.9)),
            Figure::new("cpu %", 0.4, "% of a core").with_aim(Aim::Below(0.5)),
        ],
    }
}

#[test]
fn json_has_exactly_the_agreed_form_on_one_line() {
    let line = report().json().unwrap();
    assert!(!line.contains('\n'), "the report must be the last line: {line}");
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["bench"], "search");
    assert_eq!(value["machine"], json!({"cores": 2, "cpu": "Example 9000"}));
    assert_eq!(
        value["figures"][0],
        json!({"name": "p50 100k", "value": 4.21, "unit": "ms", "aim": null, "peer": null, "met": null})
    );
    assert_eq!(
        value["figures"][1],
        json!({"name": "p95 100k", "value": 12.35, "unit": "ms", "aim": "≤ 20", "peer": 9.0, "met": true})
    );
    assert_eq!(value.as_object().unwrap().len(), 3, "unexpected fields: {line}");
}

#[test]
fn an_aim_is_judged_on_the_value_that_is_shown() {
    let figures = report().figures;
    // 0.949999 is shown as 0.95; a reader who sees 0.95 beside "≥ 0.95" expects it to be met.
    assert_eq!((figures[2].value, figures[2].met), (0.95, Some(true)));
    assert_eq!(figures[3].met, Some(false), "an equal value is not above");
    assert_eq!(figures[4].met, Some(true));
    assert_eq!(Figure::new("x", 0.5, "").with_aim(Aim::Below(0.5)).met, Some(false));
    assert_eq!(Figure::new("x", 20.01, "").with_aim(Aim::AtMost(20.0)).met, Some(false));
}

#[test]
fn a_figure_that_was_not_measured_is_an_error_not_a_null() {
    let broken = Report { figures: vec![Figure::new("ratio", f64::NAN, "×")], ..report() };
    let message = broken.json().unwrap_err().to_string();
    assert!(message.contains("ratio"), "the message does not name the figure: {message}");
}

#[test]
fn the_table_aligns_and_names_what_was_missed() {
    let table = report().table();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "search on 2 cores of Example 9000");
    assert!(lines[1].starts_with("figure"), "{table}");
    assert!(lines[3].ends_with("met"), "{table}");
    assert!(lines[5].ends_with("MISSED"), "{table}");
    let columns: Vec<usize> = lines[2..].iter().filter_map(|line| line.find(" ms").map(|at| at + 3)).collect();
    assert_eq!(columns.len(), 2);
    assert_eq!(columns[0], columns[1], "units do not stand under each other:\n{table}");
}

#[test]
fn four_digits_are_kept() {
    assert_eq!(rounded(12_345.6), 12_350.0);
    assert_eq!(rounded(0.000_123_456), 0.000_123_5);
    assert_eq!(rounded(0.0), 0.0);
    assert_eq!(rounded(-1.234_56), -1.235);
}

#[test]
fn the_processor_is_named() {
    assert_eq!(
        cpu_name("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nmodel name : other\n").unwrap(),
        "Some CPU @ 2 GHz"
    );
    assert_eq!(cpu_name("processor : 0\n"), None);
    let here = Machine::here();
    assert!(here.cores >= 1 && !here.cpu.is_empty(), "{here:?}");
}
