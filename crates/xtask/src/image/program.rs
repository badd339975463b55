//! Can this program run in an image that holds nothing else?

use anyhow::{bail, ensure};

/// Program header: an interpreter (the dynamic linker) is asked for.
const PT_INTERP: u32 = 3;

/// Refuses what is no ELF program for 64 bits, and what needs a dynamic linker: there is none in the image.
pub fn check(content: &[u8]) -> anyhow::Result<()> {
    ensure!(content.starts_with(b"\x7fELF\x02\x01"), "no program for a 64-bit, little-endian Linux");
    // e_phoff, e_phentsize, e_phnum of the ELF header.
    let table = usize::try_from(u64::from_le_bytes(bytes(content, 32)?))?;
    let size = usize::from(u16::from_le_bytes(bytes(content, 54)?));
    for index in 0..usize::from(u16::from_le_bytes(bytes(content, 56)?)) {
        if u32::from_le_bytes(bytes(content, table + index * size)?) == PT_INTERP {
            bail!("needs a dynamic linker, and the image has none: build it with deploy/build-static");
        }
    }
    Ok(())
}

fn bytes<const N: usize>(content: &[u8], at: usize) -> anyhow::Result<[u8; N]> {
    match content.get(at..).and_then(|rest| rest.first_chunk()) {
        Some(bytes) => Ok(*bytes),
        None => bail!("the program is cut off"),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The least that counts as a static program.
    pub fn header(segment: u32) -> Vec<u8> {
        let mut elf = vec![0; 64 + 56];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        elf[32] = 64;
        elf[54] = 56;
        elf[56] = 1;
        elf[64..68].copy_from_slice(&segment.to_le_bytes());
        elf
    }

    #[test]
    fn what_needs_a_linker_or_is_no_program_is_refused() {
        check(&header(1)).unwrap();
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        for (content, want) in [
            (header(PT_INTERP), "dynamic linker"),
            (own, "dynamic linker"),
            (header(1)[..64].to_vec(), "cut off"),
            (header(1)[..40].to_vec(), "cut off"),
            (b"#!/bin/sh\n".to_vec(), "no program"),
        ] {
            let error = check(&content).unwrap_err().to_string();
            assert!(error.contains(want), "{error}");
        }
    }
}
