//! XChaCha20-Poly1305 by chacha20poly1305, HChaCha20 by chacha20.

use crate::notation::{bytes, hex, stream, Golden};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde_json::{json, Value};

/// Key and nonce of a case.
pub fn keys(seed: u32) -> (Vec<u8>, Vec<u8>) {
    (stream(seed ^ 0x6b65_7900, 32), stream(seed ^ 0x6e6f_6e00, 24))
}

pub fn seal(key: &[u8], nonce: &[u8], aad: &[u8], text: &[u8]) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.encrypt(XNonce::from_slice(nonce), Payload { msg: text, aad }).unwrap()
}

fn sealed(text: usize, aad: usize) -> Value {
    let seed = (text * 100 + aad) as u32;
    let (key, nonce) = keys(seed);
    let out = seal(&key, &nonce, &stream(seed + 1, aad), &stream(seed + 2, text));
    json!({
        "id": format!("seal-{text}-{aad}"),
        "in": {
            "aad": {"length": aad, "seed": seed + 1}, "key": hex(&key), "nonce": hex(&nonce), "op": "seal",
            "text": {"length": text, "seed": seed + 2},
        },
        "out": {"sealed": bytes(&out)},
    })
}

fn forged(id: &str, change: impl Fn(&mut Vec<u8>, &mut Vec<u8>, &mut Vec<u8>, &mut Vec<u8>)) -> Value {
    let (mut key, mut nonce) = keys(4242);
    let mut aad = stream(1, 20);
    let mut out = seal(&key, &nonce, &aad, &stream(2, 100));
    change(&mut key, &mut nonce, &mut aad, &mut out);
    let cipher = XChaCha20Poly1305::new(key.as_slice().into());
    let payload = Payload { msg: &out, aad: &aad };
    cipher.decrypt(XNonce::from_slice(&nonce), payload).unwrap_err();
    json!({
        "error": if out.len() < 16 { "AEAD_TRUNCATED" } else { "AEAD_TAG" },
        "id": format!("forged-{id}"),
        "in": {
            "aad": hex(&aad), "key": hex(&key), "nonce": hex(&nonce), "op": "open", "sealed": hex(&out),
        },
    })
}

fn derived(seed: u32) -> Value {
    let key = stream(seed, 32);
    let nonce = stream(seed + 1, 16);
    let out =
        chacha20::hchacha::<chacha20::cipher::consts::U10>(key.as_slice().into(), nonce.as_slice().into());
    json!({
        "id": format!("hchacha20-{seed}"),
        "in": {"key": hex(&key), "nonce": hex(&nonce), "op": "hchacha20"},
        "out": {"key": hex(&out)},
    })
}

pub fn golden() -> Golden {
    let mut cases = vec![];
    for text in [
        0, 1, 15, 16, 17, 31, 63, 64, 65, 127, 128, 129, 191, 192, 193, 255, 256, 257, 447, 448, 449, 1000,
        1024, 4095, 4096, 4097, 8127, 8128, 8129, 8192,
    ] {
        cases.push(sealed(text, 0));
        cases.push(sealed(text, 13));
    }
    // Around the parts of the kernel and those of the host's library, and 5 MB.
    for text in [65471, 65472, 65473, 131007, 131008, 131009, 1048576, 1048577, 5000001] {
        cases.push(sealed(text, 16));
    }
    for aad in [1, 15, 16, 17, 4095, 4096, 4097, 65536, 65537, 200000] {
        cases.push(sealed(300, aad));
    }
    for seed in [1, 2, 3, 4] {
        cases.push(derived(seed));
    }
    cases.push(forged("key", |key, _, _, _| key[31] ^= 1));
    cases.push(forged("nonce-front", |_, nonce, _, _| nonce[0] ^= 1));
    cases.push(forged("nonce-end", |_, nonce, _, _| nonce[23] ^= 0x80));
    cases.push(forged("aad", |_, _, aad, _| aad[19] ^= 1));
    cases.push(forged("aad-longer", |_, _, aad, _| aad.push(0)));
    cases.push(forged("text", |_, _, _, out| out[0] ^= 1));
    cases.push(forged("tag", |_, _, _, out| {
        let last = out.len() - 1;
        out[last] ^= 0x80
    }));
    cases.push(forged("shorter", |_, _, _, out| out.truncate(115)));
    cases.push(forged("truncated", |_, _, _, out| out.truncate(15)));
    Golden {
        topic: "xchacha20poly1305",
        source: json!({
            "program": "chacha20poly1305",
            "symbol": "XChaCha20Poly1305::encrypt; chacha20::hchacha (0.9.1)",
            "version": "0.10.1",
        }),
        cases,
        binaries: vec![],
    }
}
