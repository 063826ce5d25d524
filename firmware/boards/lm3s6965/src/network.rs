//! The network: Ethernet, an address by DHCP, and one TCP connection, which is the device's to the broker.

use core::net::SocketAddrV4;

use hall_device::mqtt::{Client, Device};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::{dhcpv4, tcp};
use smoltcp::time::Instant;
use smoltcp::wire::{IpCidr, Ipv4Address, Ipv4Cidr};

use crate::ethernet::Ethernet;

/// From here on ports are for who calls (RFC 6335).
const FIRST_OWN_PORT: u16 = 49_152;

/// What the broker may send before it must wait for us.
const RECEIVE_BYTES: usize = 2_048;

/// A press of 1 KiB with its topics.
const SEND_BYTES: usize = 1_536;

/// DHCP and TCP.
const SOCKETS: usize = 2;

/// The memory the network's sockets work in.
#[derive(Debug)]
pub struct Buffers {
    receive: [u8; RECEIVE_BYTES],
    send: [u8; SEND_BYTES],
}

impl Buffers {
    /// Nothing received, nothing to be sent.
    pub const fn new() -> Self {
        Self { receive: [0; RECEIVE_BYTES], send: [0; SEND_BYTES] }
    }
}

impl Default for Buffers {
    fn default() -> Self {
        Self::new()
    }
}

/// The places of the sockets.
pub type Places<'a> = [SocketStorage<'a>; SOCKETS];

/// No socket yet.
pub const NO_SOCKETS: Places<'static> = [SocketStorage::EMPTY; SOCKETS];

/// The board's network.
pub struct Network<'a> {
    ethernet: Ethernet,
    interface: Interface,
    sockets: SocketSet<'a>,
    dhcp: SocketHandle,
    tcp: SocketHandle,
    broker: SocketAddrV4,
    port: u16,
}

impl<'a> Network<'a> {
    /// Begin to use it. After a restart `chance` should be another, so that the broker's end does not take a
    /// new connection for an old one.
    pub fn start(
        broker: SocketAddrV4,
        places: &'a mut Places<'a>,
        buffers: &'a mut Buffers,
        chance: u32,
    ) -> Self {
        let (mut ethernet, address) = Ethernet::start(chance);
        let mut config = Config::new(address.into());
        config.random_seed = chance.into();
        let interface = Interface::new(config, &mut ethernet, Instant::ZERO);
        let mut sockets = SocketSet::new(&mut places[..]);
        let dhcp = sockets.add(dhcpv4::Socket::new());
        let (receive, send) = (&mut buffers.receive[..], &mut buffers.send[..]);
        let mut tcp = tcp::Socket::new(tcp::SocketBuffer::new(receive), tcp::SocketBuffer::new(send));
        // A press is short, and a clerk waits for it.
        tcp.set_nagle_enabled(false);
        let tcp = sockets.add(tcp);
        let [c0, c1, ..] = chance.to_le_bytes();
        Self { ethernet, interface, sockets, dhcp, tcp, broker, port: u16::from_le_bytes([c0, c1]) }
    }

    /// Move bytes between the broker and the device, and open and close the connection as the device's link
    /// wants it.
    pub fn run<const IN: usize, const OUT: usize>(
        &mut self,
        client: &mut Client<'_, IN, OUT>,
        device: &mut impl Device,
        now_ms: u64,
    ) {
        let now = Instant::from_millis(i64::try_from(now_ms).unwrap_or(i64::MAX));
        self.interface.poll(now, &mut self.ethernet, &mut self.sockets);
        self.follow_dhcp();
        let socket = self.sockets.get_mut::<tcp::Socket<'_>>(self.tcp);
        if socket.may_send() && socket.may_recv() {
            client.connected(device, now_ms);
        }
        if !socket.is_open() {
            client.closed(device, now_ms);
        }
        if client.wants_connection(now_ms) {
            self.port = self.port.wrapping_add(1);
            // Without an address yet there is no connection, which the next round tells the link.
            let _ = socket.connect(self.interface.context(), self.broker, self.port | FIRST_OWN_PORT);
        }
        let mut wanted = Ok(());
        while wanted.is_ok() && socket.can_recv() {
            let receive = |bytes: &mut [u8]| (bytes.len(), client.receive(bytes, device, now_ms));
            wanted = socket.recv(receive).unwrap_or(Ok(()));
        }
        let wanted = wanted.and_then(|()| client.pass_time(device, now_ms));
        if socket.can_send() {
            let sent = socket.send_slice(client.outgoing()).unwrap_or(0);
            client.sent(sent);
        }
        if wanted.is_err() || socket.state() == tcp::State::CloseWait {
            socket.abort();
            client.closed(device, now_ms);
        }
        self.interface.poll(now, &mut self.ethernet, &mut self.sockets);
    }

    /// Take the address that was given, or let go of one that is over.
    fn follow_dhcp(&mut self) {
        let Some(event) = self.sockets.get_mut::<dhcpv4::Socket<'_>>(self.dhcp).poll() else { return };
        let (address, router): (Option<Ipv4Cidr>, Option<Ipv4Address>) = match event {
            dhcpv4::Event::Configured(given) => (Some(given.address), given.router),
            dhcpv4::Event::Deconfigured => (None, None),
        };
        self.interface.update_ip_addrs(|addresses| {
            addresses.clear();
            // One address, and there is room for two.
            addresses.extend(address.map(IpCidr::Ipv4));
        });
        let table = self.interface.routes_mut();
        table.remove_default_ipv4_route();
        if let Some(router) = router {
            // The table holds two routes, and this is the only one.
            let _ = table.add_default_ipv4_route(router);
        }
    }
}
