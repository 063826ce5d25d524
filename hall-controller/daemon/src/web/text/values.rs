//! What values of the protocol are called: for people, and on the wire.

use hall_core::class_words::{ClassWords, class_words};
use hall_protocol::payload::{Class, Grade, ServiceOutcome};

use super::{
    GRADE_ACCEPTABLE, GRADE_DISSATISFIED, GRADE_SATISFIED, GRADE_VERY_DISSATISFIED, GRADE_VERY_SATISFIED,
    OUTCOME_BACK_OFFICE, OUTCOME_FINISHED, OUTCOME_HOME_SERVICE, OUTCOME_MISSING_PAPERS, OUTCOME_PROXY,
    OUTCOME_REFERRED, Phrase,
};

/// A class for people.
pub(crate) const fn class(class: Class) -> Phrase {
    let ClassWords { zh, en, .. } = class_words(class);
    Phrase { zh, en }
}

/// What came of a service, for people.
pub(crate) const fn outcome(outcome: ServiceOutcome) -> Phrase {
    match outcome {
        ServiceOutcome::Finished => OUTCOME_FINISHED,
        ServiceOutcome::MissingPapers => OUTCOME_MISSING_PAPERS,
        ServiceOutcome::BackOffice => OUTCOME_BACK_OFFICE,
        ServiceOutcome::Referred => OUTCOME_REFERRED,
        ServiceOutcome::HomeService => OUTCOME_HOME_SERVICE,
        ServiceOutcome::Proxy => OUTCOME_PROXY,
    }
}

/// An outcome as the wire has it.
pub(in crate::web) const fn outcome_word(outcome: ServiceOutcome) -> &'static str {
    match outcome {
        ServiceOutcome::Finished => "finished",
        ServiceOutcome::MissingPapers => "missing_papers",
        ServiceOutcome::BackOffice => "back_office",
        ServiceOutcome::Referred => "referred",
        ServiceOutcome::HomeService => "home_service",
        ServiceOutcome::Proxy => "proxy",
    }
}

/// A grade for people.
pub(crate) const fn grade(grade: Grade) -> Phrase {
    match grade {
        Grade::VerySatisfied => GRADE_VERY_SATISFIED,
        Grade::Satisfied => GRADE_SATISFIED,
        Grade::Acceptable => GRADE_ACCEPTABLE,
        Grade::Dissatisfied => GRADE_DISSATISFIED,
        Grade::VeryDissatisfied => GRADE_VERY_DISSATISFIED,
    }
}

/// A class as the wire has it.
pub(crate) const fn class_word(class: Class) -> &'static str {
    match class {
        Class::Ordinary => "ordinary",
        Class::Appointment => "appointment",
        Class::Elderly => "elderly",
        Class::Disabled => "disabled",
        Class::Pregnant => "pregnant",
        Class::Serviceman => "serviceman",
        Class::Returning => "returning",
    }
}
