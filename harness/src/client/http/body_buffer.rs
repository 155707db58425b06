//! A buffer for the body of a response.

/// The size of a piece in bytes. Allocators return blocks of this size to the system.
const PIECE: usize = 64 << 10;

/// A growing body in pieces. A single vector would be copied again and again, and would leave behind blocks
/// of memory that cannot be reused.
#[derive(Default)]
pub(crate) struct BodyBuffer {
    pieces: Vec<Vec<u8>>,
    pub(crate) length: usize,
}

impl BodyBuffer {
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
    fn pieces_join_to_the_whole() {
        for chunks in [&[][..], &[3], &[PIECE], &[PIECE - 1, 2, PIECE], &[3 * PIECE + 5, 7]] {
            let (mut buffer, mut whole) = (BodyBuffer::default(), Vec::new());
            for (number, length) in (0..).zip(chunks) {
                let chunk: Vec<u8> = (0..=250).cycle().take(*length).map(|byte: u8| byte ^ number).collect();
                buffer.push(&chunk);
                whole.extend(chunk);
            }
            assert_eq!(buffer.length, whole.len());
            assert!(buffer.pieces.iter().all(|piece| piece.len() <= PIECE));
            assert!(buffer.pieces.iter().skip(1).all(|piece| piece.capacity() == PIECE));
            assert!(buffer.joined() == whole);
        }
    }
}
