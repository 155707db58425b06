//! A body as it grows.

/// The size of a piece: allocators give blocks of it back.
const PIECE: usize = 64 << 10;

/// Bytes in pieces. A body that grows in one piece is copied again and again, and leaves behind blocks
/// of memory that are of no use to the next.
#[derive(Default)]
pub(crate) struct Pieces {
    pieces: Vec<Vec<u8>>,
    pub(crate) length: usize,
}

impl Pieces {
    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len();
        while !bytes.is_empty() {
            let last = match self.pieces.last_mut() {
                Some(last) if last.len() < PIECE => last,
                // Most bodies are small.
                None => self.pieces.push_mut(Vec::new()),
                Some(_) => self.pieces.push_mut(Vec::with_capacity(PIECE)),
            };
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - last.len()));
            last.extend_from_slice(now);
            bytes = later;
        }
    }

    pub(crate) fn joined(mut self) -> Vec<u8> {
        match self.pieces.len() {
            0 | 1 => self.pieces.pop().unwrap_or_default(),
            _ => self.pieces.concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_whole() {
        for chunks in [&[][..], &[3], &[PIECE], &[PIECE - 1, 2, PIECE], &[3 * PIECE + 5, 7]] {
            let (mut pieces, mut whole) = (Pieces::default(), Vec::new());
            for (number, length) in (0..).zip(chunks) {
                let chunk: Vec<u8> = (0..=250).cycle().take(*length).map(|byte: u8| byte ^ number).collect();
                pieces.push(&chunk);
                whole.extend(chunk);
            }
            assert_eq!(pieces.length, whole.len());
            assert!(pieces.pieces.iter().all(|piece| piece.len() <= PIECE));
            assert!(pieces.pieces.iter().skip(1).all(|piece| piece.capacity() == PIECE));
            assert!(pieces.joined() == whole);
        }
    }
}
