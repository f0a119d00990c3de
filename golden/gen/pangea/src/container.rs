//! Containers of the Rust node's CES pipeline, composed of the crates in its order: zstd or nothing,
//! XChaCha20-Poly1305, a length of four bytes, zero padding, Reed-Solomon.

use crate::aead::{keys, seal};
use crate::notation::{bytes, hex, sha256, stream, Golden};
use reed_solomon_erasure::galois_8::ReedSolomon;
use serde_json::{json, Value};
use std::io::Write;

/// How the node compresses: the level of the file's type, or one of its two other settings.
enum Compression {
    Raw,
    Zstd(i32),
    Brotli(u32),
}

/// A file: `head`, then a stream from `seed` up to `length`; a text repeated; or a stream of the
/// letters a to d.
enum File {
    Stream { head: &'static [u8], length: usize, seed: u32 },
    Text { repeat: &'static str, times: usize },
    Letters { length: usize, seed: u32 },
}

impl File {
    fn contents(&self) -> Vec<u8> {
        match self {
            File::Stream { head, length, seed } => {
                let mut all = head.to_vec();
                all.extend(stream(*seed, length - head.len()));
                all
            }
            File::Text { repeat, times } => repeat.repeat(*times).into_bytes(),
            File::Letters { length, seed } => {
                stream(*seed, *length).iter().map(|byte| b'a' + (byte & 3)).collect()
            }
        }
    }

    fn notation(&self) -> Value {
        match self {
            File::Stream { head, length, seed } => {
                json!({"head": hex(head), "length": length, "seed": seed})
            }
            File::Text { repeat, times } => json!({"repeat": repeat, "times": times}),
            File::Letters { length, seed } => json!({"length": length, "letters": seed}),
        }
    }
}

fn compress(data: &[u8], compression: &Compression) -> Vec<u8> {
    match compression {
        Compression::Raw => data.to_vec(),
        Compression::Zstd(level) => {
            let mut encoder = zstd::Encoder::new(Vec::new(), *level).unwrap();
            encoder.write_all(data).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Brotli(quality) => {
            let mut out = Vec::new();
            let mut reader = brotli::CompressorReader::new(data, 4096, *quality, 22);
            std::io::copy(&mut reader, &mut out).unwrap();
            out
        }
    }
}

/// Length, nonce, ciphertext and tag, cut and padded, with parity.
fn shards(sealed: &[u8], data: usize, parity: usize) -> Vec<Vec<u8>> {
    let mut all = (sealed.len() as u32).to_le_bytes().to_vec();
    all.extend(sealed);
    let size = all.len().div_ceil(data);
    all.resize(size * data, 0);
    let mut shards: Vec<Vec<u8>> = all.chunks(size).map(<[u8]>::to_vec).collect();
    shards.extend((0..parity).map(|_| vec![0; size]));
    ReedSolomon::new(data, parity).unwrap().encode(&mut shards).unwrap();
    shards
}

struct Made {
    case: Value,
    compressed: Vec<u8>,
}

fn made(name: &str, file: &File, compression: &Compression, data: usize, parity: usize) -> Made {
    let contents = file.contents();
    let compressed = compress(&contents, compression);
    let seed = (contents.len() * 7 + data) as u32;
    let (key, nonce) = keys(seed);
    let mut sealed = nonce.clone();
    sealed.extend(seal(&key, &nonce, &[], &compressed));
    let all = shards(&sealed, data, parity);
    let digests: Vec<String> = all.iter().map(|shard| sha256(shard)).collect();
    let (algorithm, level) = match compression {
        Compression::Raw => ("none", 0),
        Compression::Zstd(level) => ("zstd", *level),
        Compression::Brotli(quality) => ("brotli", *quality as i32),
    };
    let case = json!({
        "id": format!("{name}-{data}-{parity}"),
        "in": {
            "algorithm": algorithm, "dataShards": data, "file": file.notation(), "key": hex(&key),
            "level": level, "nonce": hex(&nonce), "op": "container", "parityShards": parity,
        },
        "out": {
            "compressed": bytes(&compressed),
            "container": bytes(&all[..data].concat()),
            "contents": sha256(&contents),
            "shardBytes": all[0].len(),
            "shards": digests,
        },
    });
    Made { case, compressed }
}

fn refused(id: &str, code: &str, note: &str, change: impl Fn(&mut Vec<Vec<u8>>)) -> Value {
    let (key, nonce) = keys(9);
    let mut sealed = nonce.clone();
    sealed.extend(seal(&key, &nonce, &[], &compress(b"refused", &Compression::Zstd(9))));
    let mut all = shards(&sealed, 4, 2);
    change(&mut all);
    // With the data shards given, nothing is reconstructed: the change reaches the reader.
    json!({
        "error": code,
        "id": format!("refused-{id}"),
        "in": {
            "dataShards": 4, "key": hex(&key), "op": "refuse", "parityShards": 2,
            "shards": all.iter().map(|shard| hex(shard)).collect::<Vec<_>>(),
        },
        "note": note,
    })
}

const CONFIGURATIONS: [(usize, usize); 3] = [(4, 2), (8, 4), (16, 8)];

fn files() -> Vec<(&'static str, File, Compression)> {
    use Compression::{Raw, Zstd};
    let sample = |head: &'static [u8], length, seed| File::Stream { head, length, seed };
    vec![
        ("empty", sample(b"", 0, 1), Zstd(3)),
        ("one-byte", sample(b"a", 1, 1), Zstd(3)),
        ("three-bytes", sample(b"abc", 3, 1), Zstd(3)),
        ("four-letters", sample(b"abcd", 4, 1), Zstd(9)),
        ("text", File::Text { repeat: "Full pipeline test data!", times: 50 }, Zstd(9)),
        ("unknown", sample(b"\x00", 100, 2), Zstd(3)),
        ("png", sample(b"\x89PNG\r\n\x1a\n", 1000, 3), Zstd(1)),
        ("jpeg", sample(b"\xff\xd8\xff\xe0", 333, 4), Zstd(1)),
        ("gif", sample(b"GIF89a", 50, 5), Zstd(1)),
        ("mp3", sample(b"\xff\xfb\x90", 700, 6), Zstd(1)),
        ("flac", sample(b"fLaC", 64, 7), Zstd(1)),
        ("wav", sample(b"RIFF\x10\x00\x00\x00WAVE", 129, 8), Zstd(1)),
        ("elf", sample(b"\x7fELF\x02\x01\x01", 900, 9), Zstd(6)),
        ("exe", sample(b"MZ\x90\x00", 90, 10), Zstd(6)),
        ("zip", sample(b"PK\x03\x04\x14\x00", 300, 11), Raw),
        ("gzip", sample(b"\x1f\x8b\x08\x00", 77, 12), Raw),
        ("mp4", sample(b"\x00\x00\x00\x18ftypisom", 500, 13), Raw),
        ("avi", sample(b"RIFF\x10\x00\x00\x00AVI ", 40, 14), Raw),
        ("zip-5-mb", sample(b"PK\x03\x04", 5_000_001, 15), Raw),
        ("text-3-mb", File::Text { repeat: "The quick brown fox jumps.\n", times: 120_000 }, Zstd(9)),
    ]
}

pub fn golden() -> Golden {
    let mut cases = vec![];
    let mut binaries = vec![];
    for (name, file, compression) in files() {
        for (data, parity) in CONFIGURATIONS {
            cases.push(made(name, &file, &compression, data, parity).case);
        }
    }
    // All paddings: 44 bytes are length, nonce and tag.
    for length in 4..20 {
        let file = File::Stream { head: b"PK\x03\x04", length, seed: 20 };
        cases.push(made(&format!("padding-{length}"), &file, &Compression::Raw, 16, 8).case);
    }
    // What the adaptive configuration comes to for larger files.
    for data in 5..=32 {
        let file = File::Stream { head: b"PK\x03\x04", length: 1000 + data, seed: 21 };
        cases.push(made("adaptive", &file, &Compression::Raw, data, data / 2).case);
    }
    // A frame of many blocks; its head does not tell the length, as the node's never does.
    let long = File::Letters { length: 1_200_000, seed: 22 };
    let frame = made("frame", &long, &Compression::Zstd(9), 8, 4);
    cases.push(frame.case);
    binaries.push(("container-frame.bin".to_string(), frame.compressed));
    // Settings of later versions.
    let text = File::Text { repeat: "Settings of later versions. ", times: 30 };
    cases.push(made("brotli", &text, &Compression::Brotli(9), 8, 4).case);
    cases.push(made("no-compression", &text, &Compression::Raw, 8, 4).case);

    cases.push(refused("length", "PANGEA_CONTAINER", "the length points beyond the end", |all| {
        all[0][1] = 0xff
    }));
    cases.push(refused("length-short", "PANGEA_CONTAINER", "too short for nonce and tag", |all| {
        all[0][0] = 39
    }));
    cases.push(refused("nonce", "AEAD_TAG", "the tag does not match", |all| all[0][4] ^= 1));
    cases.push(refused("ciphertext", "AEAD_TAG", "the tag does not match", |all| all[2][3] ^= 1));
    Golden {
        topic: "container",
        source: json!({
            "program": "reed-solomon-erasure, chacha20poly1305, zstd, brotli",
            "symbol": "CesPipeline::process, as a composition of its crates",
            "version": "6.0.0, 0.10.1, 0.13.3, 7.0.0",
        }),
        cases,
        binaries,
    }
}
