//! Golden vectors of the Pangea family, made by the crates that the Rust node is built on.
//!
//! usage: cargo run --release --locked [-- --check]     (in this folder)
//!
//! Writes `golden/pangea/`. `--check` writes nothing and exits 1 if a file would differ. Every input
//! comes from a seed, so two runs give the same bytes.

mod aead;
mod container;
mod notation;
mod reed_solomon;

use notation::{write, Golden};

fn main() {
    let check = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [option] if option == "--check" => true,
        _ => {
            eprintln!("usage: pangea-golden [--check]");
            std::process::exit(2);
        }
    };
    let files: Vec<Golden> =
        vec![reed_solomon::codes(), reed_solomon::losses(), aead::golden(), container::golden()];
    let mut different = 0;
    for file in &files {
        different += write(file, check);
    }
    if different > 0 {
        eprintln!("{different} files differ");
        std::process::exit(1);
    }
}
