#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

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
"#), @r"
6 constant LIMIT
10-12 type Map
16-20 function Map.insert
17 function Map.insert.nested
22 function Map.len
25 interface Grows
25 function Grows.grow
27 macro twice
29-31 module inner
30 type inner.Kind
3 Import std::collections::HashMap in -
3 Import std::collections::hash_map::Entry in -
4 Import crate::grow in -
17 Call deep in nested
18 Call insert in insert
18 Call len in insert
18 Call Vec::with_capacity in insert
19 Call println in insert
22 Call len in len
[1-7] 
[8-13] Map
[14-14] Map
[15-21] Map > insert
[22-24] Map > len
[25-26] Grows
[27-28] twice
[29-29] inner
[30-31] inner > Kind
");
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
"#), @r"
5 constant LIMIT
8-21 type Map
11 constant Map.SIZE
14-15 function Map.size
18-21 function Map.insert
19-20 function Map.insert.nested
24-26 function main
1 Import os in -
1 Import numpy in -
2 Import .store.Store in -
2 Import .store.load in -
3 Import .other in -
15 Call len in size
21 Call put in insert
26 Call Map in main
[1-7] 
[8-12] Map
[13-16] Map > size
[17-23] Map > insert
[24-26] main
");
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
"#), @r"
3 constant fs
5 interface Shape
5 function Shape.area
6 type Id
7 type Kind
8 module Inner
8 function Inner.deep
12-16 type View
13 function View.load
14 function View.constructor
15 function View.area
18 constant LIMIT
19 function make
20 function plain
1 Import ./view.js in -
2 Import ./all in -
3 Import fs in fs
13 Call fetch in load
15 Call compute in area
19 Call View in make
20 Call make in plain
[1-4] 
[5-5] Shape
[6-6] Id
[7-7] Kind
[8-9] Inner
[10-12] View
[13-13] View > load
[14-14] View > constructor
[15-16] View > area
[17-18] 
[19-19] make
[20-20] plain
");
}

#[test]
fn tsx_and_javascript() {
    assert_snapshot!(show(Language::Tsx, r#"export const Button = ({ label }: Props) => <button onClick={() => click(label)}>{label}</button>;
"#), @r"
1 function Button
1 Call click in Button
[1-1] Button
");
    assert_snapshot!(show(Language::JavaScript, r#"class A { static #x = 1; run() { go(); } handler = () => stop(); }
function* gen() { yield import("./lazy.js"); }
module.exports = { A };
"#), @r"
1 type A
1 function A.run
1 function A.handler
2 function gen
1 Call go in run
1 Call stop in handler
2 Import ./lazy.js in gen
[1-1] A
[2-2] gen
[3-3]
");
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
"#), @r"
8 constant Limit
11-13 type Map
16-18 interface Grows
17 function Grows.Grow
19 type ID
23-26 function Map.Insert
28 function main
4 Import fmt in -
5 Import example.org/map in -
24 Call Println in Insert
25 Call grow in Insert
28 Call Run in main
[1-9] 
[10-14] Map
[15-16] Grows
[17-18] Grows > Grow
[19-21] ID
[22-27] Map > Insert
[28-28] main
");
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
"#), @r"
7-23 type Map
9 constant Map.LIMIT
12 function Map.Map
15-18 function Map.insert
20 interface Map.Grows
20 function Map.Grows.grow
21 type Map.Pair
22 type Map.Kind
3 Import java.util.List in -
4 Import java.util.Map.* in -
17 Call add in insert
17 Call Entry in insert
[1-5] 
[6-11] Map
[12-13] Map > Map
[14-19] Map > insert
[20-20] Map > Grows
[21-21] Map > Pair
[22-23] Map > Kind
");
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
"#), @r"
5 macro LIMIT
6 macro TWICE
8 type Point
9 type Id
10 type Kind
13 function grow
16-19 function insert
1 Import stdio.h in -
2 Import map.h in -
17 Call printf in insert
18 Call next in insert
[1-4] 
[5-5] LIMIT
[6-7] TWICE
[8-8] Point
[9-9] Id
[10-10] Kind
[11-12] 
[13-14] grow
[15-19] insert
[20-20]
");
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
"#), @r"
4-19 module store
7-13 type store.Map
9 function store.Map.Map
10 function store.Map.insert
16 function store.Map.grow
18 type store.Id
1 Import vector in -
2 Import std::vector in -
10 Call push_back in insert
16 Call resize in grow
16 Call std::max in grow
16 Call Entry in grow
[1-3] 
[4-5] store
[6-8] store > Map
[9-9] store > Map > Map
[10-10] store > Map > insert
[11-14] store > Map
[15-17] store > Map > grow
[18-19] store > Id
");
}

#[test]
fn borders_prefer_the_outermost_statement() {
    let source = "fn main() {\n    let a = 1;\n    if a == 1 {\n        call(\n            a,\n        );\n    }\n\n    done();\n}\n";
    let parsed = parse(Language::Rust, source);
    let none = ParsedCode::NO_BORDER;
    let shown: Vec<String> =
        parsed.borders.iter().map(|border| if *border == none { "-".to_owned() } else { border.to_string() }).collect();
    assert_snapshot!(shown.join(" "), @r"0 2 2 5 8 - - - 2 -");
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
