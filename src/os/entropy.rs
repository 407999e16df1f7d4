//! Random bytes of the operating system.

use ring::rand::{SecureRandom, SystemRandom};

/// Twenty random bytes.
pub fn entropy() -> [u8; 20] {
    let mut bytes = [0; 20];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        // The system refuses randomness: the clocks and the process still make a key that is unlikely to stand twice.
        let seed = super::elapsed_ms() ^ (u64::from(std::process::id()) << 32) ^ super::wall_ms().unsigned_abs();
        let mut state = seed | 1;
        for byte in &mut bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 33) as u8;
        }
    }
    bytes
}
