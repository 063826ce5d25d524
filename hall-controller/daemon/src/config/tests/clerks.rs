//! The tables `[[clerk]]`, and the classes a kiosk may grant.

use hall_core::plan::Clerk;
use hall_protocol::payload::Class;

use super::{GOOD, parse};

const CLERKS: &str = r#"
[[clerk]]
id = "1042"
name = "王芳"
name_en = "Wang Fang"
services = ["tax"]
backup = "1043"

[[clerk]]
id = "1043"
name = "李明"
name_en = "Li Ming"
"#;

fn clerks(edit: impl FnOnce(String) -> String) -> Result<Vec<Clerk>, String> {
    let text = edit(format!("{GOOD}{CLERKS}"));
    parse(&text).map(|config| config.plan.clerks().to_vec()).map_err(|errors| errors.to_string())
}

#[test]
fn clerks_have_skills_and_a_backup_or_neither() {
    let clerks = clerks(|text| text).unwrap();
    let [first, second] = &clerks[..] else { panic!("{clerks:?}") };
    assert_eq!((first.id, first.backup), ("1042".parse().unwrap(), "1043".parse().ok()));
    assert_eq!(first.services, ["tax".parse().unwrap()]);
    assert_eq!((first.name.zh.as_str(), first.name.en.as_str()), ("王芳", "Wang Fang"));
    assert_eq!((&second.services[..], second.backup), (&[][..], None));
}

#[test]
fn a_wrong_clerk_is_told_with_its_key_and_what_to_do() {
    for (from, to, key, cause) in [
        ("\"1043\"\n\n", "\"1044\"\n\n", "backup", "there is no clerk \"1044\""),
        ("\"1043\"\n\n", "\"1042\"\n\n", "backup", "nobody stands in for themselves"),
        ("id = \"1043\"", "id = \"1042\"", "id", "is called \"1042\" already"),
        (
            "services = [\"tax\"]\nbackup",
            "services = [\"fishing\"]\nbackup",
            "services",
            "there is no service",
        ),
        ("name = \"李明\"\n", "", "name", "missing"),
        ("name = \"李明\"", "name = \"李明\"\nskill = 1", "skill", "unknown"),
    ] {
        let told = clerks(|text| text.replace(from, to)).unwrap_err();
        assert!(told.contains(key) && told.contains(cause), "{from}: {told}");
    }
}

#[test]
fn a_kiosk_says_which_classes_need_the_staff() {
    let text = GOOD.replace(
        "[[kiosk]]\nid = \"K1\"",
        "[[kiosk]]\nid = \"K1\"\nclasses = [\"ordinary\", \"elderly\"]\nclasses_to_confirm = [\"disabled\"]",
    );
    let config = parse(&text).unwrap();
    let kiosk = &config.plan.kiosks()[0];
    assert_eq!(kiosk.classes, [Class::Ordinary, Class::Elderly]);
    assert_eq!(kiosk.classes_to_confirm, [Class::Disabled]);
    assert!(config.plan.kiosks()[1].classes_to_confirm.is_empty());
    let wrong = parse(&text.replace("[\"disabled\"]", "[\"rich\"]"));
    assert!(wrong.is_err());
}
