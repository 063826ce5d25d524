//! Packets from the broker (MQTT 5.0, OASIS 2019, chapters 2 and 3).

/// What a broker says, as far as a device needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// It takes the device (0), or says why not.
    Connected(u8),
    /// It sends what was subscribed; the worst of its answers, from 0x80 on a refusal.
    Subscribed(u8),
    /// It has taken a publication.
    Taken(u16),
    /// A publication; to be acknowledged if it has a number.
    Message { topic: &'a str, number: Option<u16>, payload: &'a [u8] },
    /// It is there.
    Pong,
    /// It ends the connection, and says why.
    Goodbye(u8),
}

/// What is not as the standard says, or not as the device has asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// How long the packet is that these bytes begin, with its head; `None` before enough of them have come.
pub(super) fn length(bytes: &[u8]) -> Result<Option<usize>, Broken> {
    let Some((_, rest)) = bytes.split_first() else { return Ok(None) };
    Ok(number(rest)?.map(|(length, bytes)| 1 + bytes + length))
}

/// A number of one to four bytes, and how many these are.
fn number(bytes: &[u8]) -> Result<Option<(usize, usize)>, Broken> {
    let mut number = 0;
    for (at, byte) in bytes.iter().take(4).enumerate() {
        number |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok(Some((number, at + 1)));
        }
    }
    if bytes.len() < 4 { Ok(None) } else { Err(Broken) }
}

/// What one whole packet says.
pub(super) fn packet(bytes: &[u8]) -> Result<Said<'_>, Broken> {
    let (head, rest) = bytes.split_first().ok_or(Broken)?;
    let (length, length_bytes) = number(rest)?.ok_or(Broken)?;
    let mut body = Body(rest.get(length_bytes..length_bytes + length).ok_or(Broken)?);
    match head >> 4 {
        2 => {
            body.byte()?;
            body.byte().map(Said::Connected)
        }
        3 => {
            let topic = body.counted()?;
            let topic = core::str::from_utf8(topic).map_err(|_| Broken)?;
            let number = match head >> 1 & 0b11 {
                0 => None,
                1 => Some(body.short()?),
                // Never subscribed.
                _ => return Err(Broken),
            };
            body.properties()?;
            Ok(Said::Message { topic, number, payload: body.0 })
        }
        4 => body.short().map(Said::Taken),
        9 => {
            body.short()?;
            body.properties()?;
            body.0.iter().copied().max().map(Said::Subscribed).ok_or(Broken)
        }
        13 => Ok(Said::Pong),
        // A goodbye without a word is a normal one.
        14 => Ok(Said::Goodbye(body.byte().unwrap_or(0))),
        _ => Err(Broken),
    }
}

/// What is still to be read of a packet.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], Broken> {
        let (taken, rest) = self.0.split_at_checked(bytes).ok_or(Broken)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Broken> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn short(&mut self) -> Result<u16, Broken> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn counted(&mut self) -> Result<&'a [u8], Broken> {
        let bytes = self.short()?;
        self.take(bytes.into())
    }

    /// Nothing in them changes what a device does.
    fn properties(&mut self) -> Result<(), Broken> {
        let (length, bytes) = number(self.0)?.ok_or(Broken)?;
        self.take(bytes + length)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_one_to_four_bytes() {
        // The limits are those of the standard's table 1-1.
        for (coded, length) in [
            (&[0x00][..], 0),
            (&[0x7F], 127),
            (&[0x80, 0x01], 128),
            (&[0xFF, 0x7F], 16_383),
            (&[0x80, 0x80, 0x01], 16_384),
            (&[0xFF, 0xFF, 0xFF, 0x7F], 268_435_455),
        ] {
            assert_eq!(number(coded), Ok(Some((length, coded.len()))));
            assert_eq!(number(&coded[..coded.len() - 1]), Ok(None), "{coded:02x?}");
        }
        assert_eq!(number(&[0x80, 0x80, 0x80, 0x80]), Err(Broken));
    }

    #[test]
    fn a_packet_that_is_cut_short_says_nothing() {
        let whole = *b"\x32\x0a\x00\x03a/b\x00\x07\x00{}\x40\x02";
        let message = Said::Message { topic: "a/b", number: Some(7), payload: b"{}" };
        assert_eq!(length(&whole), Ok(Some(12)));
        assert_eq!(packet(&whole[..12]), Ok(message));
        for cut in 0..12 {
            assert_eq!(packet(&whole[..cut]), Err(Broken), "{cut} bytes");
        }
        for broken in [
            &b"\x32\x02\x00\x09"[..],
            b"\x34\x07\x00\x01a\x00\x01\x00!",
            b"\x32\x04\x00\x01\xff\x00",
            b"\x90\x03\x00\x01\x00",
        ] {
            assert_eq!(packet(broken), Err(Broken), "{broken:02x?}");
        }
    }
}
