//! The power goes at any moment: what was acknowledged is there, and the signs say what is so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::support::controller::Controller;
use crate::support::emulator::{Emulator, called};
use crate::support::hall::{TestHall, window_sign};
use crate::support::load::Told;

const KILLS: u64 = 200;

/// Kiosks that hurry in the last moment before each kill, so that replies are always under way while
/// the disk is at work: whoever replies too early is caught at it.
const RUSH_KIOSKS: usize = 6;

/// That moment.
const RUSH: Duration = Duration::from_millis(8);

/// Of the instants of the kills.
const SEED: u64 = 11;

#[test]
fn two_hundred_power_cuts_under_mixed_load_lose_and_double_nothing() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let signs = Emulator::start(&line, &[1]);
    let sign = window_sign(1, 1);
    let hall = TestHall::new(1, &[(&line, &sign)]);
    hall.add_rush_kiosks(RUSH_KIOSKS);
    let first = hall.start();
    let (told, over, hurry) = (Told::default(), AtomicBool::new(false), AtomicBool::new(false));
    let controller = std::thread::scope(|scope| {
        let (told, over, hurry, hall) = (&told, &over, &hurry, &hall);
        let kiosk = move |kiosk: String, service: &'static str| {
            let client = hall.quiet_client(&kiosk, &format!("kiosk/{kiosk}"));
            told.take_tickets(&client, (&kiosk, service), hurry, over);
        };
        scope.spawn(move || kiosk("K1".to_owned(), "social"));
        for number in 1..=RUSH_KIOSKS {
            scope.spawn(move || kiosk(format!("R{number}"), "rush"));
        }
        scope.spawn(|| told.work_a_window(&hall.quiet_client("pad", "window/1"), over));
        let mut random = fastrand::Rng::with_seed(SEED);
        let mut controller = first;
        for _ in 0..KILLS {
            std::thread::sleep(Duration::from_millis(random.u64(10..140)));
            hurry.store(true, Ordering::Relaxed);
            std::thread::sleep(RUSH);
            controller.kill();
            hurry.store(false, Ordering::Relaxed);
            controller = Controller::start(&hall.config());
        }
        over.store(true, Ordering::Relaxed);
        controller
    });
    let view: Value = serde_json::from_str(&hall.get("/api/view")).unwrap();
    // The sign says what the journal says.
    let in_hand = view["windows"][0]["ticket"]["number"].as_str().map(str::to_owned);
    if let Some(number) = in_hand.filter(|_| view["windows"][0]["ticket"]["state"] == "called") {
        signs.await_page(1, &called("1", &number));
    }
    let (status, _) = controller.stop();
    assert!(status.success());
    assert_eq!(told.refused(), 0, "the disk was never in trouble");
    told.assert_is_the_journal(&hall.data(), &format!("seed {SEED}"));
}
