//! Files of old office programs, and the shell around encrypted ones of new programs: told apart, and refused.

use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::ParseError;
use std::io::Read;

/// How a compound file of Microsoft begins.
const MARK: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// The name of the entry that holds an encrypted document.
const ENCRYPTED: &str = "EncryptedPackage";
/// Directories of compound files come early or late; a document of this size has it within.
const SEARCHED_BYTES: u64 = 64 * 1024 * 1024;

/// Refuses such a file with what its owner can do about it.
pub fn refuse(input: &Input<'_>) -> Result<(), ParseError> {
    let mut bytes = Vec::new();
    let mut file = input.open()?;
    file.by_ref()
        .take(MARK.len() as u64)
        .read_to_end(&mut bytes)
        .map_err(ParseError::failed)?;
    if bytes != MARK {
        return Ok(());
    }
    file.take(SEARCHED_BYTES)
        .read_to_end(&mut bytes)
        .map_err(ParseError::failed)?;
    let name: Vec<u8> = ENCRYPTED.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let is_encrypted = bytes.windows(name.len()).any(|window| window == name);
    Err(ParseError::refused(if is_encrypted {
        "problem_document_password"
    } else {
        "problem_document_old_office"
    }))
}
