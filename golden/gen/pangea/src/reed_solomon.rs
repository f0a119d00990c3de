//! Codes, parity and reconstruction, by reed-solomon-erasure.

use crate::notation::{bytes, sha256, stream, Golden};
use reed_solomon_erasure::galois_8::ReedSolomon;
use reed_solomon_erasure::Error;
use serde_json::{json, Value};

fn source(symbol: &str) -> Value {
    json!({"program": "reed-solomon-erasure", "symbol": symbol, "version": "6.0.0"})
}

/// Shard i of a case is the stream of its seed, i added.
fn data_shards(seed: u32, count: usize, length: usize) -> Vec<Vec<u8>> {
    (0..count).map(|i| stream(seed + i as u32, length)).collect()
}

fn encoded(mut shards: Vec<Vec<u8>>, parity: usize) -> Vec<Vec<u8>> {
    let data = shards.len();
    let length = shards[0].len();
    shards.extend((0..parity).map(|_| vec![0; length]));
    ReedSolomon::new(data, parity).unwrap().encode(&mut shards).unwrap();
    shards
}

/// The parity of unit vectors: its shard i is row i of the parity matrix.
fn matrix(data: usize, parity: usize) -> Value {
    let unit: Vec<Vec<u8>> = (0..data).map(|i| (0..data).map(|j| u8::from(i == j)).collect()).collect();
    let rows = encoded(unit, parity)[data..].concat();
    json!({
        "id": format!("matrix-{data}-{parity}"),
        "in": {"dataShards": data, "op": "matrix", "parityShards": parity},
        "out": {"rows": bytes(&rows)},
    })
}

fn parity(data: usize, parity: usize, length: usize) -> Value {
    let seed = (data * 1000 + length) as u32;
    let shards = encoded(data_shards(seed, data, length), parity);
    json!({
        "id": format!("encode-{data}-{parity}-{length}"),
        "in": {
            "dataShards": data, "op": "encode", "parityShards": parity, "seed": seed,
            "shardBytes": length,
        },
        "out": {"parity": bytes(&shards[data..].concat())},
    })
}

fn refused(id: &str, data: usize, parity: usize, lengths: &[usize], note: Error) -> Value {
    json!({
        "error": "RangeError",
        "id": id,
        "in": {"dataShards": data, "lengths": lengths, "op": "refuse", "parityShards": parity},
        "note": format!("the crate answers {note:?}"),
    })
}

/// The error of a code's construction, or of encoding shards of these lengths.
fn error(data: usize, parity: usize, lengths: &[usize]) -> Error {
    match ReedSolomon::new(data, parity) {
        Err(error) => error,
        Ok(code) => {
            let mut shards: Vec<Vec<u8>> = lengths.iter().map(|n| vec![0; *n]).collect();
            code.encode(&mut shards).unwrap_err()
        }
    }
}

/// Parity matrices and parity.
pub fn codes() -> Golden {
    let mut cases = vec![];
    // What the node's configuration can come to: 4 to 32 data shards, half as many parity shards.
    for data in 4..=32 {
        cases.push(matrix(data, data / 2));
    }
    for (data, parity) in [
        (1, 1),
        (1, 2),
        (1, 255),
        (2, 1),
        (3, 1),
        (3, 3),
        (3, 5),
        (5, 3),
        (4, 4),
        (6, 5),
        (8, 3),
        (8, 8),
        (10, 4),
        (12, 4),
        (17, 3),
        (29, 51),
        (32, 32),
        (100, 28),
        (128, 128),
        (200, 56),
        (255, 1),
    ] {
        cases.push(matrix(data, parity));
    }
    for (data, count) in [(4, 2), (8, 4), (16, 8), (5, 3), (6, 6)] {
        for length in
            [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 255, 1000, 4095, 4096, 4097]
        {
            cases.push(parity(data, count, length));
        }
    }
    // Around the stripes of the kernel, and 5 MB in 8 shards.
    for length in [65471, 65472, 65535, 65536, 65537, 131071, 131073, 655361] {
        cases.push(parity(8, 4, length));
    }
    cases.push(parity(4, 2, 131073));
    cases.push(parity(16, 8, 65537));
    cases.push(parity(128, 128, 4097));
    for (id, data, parity, lengths) in [
        ("no-data-shards", 0, 4, vec![]),
        ("no-parity-shards", 4, 0, vec![]),
        ("too-many-shards", 200, 57, vec![]),
        ("empty-shards", 2, 1, vec![0, 0, 0]),
        ("unequal-shards", 2, 1, vec![3, 4, 3]),
        ("missing-shard", 2, 1, vec![3, 3]),
        ("surplus-shard", 2, 1, vec![3, 3, 3, 3]),
    ] {
        cases.push(refused(id, data, parity, &lengths, error(data, parity, &lengths)));
    }
    Golden { topic: "reed-solomon", source: source("ReedSolomon::encode"), cases, binaries: vec![] }
}

/// Ways to lose `count` of `total` shards, in lexical order.
fn choices(total: usize, count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![vec![]];
    }
    (0..total)
        .flat_map(|first| {
            choices(total - first - 1, count - 1).into_iter().map(move |rest| {
                let mut all = vec![first];
                all.extend(rest.iter().map(|i| i + first + 1));
                all
            })
        })
        .collect()
}

/// What the crate makes of shards without those in `lost`.
fn reconstructed(code: &ReedSolomon, shards: &[Vec<u8>], lost: &[usize]) -> Result<Vec<u8>, Error> {
    let mut given: Vec<Option<Vec<u8>>> = shards.iter().cloned().map(Some).collect();
    for shard in lost {
        given[*shard] = None;
    }
    code.reconstruct(&mut given)?;
    Ok(given.into_iter().flat_map(|shard| shard.unwrap()).collect())
}

fn losses_of(data: usize, parity: usize, count: usize, length: usize, seed: u32) -> Value {
    let code = ReedSolomon::new(data, parity).unwrap();
    // No code words: each way to lose shards gives bytes of its own.
    let shards = data_shards(seed, data + parity, length);
    let digests: Vec<String> = choices(data + parity, count)
        .iter()
        .map(|lost| sha256(&reconstructed(&code, &shards, lost).unwrap())[..16].to_string())
        .collect();
    json!({
        "id": format!("losses-{data}-{parity}-{count}"),
        "in": {
            "dataShards": data, "lost": count, "op": "losses", "parityShards": parity, "seed": seed,
            "shardBytes": length,
        },
        "note": "SHA-256, 8 bytes of it, of all shards, for every way to lose so many, in lexical order",
        "out": {"digests": digests},
    })
}

fn too_many_lost(data: usize, parity: usize, lost: &[usize]) -> Value {
    let code = ReedSolomon::new(data, parity).unwrap();
    let shards = data_shards(1, data + parity, 8);
    let error = reconstructed(&code, &shards, lost).unwrap_err();
    json!({
        "error": "RS_TOO_FEW_SHARDS",
        "id": format!("lost-{data}-{parity}-{}", lost.iter().map(usize::to_string).collect::<Vec<_>>().join("-")),
        "in": {"dataShards": data, "lost": lost, "op": "refuse", "parityShards": parity, "shardBytes": 8},
        "note": format!("the crate answers {error:?}"),
    })
}

/// Reconstruction.
pub fn losses() -> Golden {
    let mut cases: Vec<Value> = (1..=4).map(|count| losses_of(8, 4, count, 37, 77)).collect();
    cases.push(losses_of(4, 2, 2, 1000, 78));
    cases.push(losses_of(16, 8, 1, 100, 79));
    cases.push(losses_of(16, 8, 2, 100, 79));
    cases.push(losses_of(3, 3, 3, 17, 80));
    cases.push(losses_of(5, 6, 5, 9, 81));
    cases.push(losses_of(1, 3, 3, 5, 82));
    cases.push(too_many_lost(8, 4, &[0, 1, 2, 3, 4]));
    cases.push(too_many_lost(8, 4, &[7, 8, 9, 10, 11]));
    cases.push(too_many_lost(4, 2, &[0, 2, 5]));
    cases.push(too_many_lost(1, 1, &[0, 1]));
    Golden {
        topic: "reed-solomon-losses",
        source: source("ReedSolomon::reconstruct"),
        cases,
        binaries: vec![],
    }
}
