#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test stops at the first surprise")]

use std::fmt::Write;
use std::path::Path;

use ambit_domain::Span;
use ambit_syntax::{Language, ParsedCode, parse, parse_until};
use insta::assert_snapshot;
use proptest::prelude::*;

fn lines(span: Span) -> String {
    span.to_string()
}

fn show(language: Language, source: &str) -> String {
    let parsed = parse(language, source);
    let mut text = String::new();
    for symbol in &parsed.symbols {
        let mut path = symbol.container.clone();
        path.push(symbol.name.clone());
        writeln!(text, "{} {} {}", lines(symbol.span), symbol.kind.as_str(), path.join(".")).unwrap();
    }
    for reference in &parsed.references {
        let within = reference.within.as_deref().unwrap_or("-");
        writeln!(text, "{} {:?} {} in {within}", lines(reference.span), reference.kind, reference.name).unwrap();
    }
    for region in &parsed.regions {
        writeln!(text, "[{}-{}] {}", region.start, region.end, region.path.join(" > ")).unwrap();
    }
    text
}

#[test]
fn language_is_known_by_extension() {
    let language = |name: &str| Language::from_path(Path::new(name)).map(Language::as_str);
    assert_eq!(language("src/lib.rs"), Some("rust"));
    assert_eq!(language("a/b.PY"), Some("python"));
    assert_eq!(language("view.tsx"), Some("typescript"));
    assert_eq!(language("view.jsx"), Some("javascript"));
    assert_eq!(language("main.go"), Some("go"));
    assert_eq!(language("Main.java"), Some("java"));
    assert_eq!(language("map.h"), Some("c"));
    assert_eq!(language("map.hpp"), Some("cpp"));
    assert_eq!(language("readme.md"), None);
    assert_eq!(language("Makefile"), None);
}

#[test]
fn rust() {
    assert_snapshot!(show(Language::Rust, r#"//! A map.

use std::collections::{HashMap, hash_map::Entry as E};
use crate::grow::*;

const LIMIT: usize = 10;

/// Holds things.
#[derive(Debug)]
pub struct Map<K> {
    inner: HashMap<K, u32>,
}

impl<K> Map<K> {
    /// Puts a thing in.
    pub fn insert(&mut self, key: K) {
        fn nested() { deep(); }
        self.inner.insert(key, Vec::<u8>::with_capacity(1).len());
        println!("{}", grow::<K>());
    }

    fn len(&self) -> usize { self.inner.len() }
}

trait Grows { fn grow(&self); }

macro_rules! twice { ($x:expr) => { $x; $x } }

mod inner {
    pub enum Kind { A }
}
"#), @"");
}

#[test]
fn python() {
    assert_snapshot!(show(Language::Python, r#"import os, numpy as np
from .store import Store as S, load
from . import other

LIMIT = 10
value = 3

class Map(Base):
    """Holds things."""

    SIZE = 3

    @property
    def size(self):
        return len(self.items)

    # puts
    def insert(self, key):
        def nested():
            pass
        self.store.put(key)


async def main():
    LOCAL = 1
    m = Map()
"#), @"");
}

#[test]
fn typescript() {
    assert_snapshot!(show(Language::TypeScript, r#"import { open } from "./view.js";
export * from './all';
const fs = require("fs");

export interface Shape { area(): number; }
export type Id = string;
enum Kind { A, B }
namespace Inner { export function deep() {} }

/** Draws. */
@decorated
export class View extends Base implements Shape {
  private load = async () => { fetch("x"); };
  constructor() { super(); }
  area(): number { return this.size.compute(); }
}

export const LIMIT = 3;
export const make = (x: number) => new View(x);
function plain() { const inner = 1; make(inner); }
"#), @"");
}

#[test]
fn tsx_and_javascript() {
    assert_snapshot!(show(Language::Tsx, r#"export const Button = ({ label }: Props) => <button onClick={() => click(label)}>{label}</button>;
"#), @"");
    assert_snapshot!(show(Language::JavaScript, r#"class A { static #x = 1; run() { go(); } handler = () => stop(); }
function* gen() { yield import("./lazy.js"); }
module.exports = { A };
"#), @"");
}

#[test]
fn go() {
    assert_snapshot!(show(Language::Go, r#"package store

import (
	"fmt"
	m "example.org/map"
)

const Limit = 10

// Map holds things.
type Map[K comparable] struct {
	items map[K]int
}

type (
	Grows interface {
		Grow() error
	}
	ID = string
)

// Insert puts a thing in.
func (s *Map[K]) Insert(key K) error {
	fmt.Println(key)
	return grow(s)
}

func main() { m.Run() }
"#), @"");
}

#[test]
fn java() {
    assert_snapshot!(show(Language::Java, r#"package org.example;

import java.util.List;
import static java.util.Map.*;

/** Holds things. */
@Deprecated
public class Map<K> extends Base {
    static final int LIMIT = 10;
    private int size;

    public Map() { super(); }

    /** Puts. */
    @Override
    public void insert(K key) {
        list.add(new Entry<K>(key));
    }

    interface Grows { void grow(); }
    record Pair(int a, int b) {}
    enum Kind { A }
}
"#), @"");
}

#[test]
fn c() {
    assert_snapshot!(show(Language::C, r#"#include <stdio.h>
#include "map.h"
#ifndef GUARD
#define GUARD
#define LIMIT 10
#define TWICE(x) ((x) * 2)

typedef struct Point { int x, y; } Point;
typedef unsigned long Id;
enum Kind { A, B };
int (*callback)(int);

int grow(struct Point *point);

/* Puts. */
static int *insert(Point *point, int key) {
    printf("%d", key);
    return point->next(key);
}
#endif
"#), @"");
}

#[test]
fn cpp() {
    assert_snapshot!(show(Language::Cpp, r#"#include <vector>
using std::vector;

namespace store {

template <typename K>
class Map : public Base {
public:
    Map();
    void insert(const K& key) { items.push_back(key); }
private:
    std::vector<K> items;
};

template <typename K>
void Map<K>::grow() { resize<int>(std::max(1, 2)); new Entry(1); }

using Id = int;
}
"#), @"");
}

#[test]
fn borders_prefer_the_outermost_statement() {
    let source = "fn main() {\n    let a = 1;\n    if a == 1 {\n        call(\n            a,\n        );\n    }\n\n    done();\n}\n";
    let parsed = parse(Language::Rust, source);
    let none = ParsedCode::NO_BORDER;
    let shown: Vec<String> =
        parsed.borders.iter().map(|border| if *border == none { "-".to_owned() } else { border.to_string() }).collect();
    assert_snapshot!(shown.join(" "), @"");
}

#[test]
fn broken_code_still_gives_what_is_whole() {
    let parsed = parse(Language::Rust, "fn good() { call(); }\n\nfn broken( {{{\n\nstruct After;\n");
    assert!(parsed.errors, "the syntax error was not noticed");
    assert!(parsed.symbols.iter().any(|symbol| symbol.name == "good"), "the intact function was lost");
    assert_eq!(parsed.regions.last().unwrap().end, 5);
}

#[test]
fn a_stopped_parse_covers_the_file_with_one_region() {
    let source = "fn one() {}\n".repeat(20_000);
    let parsed = parse_until(Language::Rust, &source, &mut || true);
    assert!(parsed.stopped);
    assert_eq!(parsed.regions.len(), 1);
    assert_eq!(parsed.regions[0].end, 20_000);
}

#[test]
fn deep_nesting_does_not_end_the_process() {
    for language in Language::ALL {
        let depth = 50_000;
        let source = format!("x = {}1{};\n", "(".repeat(depth), ")".repeat(depth));
        let parsed = parse(language, &source);
        assert_eq!(parsed.regions.len(), 1, "{}", language.as_str());
        let blocks = format!("{}{}", "{\n".repeat(depth), "}\n".repeat(depth));
        assert!(!parse(language, &blocks).regions.is_empty(), "{}", language.as_str());
    }
    let modules = format!("{}{}", "mod a {\n".repeat(20_000), "}\n".repeat(20_000));
    assert!(!parse(Language::Rust, &modules).symbols.is_empty());
}

/// Regions cover all lines in order.
fn covers(parsed: &ParsedCode, source: &str) {
    let mut next = 1;
    for region in &parsed.regions {
        assert_eq!(region.start, next, "a gap or an overlap before line {next}");
        assert!(region.end >= region.start);
        next = region.end + 1;
    }
    assert_eq!(next as usize, source.lines().count() + 1, "the end is missing");
    assert_eq!(parsed.borders.len(), source.lines().count());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_in_any_language_is_covered(source in "[ -~\\n\\r\\tä€𝄞]{0,400}", index in 0..9_usize) {
        covers(&parse(Language::ALL[index], &source), &source);
    }

    #[test]
    fn shuffled_code_is_covered(parts in prop::collection::vec(prop::sample::select(vec![
        "fn a() {", "}", "class A:", "    def b(self):", "\n", "/* c", "*/", "\"", "impl X for Y {", "func (m *M) F() {",
        "#define A \\", "namespace n {", "template <class T>", "export const f = () => {", "// x\n", "@Override\n", "struct S {",
    ]), 0..40), index in 0..9_usize) {
        let source = parts.join("\n");
        covers(&parse(Language::ALL[index], &source), &source);
    }
}
