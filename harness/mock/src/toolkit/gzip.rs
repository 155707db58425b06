//! Writes gzip (RFC 1952). The blocks are stored without compression (RFC 1951, 3.2.4): it only matters that a
//! client that does not support gzip cannot read them.

/// The content as a gzip file.
pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = content.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        packed.push(u8::from(blocks.peek().is_none()));
        // No chunk is longer.
        let length = u16::try_from(block.len()).unwrap_or_default();
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(block);
    }
    packed.extend(crc32(content).to_le_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "the length modulo 2³²")]
    packed.extend((content.len() as u32).to_le_bytes());
    packed
}

fn crc32(content: &[u8]) -> u32 {
    let crc = content.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    });
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_gzip() {
        // The published check value of CRC-32, and the bytes that the program `gzip` expects.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let packed = gzip(b"123456789");
        assert_eq!(packed[..3], [0x1f, 0x8b, 8]);
        assert_eq!(packed[10..15], [1, 9, 0, 0xf6, 0xff]);
        assert_eq!(packed[15..24], *b"123456789");
        assert_eq!(packed[24..], [0x26, 0x39, 0xf4, 0xcb, 9, 0, 0, 0]);
        let long = gzip(&vec![b'a'; 70_000]);
        assert_eq!((long[10], long[10 + 5 + 65_535], long.len()), (0, 1, 10 + 5 + 65_535 + 5 + 4465 + 8));
    }
}
