//! Inputs from seeds, bytes as JSON, and the files.

use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// Longer byte strings are kept as their length, ends and digest.
const LARGEST_HEX: usize = 4096;

/// One file of vectors; `binaries` lie beside it.
pub struct Golden {
    pub topic: &'static str,
    pub source: Value,
    pub cases: Vec<Value>,
    pub binaries: Vec<(String, Vec<u8>)>,
}

/// `length` bytes from a seed: the high bytes of a xorshift generator (13, 17, 5) on 32 bits.
pub fn stream(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed ^ 0x9e37_79b9;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 24) as u8
        })
        .collect()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes as a value of a case.
pub fn bytes(value: &[u8]) -> Value {
    if value.len() <= LARGEST_HEX {
        return json!(hex(value));
    }
    json!({
        "first": hex(&value[..16]),
        "last": hex(&value[value.len() - 16..]),
        "length": value.len(),
        "sha256": sha256(value),
    })
}

fn text(file: &Golden) -> String {
    let head = json!({
        "format": 1,
        "generator": "golden/gen/pangea",
        "made": "2026-11-20",
        "source": file.source,
        "stack": "pangea",
        "topic": file.topic,
    });
    let cases: Vec<String> = file.cases.iter().map(|case| format!("  {case}")).collect();
    let fields: Vec<String> =
        head.as_object().unwrap().iter().map(|(key, value)| format!(" {}: {value}", json!(key))).collect();
    format!("{{\n \"cases\": [\n{}\n ],\n{}\n}}\n", cases.join(",\n"), fields.join(",\n"))
}

/// Write the file and its binaries, or compare with what is there; the number that differ.
pub fn write(file: &Golden, check: bool) -> usize {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../pangea");
    let mut outputs = vec![(format!("{}.json", file.topic), text(file).into_bytes())];
    outputs.extend(file.binaries.iter().cloned());
    let mut different = 0;
    for (name, contents) in outputs {
        let path = folder.join(&name);
        if check {
            let same = std::fs::read(&path).is_ok_and(|old| old == contents);
            if !same {
                eprintln!("{name} differs");
                different += 1;
            }
        } else {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &contents).unwrap();
            println!("{name}: {} bytes", contents.len());
        }
    }
    different
}
