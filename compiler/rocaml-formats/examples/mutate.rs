//! Reads files with random damage: `mutate ROUNDS FILE…`, where files are compiled interfaces or
//! binary syntax trees. Nothing may panic, and nothing may take long.

use rocaml_base::Name;
use rocaml_formats::{ast_file, cmi};
use rocaml_syntax::ast::Structure;
use rocaml_syntax::deep;
use rocaml_types::Context;
use std::time::Instant;

/// A small generator of numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

fn read(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"Caml1999I") {
        let cx = Context::for_tests();
        cx.set_current_unit(Some(Name::new("Test")), false);
        cmi::read(&cx, "x.cmi", bytes).is_ok()
    } else {
        ast_file::read::<Structure>(bytes).is_ok()
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1000);
    let files: Vec<String> = arguments.collect();
    deep::on_deep_stack(|| {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for file in &files {
            let whole = std::fs::read(file).unwrap_or_default();
            let (mut accepted, mut slowest) = (0, 0.0f64);
            assert!(read(&whole), "{file} is not well formed");
            for _ in 0..rounds {
                let mut bytes = whole.clone();
                for _ in 0..=random.below(4) {
                    let at = 12 + random.below(bytes.len() - 12);
                    match random.below(3) {
                        0 => bytes[at] ^= 1 << random.below(8),
                        1 => bytes[at] = random.below(256) as u8,
                        _ => {
                            let from = random.below(bytes.len());
                            bytes[at] = bytes[from];
                        }
                    }
                }
                let start = Instant::now();
                accepted += usize::from(read(&bytes));
                slowest = slowest.max(start.elapsed().as_secs_f64());
            }
            println!("{file}: {accepted} of {rounds} accepted, the slowest took {slowest:.3} s");
        }
    });
}
