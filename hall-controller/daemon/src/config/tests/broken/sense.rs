//! Mistakes in what is right by itself and makes no sense together.

use super::Mistake;

pub(super) const TOGETHER: &[Mistake] = mistakes! {
    "digits = 4" => "digits = 4\ndaily_quota = 100\nmorning_quota = 101", at "morning_quota",
        "service \"tax\".morning_quota": "more than daily_quota, 100"; "at most 100, or leave the key out"
    "digits = 4" => "digits = 4\nafternoon_quota = 200\ndaily_quota = 100", at "afternoon_quota",
        "service \"tax\".afternoon_quota": "more than daily_quota, 100"; "at most 100, or leave the key out"
    "target_minutes = 20" => "target_minutes = 20\ndaily_quota = 1000", at "daily_quota",
        "service \"social\".daily_quota": "its digits count 999 numbers a day"; "at most 999, or digits = 4"
    "target_minutes = 20" => "target_minutes = 20\nmorning_quota = 9999", at "morning_quota",
        "service \"social\".morning_quota": "so 9999 are never reached"; "at most 999, or digits = 4"
    "day_starts = \"04:00\"\ndouble_press_guard_ms = 1500\npress_age_max_ms = 9000\n" => "hours = { mon-fri = [\"09:00-17:00\"] }\n\n[[workday]]\ndate = \"2026-10-10\"\nlike = \"sun\"\n", at "like = ",
        "workday[1].like": "the hall is closed on that weekday"; "a weekday on which [hall] has hours"
    "id = \"K1\"" => "id = \"K1\"\nclasses = [\"ordinary\", \"disabled\"]\nclasses_to_confirm = [\"serviceman\", \"disabled\"]", at "classes_to_confirm",
        "kiosk \"K1\".classes_to_confirm[2]": "is in classes already"; "leave it out of one of the two"
    "id = \"K1\"" => "id = \"K1\"\nclasses_to_confirm = [\"ordinary\"]", at "classes_to_confirm",
        "kiosk \"K1\".classes_to_confirm[1]": "is in classes already"; "leave it out of one of the two"
    "id = \"K1\"" => "id = \"K1\"\nclasses_to_confirm = []", at "classes_to_confirm",
        "kiosk \"K1\".classes_to_confirm": "the list is empty"; "leave the key out"
    "id = \"K1\"" => "id = \"K1\"\nclasses = []", at "classes = ",
        "kiosk \"K1\".classes": "the list is empty"; "leave the key out"
};
