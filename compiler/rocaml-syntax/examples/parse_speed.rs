//! Measures parsing: `parse_speed FILE…` parses all files ten times and prints lines per second.

use std::time::Instant;

use rocaml_base::Name;
use rocaml_syntax::{ParseOptions, deep, parse_implementation, parse_interface};

fn main() {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let sources: Vec<(Name, Vec<u8>)> =
        files.iter().map(|file| (Name::new(file), std::fs::read(file).unwrap_or_default())).collect();
    let lines: usize = sources.iter().map(|(_, source)| source.iter().filter(|&&c| c == b'\n').count()).sum();
    deep::on_deep_stack(|| {
        let start = Instant::now();
        for _ in 0..10 {
            for (name, source) in &sources {
                if name.ends_with('i') {
                    drop(parse_interface(*name, source, ParseOptions::default()));
                } else {
                    drop(parse_implementation(*name, source, ParseOptions::default()));
                }
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("{} lines, {:.0} lines per second", lines * 10, lines as f64 * 10.0 / seconds);
    });
}
