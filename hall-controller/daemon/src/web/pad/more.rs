//! The pad's menu of rarer actions: another ticket than the one in hand, and another place for it.
//!
//! Plain form fields and buttons, so that the keyboard reaches all of it; `pad.js` sends with each
//! button what its `data-sends` names.

use hall_core::plan::Plan;
use hall_core::refusal::Language;
use hall_core::view::WindowView;
use hall_protocol::payload::{Class, Key, ServiceOutcome};
use maud::{Markup, html};

use super::face;
use crate::web::text::{
    self, GRADE_ACCEPTABLE, GRADE_DISSATISFIED, GRADE_SATISFIED, GRADE_VERY_DISSATISFIED,
    GRADE_VERY_SATISFIED, MORE, MORE_ANY, MORE_CHOOSE, MORE_CLAIMED, MORE_CLASS, MORE_CLERK, MORE_GRADE,
    MORE_NUMBER, MORE_OUTCOME, MORE_PARKED, MORE_REASON, MORE_TO_SERVICE, MORE_TO_WINDOW, Phrase,
    REASON_COPY, REASON_FRAIL, REASON_GONE, REASON_WRONG, WINDOW, class_word, named, outcome_word,
};

/// What a reason takes on the wire, in Chinese characters.
const REASON_CHARS_MAX: usize = 16;

/// The menu, closed.
pub(super) fn menu(window: &WindowView, plan: &Plan, language: Language) -> Markup {
    html! {
        details.more {
            summary { (MORE.in_language(language)) }
            p.parked hidden[window.parked.is_empty()] {
                span { (MORE_PARKED.in_language(language)) }
                @for number in &window.parked {
                    button type="button" data-number=(number) { (number) }
                }
            }
            label {
                span { (MORE_NUMBER.in_language(language)) }
                input name="number" autocomplete="off" autocapitalize="characters" maxlength="6";
            }
            label {
                span { (MORE_REASON.in_language(language)) }
                input name="reason" list="reasons" autocomplete="off" maxlength=(REASON_CHARS_MAX);
            }
            // The journal keeps it as written, and is read in Chinese.
            datalist id="reasons" {
                @for reason in [REASON_FRAIL, REASON_COPY, REASON_WRONG, REASON_GONE] {
                    option value=(reason.zh) { (reason.in_language(language)) }
                }
            }
            p.row {
                (button(Key::Pick, "number reason", language))
                (button(Key::Return, "number", language))
                (button(Key::Unpark, "number", language))
                (button(Key::Cancel, "number reason", language))
            }
            label {
                span { (MORE_TO_SERVICE.in_language(language)) }
                select name="to_service" {
                    option value="" { (MORE_ANY.in_language(language)) }
                    @for service in plan.services() {
                        option value=(service.id) { (named(&service.name, language)) }
                    }
                }
            }
            label {
                span { (MORE_TO_WINDOW.in_language(language)) }
                select name="to_window" {
                    option value="" { (MORE_ANY.in_language(language)) }
                    @for other in plan.windows().iter().filter(|other| other.id != window.id) {
                        option value=(other.id) { (WINDOW.fill(language, &[("label", &other.label)])) }
                    }
                }
            }
            p.row {
                (button(Key::Transfer, "to_service to_window reason", language))
                (button(Key::Correct, "number to_service", language))
                (button(Key::AddMatter, "to_service", language))
                (button(Key::WalkIn, "to_service", language))
                (button(Key::Park, "reason", language))
                (button(Key::Disarm, "", language))
            }
            // Sent with what ends the service: FINISH, and NEXT.
            label {
                span { (MORE_OUTCOME.in_language(language)) }
                select name="outcome" {
                    @for outcome in ServiceOutcome::ALL {
                        // The usual one needs no word.
                        option value=(if outcome.is_usual() { "" } else { outcome_word(outcome) }) {
                            (text::outcome(outcome).in_language(language))
                        }
                    }
                }
            }
            label {
                span { (MORE_GRADE.in_language(language)) }
                select name="grade" {
                    option value="" { (MORE_CHOOSE.in_language(language)) }
                    @for (word, grade) in GRADES {
                        option value=(word) { (grade.in_language(language)) }
                    }
                }
            }
            label {
                span { (MORE_CLASS.in_language(language)) }
                select name="class" {
                    option value="" { (MORE_CLAIMED.in_language(language)) }
                    @for class in Class::ALL.into_iter().filter(|class| *class != Class::Appointment) {
                        option value=(class_word(class)) { (text::class(class).in_language(language)) }
                    }
                }
            }
            p.row {
                (button(Key::Evaluate, "grade", language))
                (button(Key::ConfirmClass, "number class", language))
            }
            label {
                span { (MORE_CLERK.in_language(language)) }
                input name="clerk_id" autocomplete="off" maxlength="16";
            }
            p.row {
                (button(Key::SignOn, "clerk_id", language))
                (button(Key::SignOff, "", language))
            }
        }
    }
}

/// The grades of an evaluation, by their words on the wire.
const GRADES: [(&str, Phrase); 5] = [
    ("very_satisfied", GRADE_VERY_SATISFIED),
    ("satisfied", GRADE_SATISFIED),
    ("acceptable", GRADE_ACCEPTABLE),
    ("dissatisfied", GRADE_DISSATISFIED),
    ("very_dissatisfied", GRADE_VERY_DISSATISFIED),
];

fn button(key: Key, sends: &str, language: Language) -> Markup {
    let (name, _, phrase, carries_ticket) = face(key);
    html! {
        button type="button" data-key=(name) data-sends=(sends) data-carries-ticket[carries_ticket] {
            span { (phrase.in_language(language)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use hall_protocol::payload::Grade;

    use super::*;

    #[test]
    fn grades_have_the_names_of_the_wire() {
        let words = GRADES.map(|(word, _)| serde_json::from_value::<Grade>(word.into()).unwrap());
        assert_eq!(words, Grade::ALL);
    }
}
