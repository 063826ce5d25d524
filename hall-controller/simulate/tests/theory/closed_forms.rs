//! The rows of references/theory.csv.

use std::fmt;
use std::path::PathBuf;

/// A closed-form result. Its unit of time is one mean service.
#[derive(Debug, Clone)]
pub struct Row {
    pub model: String,
    pub parameters: String,
    pub metric: String,
    pub value: f64,
}

impl Row {
    /// A parameter such as `c` of `c=4;rho=0.85`.
    pub fn get(&self, name: &str) -> f64 {
        let find = |pair: &str| pair.split_once('=').filter(|(key, _)| *key == name)?.1.parse().ok();
        self.parameters.split(';').find_map(find).unwrap()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} = {}", self.model, self.parameters, self.metric, self.value)
    }
}

/// All rows of a model.
pub fn rows(model: &str) -> Vec<Row> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("references/theory.csv");
    let table = std::fs::read_to_string(path).unwrap();
    table.lines().skip(1).map(row).filter(|row| row.model == model).collect()
}

/// From the right: only a model's name has commas.
fn row(line: &str) -> Row {
    let mut fields = line.rsplitn(4, ',');
    let mut field = || fields.next().unwrap().trim_matches('"').to_owned();
    let (value, metric, parameters, model) = (field(), field(), field(), field());
    Row { model, parameters, metric, value: value.parse().unwrap() }
}
