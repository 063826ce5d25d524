//! What is said of leases that leave the hall few numbers of a service.

use super::*;

#[test]
fn check_warns_of_a_service_whose_numbers_the_kiosks_keep() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hall.toml");
    let (one, other) = ("id = \"K1\"\n", "id = \"K2\"\nservices = [\"tax\"]\n");
    let kiosks = |lease: u16| {
        let more = |kiosk: &str| format!("{kiosk}lease = {lease}\n");
        let third = format!("\n[[kiosk]]\nid = \"K3\"\nservices = [\"social\"]\nlease = {lease}\n");
        GOOD.replace(one, &more(one)).replace(other, &(more(other) + &third))
    };
    let line = |text: &str| 1 + text[..text.find("[[service]]").unwrap()].lines().count();
    let warnings = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let said = check(&path, Timestamp::UNIX_EPOCH).unwrap();
        said.lines().filter(|line| line.starts_with("warning: ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let quota = |text: &str, quota: u16| {
        text.replace("target_minutes = 20", &format!("target_minutes = 20\ndaily_quota = {quota}"))
    };
    assert_eq!(warnings(&kiosks(200)), [""; 0], "599 of 999 are left to the hall");
    let tight = quota(&kiosks(200), 600);
    assert_eq!(
        warnings(&tight),
        [format!(
            "warning: {}:{}: service \"social\": 2 kiosks lease 400 of its 999 numbers a day, which leaves 599 for \
             the hall, and its daily_quota is 600; let the lease of these kiosks come to at most 399, or write \
             digits = 4",
            path.display(),
            line(&tight)
        )]
    );
    assert_eq!(warnings(&quota(&kiosks(200), 599)), [""; 0]);
    let third = "id = \"K3\"\nservices = [\"social\"]\n";
    let many = kiosks(200).replace(third, &format!("{third}lease = 200\n\n[[kiosk]]\nid = \"K4\"\n"));
    let said = warnings(&many);
    assert!(
        said.len() == 1
            && said[0].contains(
                "3 kiosks lease 600 of its 999 numbers a day, which leaves 399 for the hall, fewer"
            ),
        "{said:?}"
    );
}
