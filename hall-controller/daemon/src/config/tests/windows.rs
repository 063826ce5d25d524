//! What windows serve first, and what as a backup.

use hall_core::plan::Window;

use super::{GOOD, parse};

fn windows(backup: &str) -> Result<Vec<Window>, String> {
    let window = "[[window]]\nid = \"2\"\n";
    let text = GOOD.replace(window, &format!("{window}{backup}\n"));
    assert_ne!(text, GOOD, "the edit is made");
    parse(&text).map(|config| config.plan.windows().to_vec()).map_err(|errors| errors.to_string())
}

#[test]
fn a_window_has_backup_services_or_none() {
    let listed = windows("backup = [\"social\"]").unwrap();
    assert_eq!((listed[0].backup.len(), &listed[1].backup[..]), (0, &["social".parse().unwrap()][..]));
    assert!(listed[1].has("social".parse().unwrap()) && listed[1].has("tax".parse().unwrap()));
    assert_eq!(windows("backup = []").unwrap()[1].backup, []);
}

#[test]
fn a_service_that_is_served_only_as_a_backup_has_a_window() {
    let text = GOOD
        .replace("services = [\"social\", \"tax\"]", "services = [\"tax\"]")
        .replace("[[window]]\nid = \"2\"\n", "[[window]]\nid = \"2\"\nbackup = [\"social\"]\n");
    parse(&text).unwrap();
}

#[test]
fn a_wrong_backup_list_is_told_with_its_place_and_what_to_do() {
    for (backup, place, cause) in [
        ("backup = [\"tax\"]", "window \"2\".backup[1]", "\"tax\" is in services already, which come first"),
        ("backup = [\"social\", \"social\"]", "window \"2\".backup[2]", "\"social\" is in the list twice"),
        ("backup = [\"fishing\"]", "window \"2\".backup[1]", "there is no service \"fishing\""),
        ("backup = \"social\"", "window \"2\".backup", "a list in brackets is wanted"),
    ] {
        let told = windows(backup).unwrap_err();
        assert!(told.contains(place) && told.contains(cause), "{backup}: {told}");
    }
}
