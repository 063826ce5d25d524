//! The bytes under the hashes, laid out by hand from the description in
//! `hall_journal::chain`: what an auditor with another tool would hash.

use hall_journal::{ChainHash, Entry, chain};

fn blake3(bytes: &[u8]) -> ChainHash {
    ChainHash::from_bytes(*blake3::hash(bytes).as_bytes())
}

#[test]
fn the_hashes_are_those_of_the_described_bytes() {
    let genesis = chain::genesis("county-hall");
    assert_eq!(genesis.seq, 0);
    let bytes = b"\x16\0\0\0\0\0\0\0hall-journal/1/genesis\x0b\0\0\0\0\0\0\0county-hall";
    assert_eq!(genesis.hash, blake3(bytes));

    let entry = Entry {
        at_ms: -2,
        kind: "Called".into(),
        cause: r#"{"window":7}"#.into(),
        body: r#"{"ticket":"A012","service":"社保"}"#.into(),
    };
    let record = chain::seal(&genesis, entry, &mut Vec::new());
    let mut bytes = b"\x15\0\0\0\0\0\0\0hall-journal/1/record".to_vec();
    bytes.extend_from_slice(genesis.hash.as_bytes());
    bytes.extend_from_slice(b"\x01\0\0\0\0\0\0\0");
    bytes.extend_from_slice(b"\xfe\xff\xff\xff\xff\xff\xff\xff");
    bytes.extend_from_slice(b"\x06\0\0\0\0\0\0\0Called");
    bytes.extend_from_slice(b"\x0c\0\0\0\0\0\0\0{\"window\":7}");
    bytes.extend_from_slice(
        b"\x24\0\0\0\0\0\0\0{\"ticket\":\"A012\",\"service\":\"\xe7\xa4\xbe\xe4\xbf\x9d\"}",
    );
    assert_eq!(record.seq, 1);
    assert_eq!(record.hash, blake3(&bytes));

    // For ever: every journal ever written hangs on these.
    assert_eq!(genesis.hash.to_string(), "8b36af1cce98d32ca9e0522f58f03fafa0b2b257be6ef5691721c1d558549fc3");
    assert_eq!(record.hash.to_string(), "4bfaa9e772aa25ace30818640840adec26ea890c92e28fc1eb7db39225d0345c");
}
