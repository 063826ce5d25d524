//! Walks a TOML document and collects what is wrong with it instead of stopping at the first.
//!
//! Every value knows where it stands ([`Place`]) and how a right one looks (its example), so that
//! whoever refuses it only has to say why. What keys there are is the callers' business; a key
//! nobody asked for is reported by [`Table::finish`].

use std::cell::RefCell;
use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::errors::{ConfigError, Words, words};
use super::nearest::nearest;

/// The most characters of a text of the file that a message repeats.
const QUOTED_CHARS_MAX: usize = 40;

/// Where something stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The line, from 1.
    pub(super) line: usize,
    /// The key from the outermost table on.
    pub(super) key: String,
}

impl Place {
    fn below(&self, key: &str, line: usize) -> Self {
        let key = if self.key.is_empty() { key.to_owned() } else { format!("{}.{key}", self.key) };
        Self { line, key }
    }

    fn said(&self, problem: Words, remedy: Words) -> ConfigError {
        ConfigError { line: Some(self.line), key: self.key.clone(), problem, remedy }
    }
}

/// What has been found wrong so far.
pub(super) struct Findings<'t> {
    text: &'t str,
    errors: RefCell<Vec<ConfigError>>,
    doubts: RefCell<Vec<ConfigError>>,
}

impl<'t> Findings<'t> {
    /// Nothing yet, of this text.
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, errors: RefCell::default(), doubts: RefCell::default() }
    }

    /// Note that something is wrong there, and what to write instead.
    pub(super) fn report(&self, place: &Place, problem: Words, remedy: Words) {
        self.errors.borrow_mut().push(place.said(problem, remedy));
    }

    /// What is allowed there and hardly meant.
    pub(super) fn take_doubts(&self) -> Vec<ConfigError> {
        self.doubts.take()
    }

    /// What the TOML parser stumbled over.
    pub(super) fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let line = self.line(error.span().map_or(0, |span| span.start));
        let said = error.message().trim().replace('\n', ", ");
        let remedy = if said.contains("duplicate key") {
            words!(
                "请删去两处中的一处；可出现多次的表，名称写在 [[…]] 里",
                "remove one of the two; a table that comes several times has its name in [[…]]"
            )
        } else {
            words!(
                "请每行写一个 键 = 值，文字用英文双引号，表名写在 […] 或 [[…]] 里",
                "write key = value on one line, text in double quotes, and table names in […] or [[…]]"
            )
        };
        let problem = words!("不合 TOML 语法（{said}）", "{said}");
        ConfigError { line: Some(line), key: "syntax".to_owned(), problem, remedy }
    }

    /// Whether nothing was found wrong.
    fn is_empty(&self) -> bool {
        self.errors.borrow().is_empty()
    }

    /// Everything found.
    pub(super) fn into_errors(self) -> Vec<ConfigError> {
        self.errors.into_inner()
    }

    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }
}

/// A text of the file as messages repeat it: in quotes, on one line, and not too long.
pub(super) fn quoted(text: &str) -> String {
    if text.chars().count() <= QUOTED_CHARS_MAX {
        return format!("{text:?}");
    }
    let beginning: String = text.chars().take(QUOTED_CHARS_MAX).collect();
    format!("{:?}", beginning + "…")
}

/// A table, read key by key.
pub(super) struct Table<'t> {
    findings: &'t Findings<'t>,
    entries: &'t DeTable<'t>,
    place: Place,
    asked: RefCell<Vec<&'static str>>,
    /// Keys that are not there and must be, with what to say.
    missing: RefCell<Vec<(&'static str, ConfigError)>>,
}

impl<'t> Table<'t> {
    /// The whole document.
    pub(super) fn root(findings: &'t Findings<'t>, entries: &'t DeTable<'t>) -> Self {
        Self {
            findings,
            entries,
            place: Place { line: 1, key: String::new() },
            asked: RefCell::default(),
            missing: RefCell::default(),
        }
    }

    /// Whether nothing was found wrong so far, in the whole document.
    pub(super) fn is_right(&self) -> bool {
        self.findings.is_empty()
    }

    /// Where `key` would stand.
    fn place_of(&self, key: &str) -> Place {
        self.place.below(key, self.place.line)
    }

    /// Note that something is wrong with the table as a whole.
    pub(super) fn wrong(&self, problem: Words, remedy: Words) {
        self.findings.report(&self.place, problem, remedy);
    }

    /// Note what is allowed of the table as a whole and hardly meant, and what to write instead.
    pub(super) fn doubtful(&self, problem: Words, remedy: Words) {
        self.findings.doubts.borrow_mut().push(self.place.said(problem, remedy));
    }

    /// Note that something is wrong with `key`, which is not there.
    pub(super) fn wrong_key(&self, key: &str, problem: Words, remedy: Words) {
        self.findings.report(&self.place_of(key), problem, remedy);
    }

    /// The value of `key`, if it is there. `example` is how a right one is written.
    pub(super) fn optional(&self, key: &'static str, example: &'static str) -> Option<Value<'t>> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&key) {
            asked.push(key);
        }
        let (found, value) = self.entries.get_key_value(key)?;
        let place = self.place.below(key, self.findings.line(found.span().start));
        Some(Value { findings: self.findings, raw: value.get_ref(), place, key, example })
    }

    /// The value of `key`, whose absence is an error.
    pub(super) fn required(&self, key: &'static str, example: &'static str) -> Option<Value<'t>> {
        let value = self.optional(key, example);
        if value.is_none() {
            let remedy = words!("请写 {key} = {example}", "write {key} = {example}");
            self.miss(key, words!("缺少此项", "this key is missing"), remedy);
        }
        value
    }

    /// The table `[key]`, whose absence is an error.
    pub(super) fn section(&self, key: &'static str) -> Option<Table<'t>> {
        let value = self.optional(key, "{ … }");
        if value.is_none() {
            let remedy = words!("请写 [{key}]，其下写各项", "write [{key}] with its keys below");
            self.miss(key, words!("缺少此表", "this table is missing"), remedy);
        }
        let value = value?;
        if let DeValue::Table(_) = value.raw {
            return value.table();
        }
        value.wrong(
            wanted(TABLE, value.raw),
            words!(
                "请用单方括号写一次 [{key}]，其下写各项",
                "write [{key}] in single brackets, once, with its keys below"
            ),
        );
        None
    }

    /// The tables `[[key]]`, none if there are none. Each is called by its id where it has one.
    pub(super) fn each(&self, key: &'static str) -> Vec<Table<'t>> {
        let Some(value) = self.optional(key, "[ { … } ]") else { return Vec::new() };
        let DeValue::Array(items) = value.raw else {
            value.wrong(
                wanted(["若干个表", "a list of tables"], value.raw),
                words!(
                    "请用双方括号，每个写一次 [[{key}]]",
                    "write [[{key}]] in double brackets, once for each"
                ),
            );
            return Vec::new();
        };
        let called = |i: usize, item: &Spanned<DeValue<'_>>| {
            let id = item.get_ref().get("id").and_then(|id| id.get_ref().as_str());
            id.map_or_else(|| format!("{key}[{}]", i + 1), |id| format!("{key} {}", quoted(id)))
        };
        let tables = items.iter().enumerate().filter_map(|(i, item)| {
            let place = self.place.below(&called(i, item), self.findings.line(item.span().start));
            Value { findings: self.findings, raw: item.get_ref(), place, key, example: "[ { … } ]" }.table()
        });
        tables.collect()
    }

    /// The tables `[[key]]`, of which there must be one at least.
    pub(super) fn some(&self, key: &'static str) -> Vec<Table<'t>> {
        if self.optional(key, "").is_none() {
            let remedy = words!("请写一个 [[{key}]]，其下写各项", "write a [[{key}]] with its keys below");
            self.miss(key, words!("没有任何 {key}", "there is no {key}"), remedy);
        }
        self.each(key)
    }

    /// Report every key nobody asked for, and every one that is missing. A key that is one only
    /// misspelt is reported once.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        let mut missing = self.missing.take();
        for key in self.entries.keys().filter(|key| !asked.iter().any(|known| *known == key.get_ref())) {
            let shown = quoted(key.get_ref());
            let place = self.place.below(shown.trim_matches('"'), self.findings.line(key.span().start));
            let meant = nearest(key.get_ref(), missing.iter().map(|(key, _)| *key));
            let meant_any = meant.or_else(|| nearest(key.get_ref(), asked.iter().copied()));
            let keys = asked.join(", ");
            let remedy = meant_any.map_or_else(
                || words!("请删去；此处可写的有 {keys}", "remove it; the keys here are {keys}"),
                |meant| words!("是否应为 {meant}？", "did you mean {meant}?"),
            );
            if let Some(i) = missing.iter().position(|(key, _)| Some(*key) == meant) {
                missing.remove(i);
            }
            self.findings.report(&place, words!("没有这一项", "this key is unknown"), remedy);
        }
        self.findings.errors.borrow_mut().extend(missing.into_iter().map(|(_, error)| error));
    }

    fn miss(&self, key: &'static str, problem: Words, remedy: Words) {
        let Place { line, key: place } = self.place_of(key);
        let error = ConfigError { line: Some(line), key: place, problem, remedy };
        self.missing.borrow_mut().push((key, error));
    }
}

/// A value, and where it stands.
pub(super) struct Value<'t> {
    findings: &'t Findings<'t>,
    raw: &'t DeValue<'t>,
    place: Place,
    key: &'static str,
    example: &'static str,
}

impl<'t> Value<'t> {
    /// Where it stands.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Note that something is wrong with it.
    pub(super) fn wrong(&self, problem: Words, remedy: Words) {
        self.findings.report(&self.place, problem, remedy);
    }

    /// Note that something is wrong with it, where its example is remedy enough.
    pub(super) fn wrong_for_example(&self, problem: Words) {
        let (key, example) = (self.key, self.example);
        self.wrong(problem, words!("请写，例如 {key} = {example}", "write for instance {key} = {example}"));
    }

    /// Note that its text `word` is none of the known ones: the nearest is suggested, and
    /// `otherwise` when none is near.
    pub(super) fn wrong_word<'a>(
        &self,
        problem: Words,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: Words,
    ) {
        let meant = nearest(word, known).map(quoted);
        let remedy = meant.map(|meant| words!("是否应为 {meant}？", "did you mean {meant}?"));
        self.wrong(problem, remedy.unwrap_or(otherwise));
    }

    /// The text.
    pub(super) fn text(&self) -> Option<&'t str> {
        match self.raw {
            DeValue::String(text) => Some(text),
            DeValue::Integer(number) => {
                let number = quoted(&number.to_string());
                self.wrong(wanted(TEXT, self.raw), words!("请写 {number}", "write {number}"));
                None
            }
            other => self.wrong_kind(TEXT, other),
        }
    }

    /// The truth value.
    pub(super) fn boolean(&self) -> Option<bool> {
        match self.raw {
            DeValue::Boolean(value) => Some(*value),
            other => self.wrong_kind(["true 或 false", "true or false"], other),
        }
    }

    /// The whole number, which lies within `range`; `what` names its unit.
    pub(super) fn number(&self, range: &RangeInclusive<i64>, what: &str) -> Option<i64> {
        let number = match self.raw {
            DeValue::Integer(number) => number,
            DeValue::String(text) if text.parse::<i64>().is_ok() => {
                let remedy = words!("请去掉引号，写 {text}", "write {text} without quotes");
                self.wrong(wanted(NUMBER, self.raw), remedy);
                return None;
            }
            other => return self.wrong_kind(NUMBER, other),
        };
        let parsed = i64::from_str_radix(number.as_str(), number.radix()).ok();
        let within = parsed.filter(|number| range.contains(number));
        if within.is_none() {
            let (first, last) = (range.start(), range.end());
            let number = quoted(&number.to_string());
            let number = number.trim_matches('"');
            // In Chinese the key says what it counts.
            let remedy = Words {
                zh: format!("请写 {first} 至 {last} 的整数"),
                en: format!("write {what} from {first} to {last}"),
            };
            self.wrong(words!("{number} 超出范围", "{number} is out of range"), remedy);
        }
        within
    }

    /// The number as a smaller type, which holds all of `range`.
    pub(super) fn small<N: TryFrom<i64>>(&self, range: &RangeInclusive<i64>, what: &str) -> Option<N> {
        N::try_from(self.number(range, what)?).ok()
    }

    /// The entries of the list.
    pub(super) fn items(&self) -> Option<Vec<Value<'t>>> {
        let DeValue::Array(items) = self.raw else {
            return self.wrong_kind(["方括号中的列表", "a list in brackets"], self.raw);
        };
        let item = |(i, item): (usize, &'t Spanned<DeValue<'t>>)| Value {
            findings: self.findings,
            raw: item.get_ref(),
            place: Place {
                line: self.findings.line(item.span().start),
                key: format!("{}[{}]", self.place.key, i + 1),
            },
            key: self.key,
            example: self.example,
        };
        Some(items.iter().enumerate().map(item).collect())
    }

    /// Whether it is text, where other kinds are right too.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.raw, DeValue::String(_))
    }

    /// Whether it is a table, where other kinds are right too.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.raw, DeValue::Table(_))
    }

    /// The table.
    pub(super) fn table(&self) -> Option<Table<'t>> {
        match self.raw {
            DeValue::Table(entries) => Some(Table {
                findings: self.findings,
                entries,
                place: self.place.clone(),
                asked: RefCell::default(),
                missing: RefCell::default(),
            }),
            other => self.wrong_kind(TABLE, other),
        }
    }

    fn wrong_kind<T>(&self, kind: Kind, found: &DeValue<'_>) -> Option<T> {
        self.wrong_for_example(wanted(kind, found));
        None
    }
}

/// A kind of value, in Chinese and English.
type Kind = [&'static str; 2];

const TEXT: Kind = ["双引号中的文字", "text in double quotes"];
const NUMBER: Kind = ["数字", "a number"];
const TABLE: Kind = ["表", "a table"];

/// That another kind of value was expected than the one `found`.
fn wanted([zh, en]: Kind, found: &DeValue<'_>) -> Words {
    let [found_zh, found_en] = kind(found);
    Words {
        zh: format!("此处须为{zh}，而不是{found_zh}"), en: format!("{en} is wanted, not {found_en}")
    }
}

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> Kind {
    match value {
        DeValue::String(_) => ["文字", "text"],
        DeValue::Integer(_) => NUMBER,
        DeValue::Float(_) => ["带小数的数字", "a number with a fraction"],
        DeValue::Boolean(_) => ["真假值", "true or false"],
        DeValue::Datetime(_) => ["未加引号的时间", "a time without quotes"],
        DeValue::Array(_) => ["列表", "a list"],
        DeValue::Table(_) => TABLE,
    }
}
