//! JSON values with the path that leads to them, so that every complaint names its field.

use std::fmt::Display;

use serde_json::Value;

/// What is wrong with a scenario, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// Not JSON at all.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// A key stands twice in one object: such as `services[3].target_minutes at line 7 column 20`.
    #[error("this key stands twice in its object: {0}; leave one of them out")]
    Twice(String),
    /// A field that must be there is not.
    #[error("{path} is missing")]
    Missing {
        /// Such as `services[3].target_minutes`.
        path: String,
    },
    /// A field is not what it must be.
    #[error("{path} must be {must_be}, not {found}")]
    Field {
        /// Such as `services[3].target_minutes`.
        path: String,
        /// What it must be.
        must_be: String,
        /// What it is.
        found: String,
    },
}

/// The longest piece of a wrong value that is shown.
const SHOWN_CHARS: usize = 40;

/// As a person writes it: no more than three digits behind the point.
fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Field<'a> {
    pub(super) const fn root(value: &'a Value) -> Self {
        Self { path: String::new(), value }
    }

    /// The member called `key`, which must be there.
    pub(super) fn get(&self, key: &str) -> Result<Self, ScenarioError> {
        let object = self.value.as_object().ok_or_else(|| self.must_be("an object"))?;
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        match object.get(key) {
            Some(value) => Ok(Self { path, value }),
            None => Err(ScenarioError::Missing { path }),
        }
    }

    /// The member called `key`, if it is there.
    pub(super) fn find(&self, key: &str) -> Result<Option<Self>, ScenarioError> {
        match self.get(key) {
            Err(ScenarioError::Missing { .. }) => Ok(None),
            found => found.map(Some),
        }
    }

    /// The names of the members, with their values.
    pub(super) fn members(&self) -> Result<Vec<(&'a str, Self)>, ScenarioError> {
        let object = self.value.as_object().ok_or_else(|| self.must_be("an object"))?;
        object.keys().map(|key| Ok((key.as_str(), self.get(key)?))).collect()
    }

    /// The elements of a list.
    pub(super) fn list(&self) -> Result<Vec<Self>, ScenarioError> {
        let list = self.value.as_array().ok_or_else(|| self.must_be("a list"))?;
        let element = |(i, value)| Self { path: format!("{}[{i}]", self.path), value };
        Ok(list.iter().enumerate().map(element).collect())
    }

    /// The elements of a list that has some.
    pub(super) fn some(&self) -> Result<Vec<Self>, ScenarioError> {
        let list = self.list()?;
        if list.is_empty() { Err(self.must_be("a list with at least one element")) } else { Ok(list) }
    }

    pub(super) fn text(&self) -> Result<&'a str, ScenarioError> {
        self.value.as_str().ok_or_else(|| self.must_be("a text"))
    }

    /// A number from `least` to `most`.
    pub(super) fn number(&self, least: f64, most: f64) -> Result<f64, ScenarioError> {
        let number = self.value.as_f64().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| self.must_be(format!("a number from {} to {}", short(least), short(most))))
    }

    pub(super) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// A text that parses.
    pub(super) fn parsed<T: std::str::FromStr<Err: Display>>(&self, what: &str) -> Result<T, ScenarioError> {
        self.text()?.parse().map_err(|why| self.must_be(format!("{what} ({why})")))
    }

    /// A time of day such as `09:00`, in minutes since midnight; `24:00` ends the day.
    pub(super) fn clock(&self) -> Result<f64, ScenarioError> {
        let minutes = self.text().ok().and_then(|text| {
            let (hours, minutes) = text.split_once(':')?;
            let two = |part: &str| (part.len() == 2).then(|| part.parse::<u16>().ok()).flatten();
            let total = two(hours)? * 60 + two(minutes).filter(|minutes| *minutes < 60)?;
            (total <= 24 * 60).then(|| f64::from(total))
        });
        minutes.ok_or_else(|| self.must_be("a time such as \"09:00\""))
    }

    /// The complaint that it is something else.
    pub(super) fn must_be(&self, must_be: impl Into<String>) -> ScenarioError {
        let path = if self.path.is_empty() { "the scenario".to_owned() } else { self.path.clone() };
        let text = self.value.to_string();
        let mut found: String = text.chars().take(SHOWN_CHARS).collect();
        if found.len() < text.len() {
            found.push('…');
        }
        ScenarioError::Field { path, must_be: must_be.into(), found }
    }
}
