//! The kiosk: buttons pressed in the emulator take tickets of the real daemon, printed on a UART; without a
//! network or a daemon it prints its own numbers, which come into the queue later.

use std::thread::sleep;
use std::time::Duration;

use crate::board::{Board, LET_GO, Setup, Wire, eventually};
use crate::hall::{HALL, Hall};

const SOCIAL: &str = "up";
const TAX: &str = "down";

/// Which UART the printer is on.
const PRINTER: usize = 1;

/// The hall's kiosk K1, with its printer.
pub(crate) struct Kiosk {
    pub(crate) board: Board,
    printer: Wire,
    paper: Vec<u8>,
}

impl Kiosk {
    pub(crate) fn start(hall: &Hall) -> Self {
        let settings = format!(
            "hall={HALL}\nkiosk=K1\nbroker=10.0.2.2:{}\nutc_offset_minutes={}\n",
            hall.mqtt_port, hall.utc_offset_minutes
        );
        let mut board = Board::start(Setup { uarts: 2, network: Some(settings), ..Setup::of("kiosk") });
        let printer = board.open(PRINTER);
        Self { board, printer, paper: vec![] }
    }

    /// Wait until it has numbers of its own of both services.
    pub(crate) fn is_supplied(&self, hall: &Hall) {
        eventually("the kiosk has leased", || {
            (hall.journaled("numbers_leased", "kiosk").iter().filter(|kiosk| *kiosk == "K1").count() == 2)
                .then_some(())
        });
    }

    /// Press a button; gives the slip that is printed, as a printer with Chinese characters reads it.
    pub(crate) fn takes(&mut self, button: &str) -> String {
        self.board.press(button);
        let cut = b"\x1dV\x01";
        let end = eventually("a slip is printed", || {
            self.paper.extend(self.printer.received());
            self.paper.windows(cut.len()).position(|bytes| bytes == cut)
        });
        let slip: Vec<u8> = self.paper.drain(..end + cut.len()).collect();
        let (text, _, broken) = encoding_rs::GB18030.decode(&slip);
        assert!(!broken, "{slip:02x?}");
        text.into_owned()
    }
}

/// The large number of a slip.
pub(crate) fn number(slip: &str) -> &str {
    let rest = slip.split_once("\x1d!\x22").unwrap_or_else(|| panic!("no number on {slip:?}")).1;
    rest.split_once('\n').unwrap().0
}

fn is_own(slip: &str) -> bool {
    slip.contains("离线取号") && number(slip).get(1..).is_some_and(|value| value > "900")
}

#[test]
fn a_button_prints_a_ticket_and_without_the_hall_its_own_number_which_is_in_the_queue_later() {
    let mut hall = Hall::open("");
    let mut kiosk = Kiosk::start(&hall);
    kiosk.is_supplied(&hall);
    let slip = kiosk.takes(SOCIAL);
    assert_eq!(number(&slip), "A001");
    assert!(slip.contains("社会保险\nSocial insurance\n") && slip.contains("前面等候 0 人\n"), "{slip:?}");
    let mut printed = vec!["A001".to_owned()];

    // The network is unplugged: the first citizen may have to wait until that is noticed, the next not.
    kiosk.board.unplug();
    for button in [SOCIAL, TAX, SOCIAL] {
        let slip = kiosk.takes(button);
        assert!(is_own(&slip), "{slip:?}");
        printed.push(number(&slip).to_owned());
    }
    // It starts anew before it could tell anybody, and remembers.
    kiosk.board.reset();
    sleep(Duration::from_millis(500));
    kiosk.board.plug_in();
    is_issued(&hall, &printed);
    // Only this one: the other may have been let go after the reset, and would be pressed.
    kiosk.board.touch(TAX);
    sleep(LET_GO);
    let slip = kiosk.takes(TAX);
    assert_eq!(number(&slip), "B001");
    printed.push("B001".to_owned());

    // The daemon dies, and the kiosk loses its power.
    hall.kill();
    let slip = kiosk.takes(TAX);
    assert!(is_own(&slip), "{slip:?}");
    printed.push(number(&slip).to_owned());
    let used = kiosk.board.memory_used();
    kiosk.board.lose_power();
    hall.start();
    kiosk.board.power_up();
    is_issued(&hall, &printed);

    println!("lm3s6965 kiosk: {used} bytes of RAM with the stack at its highest");
    assert!(used < 56 * 1_024, "{used} bytes");
}

/// Exactly these numbers are in the journal.
fn is_issued(hall: &Hall, printed: &[String]) {
    let mut wanted = printed.to_vec();
    wanted.sort();
    eventually(&format!("{wanted:?} are in the queue"), || {
        let mut issued = hall.journaled("issued", "number");
        issued.sort();
        (issued == wanted).then_some(())
    });
}
