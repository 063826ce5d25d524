//! What font cards do by themselves, as a sign's keys say: dim by their own clock, speak, be switched off.

use hall_signs::codec::Protocol;
use hall_signs::codec::model::Model;
use hall_signs::codec::onbon::bx5k::{self, Speaker};

use super::Speech;
use crate::config::Look;
use crate::config::errors::words;
use crate::config::reader::Table;

/// The key `voice` of a sign: who says its calls aloud; `None` if something is wrong with it.
#[expect(clippy::option_option, reason = "the outer one is the reader's word for what is wrong")]
pub(super) fn voice(sign: &Table<'_>, speech: Option<&Speech>) -> Option<Option<Speaker>> {
    let Some(value) = sign.optional("voice", "{ volume = 5 }") else { return Some(None) };
    let table = value.table()?;
    let figure = |key, example, usual: u8, range: std::ops::RangeInclusive<i64>, what: &str| match table
        .optional(key, example)
    {
        Some(value) => value.small(&range, what),
        None => Some(usual),
    };
    let person = figure("person", "0", 0, 0..=5, "a speaker");
    let volume = figure("volume", "5", 5, 1..=10, "a volume");
    let speed = figure("speed", "5", 5, 0..=10, "a speed");
    let times = figure("times", "1", 1, 1..=16, "times");
    table.finish();
    if speech.is_some_and(|speech| speech.protocol() != Protocol::OnbonBx5k) {
        let problem =
            words!("只有 {card} 卡能发声", "only {card} cards have a voice", card = Protocol::OnbonBx5k);
        value.wrong(problem, words!("请删去此项", "remove this key"));
        return None;
    }
    let repeats = times?.saturating_sub(1);
    Some(Some(Speaker { person: person?, repeats, volume: volume?, speed: speed? }))
}

/// The sign as it looks and sounds.
pub(super) fn with_look(model: Model, look: &Look, speaker: Option<Speaker>) -> Model {
    match model {
        Model::OnbonBx5k(setup) => Model::OnbonBx5k(bx5k::Setup {
            brightness: look.half_hours().map(|levels| levels.map(bx5k::step)),
            switched: look.lit.is_some(),
            speaker,
            ..setup
        }),
        other => other,
    }
}
