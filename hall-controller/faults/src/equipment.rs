//! A kiosk or a pad: a model of the daemon's virtual devices, or the firmware's own code.

use hall_core::event::Device as Name;
use hall_core::view::HallView;
use hall_protocol::number::TicketNumber;

use crate::device::{Device, Wish};
use crate::firmware::kiosk::FirmwareKiosk;
use crate::firmware::pad::FirmwarePad;
use crate::invariants::Checked;
use crate::network::{Network, Packet};
use crate::plans::Names;
use crate::random::mix;
use crate::schedule::{Due, Sim};

/// Flash that is worn out can be written no more than this often: it goes on with old numbers.
const FEW_WRITES: u32 = 1;

/// One of a hall's devices.
pub(crate) enum Equipment {
    Modelled(Box<Device>),
    Pad(Box<FirmwarePad>),
    Kiosk(Box<FirmwareKiosk>),
}

impl Equipment {
    /// The device at place `at`. Half of the pads and of the kiosks run the firmware's code; a stubborn pad does
    /// not.
    pub(crate) fn new(
        sim: &mut Sim,
        names: &Names,
        seed: u64,
        at: usize,
        client: usize,
        name: Name,
        stubborn: bool,
    ) -> Self {
        let chance = mix(seed, 0x9AD, u64::try_from(client).unwrap_or(0));
        let writes = if (chance / 2).is_multiple_of(4) { FEW_WRITES } else { u32::MAX };
        match name {
            Name::Kiosk(kiosk) if chance.is_multiple_of(2) => {
                Self::Kiosk(Box::new(FirmwareKiosk::new(sim, at, client, names.hall, kiosk, writes)))
            }
            Name::Pad(window) if !stubborn && chance.is_multiple_of(2) => {
                Self::Pad(Box::new(FirmwarePad::new(sim, at, client, names.hall, window, writes)))
            }
            _ => Self::Modelled(Box::new(Device::new(sim, at, client, name, stubborn))),
        }
    }

    /// Somebody presses; `number` is of this press of this person among all.
    pub(crate) fn press(&mut self, sim: &mut Sim, network: &mut Network, number: u32, wish: Wish) {
        match (self, wish) {
            (Self::Modelled(device), wish) => device.press(sim, network, number, wish),
            (Self::Pad(pad), Wish::Key { key, .. }) => pad.press(sim, network, number, key),
            (Self::Kiosk(kiosk), Wish::Take { service, .. }) => kiosk.press(sim, network, number, service),
            (Self::Pad(_) | Self::Kiosk(_), _) => {}
        }
    }

    /// Whether citizens can do no more than press the button of a service.
    pub(crate) fn has_only_buttons(&self) -> bool {
        matches!(self, Self::Kiosk(_))
    }

    /// Its own time has come.
    pub(crate) fn happen(&mut self, sim: &mut Sim, network: &mut Network, due: &Due) {
        match (self, due) {
            (Self::Modelled(device), Due::Repeat { asking, .. }) => device.repeat(sim, network, *asking),
            (Self::Modelled(device), Due::GiveUp { asking, .. }) => device.give_up(sim, network, *asking),
            (Self::Modelled(device), Due::Tend { .. }) => device.tend(sim, network),
            (Self::Pad(pad), Due::Look { lets_go, .. }) => pad.looks(sim, network, *lets_go),
            (Self::Pad(pad), Due::LookAgain { .. }) => pad.looks_again(sim, network),
            (Self::Kiosk(kiosk), Due::Look { lets_go, .. }) => kiosk.looks(sim, network, *lets_go),
            (Self::Kiosk(kiosk), Due::LookAgain { .. }) => kiosk.looks_again(sim, network),
            _ => {}
        }
    }

    pub(crate) fn take(&mut self, sim: &mut Sim, network: &mut Network, epoch: u32, packet: Packet) {
        match self {
            Self::Modelled(device) => device.take(sim, network, epoch, packet),
            Self::Pad(pad) => pad.take(sim, network, epoch, packet),
            Self::Kiosk(kiosk) => kiosk.take(sim, network, epoch, packet),
        }
    }

    /// Its connection to the broker is no more.
    pub(crate) fn lost(&mut self, sim: &Sim) {
        match self {
            Self::Modelled(device) => device.link.lost(),
            Self::Pad(pad) => pad.lost(sim),
            Self::Kiosk(kiosk) => kiosk.lost(sim),
        }
    }

    /// It is switched off and on.
    pub(crate) fn reboot(&mut self, sim: &mut Sim, keeps_sequence: bool, keeps_store: bool) {
        match self {
            Self::Modelled(device) => device.reboot(sim, keeps_sequence, keeps_store),
            Self::Pad(pad) => pad.reboot(sim, keeps_sequence),
            Self::Kiosk(kiosk) => kiosk.reboot(sim, keeps_sequence, keeps_store),
        }
    }

    /// The number a person may name: the one the pad shows. The firmware names it by itself.
    pub(crate) fn number(&self) -> Option<TicketNumber> {
        match self {
            Self::Modelled(device) => device.number(),
            Self::Pad(_) | Self::Kiosk(_) => None,
        }
    }

    pub(crate) fn settled(&self, sim: &Sim, view: &HallView) -> Checked {
        match self {
            Self::Modelled(device) => device.settled(sim, view),
            Self::Pad(pad) => pad.settled(sim, view),
            Self::Kiosk(kiosk) => kiosk.settled(sim, view),
        }
    }
}
