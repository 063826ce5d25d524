//! JSON whose objects have each key once: of one that stands twice nobody can say which value is meant.
//!
//! `serde_json` alone would take the last without a word.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::fields::ScenarioError;

/// The value of a text.
pub(super) fn read(json: &str) -> Result<Value, ScenarioError> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let read = Unique(Place::Root).deserialize(&mut deserializer);
    read.and_then(|value| deserializer.end().map(|()| value)).map_err(|why| match why.classify() {
        // Any value will do, so no other complaint is about what the text means.
        Category::Data => ScenarioError::Twice(why.to_string()),
        _ => ScenarioError::Syntax(why.to_string()),
    })
}

/// Where a value stands.
#[derive(Clone, Copy)]
enum Place<'a> {
    Root,
    Key(&'a Place<'a>, &'a str),
    At(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Self::Root, key) => f.write_str(key),
            Self::Key(place, key) => write!(f, "{place}.{key}"),
            Self::At(place, index) => write!(f, "{place}[{index}]"),
        }
    }
}

struct Unique<'a>(Place<'a>);

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Unique(Place::At(&self.0, values.len())))? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            let place = Place::Key(&self.0, &key);
            if members.contains_key(&key) {
                return Err(A::Error::custom(place));
            }
            let value = object.next_value_seed(Unique(place))?;
            members.insert(key, value);
        }
        Ok(members.into())
    }
}
