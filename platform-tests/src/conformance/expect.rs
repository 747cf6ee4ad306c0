//! Tests with expectation blocks: `rocaml-expect` answers the phrases, once plainly and once with `-principal`.
//!
//! For each block the program prints `<number> <line> <agreement>`; beside the file it leaves `<file>.corrected` with
//! the answers that it gave.

use std::collections::BTreeMap;

use super::actions::{self, fail, invoke, settle};
use super::interpret::{Interpreter, State};
use super::{Agreement, BlockReport, Status, compare};

pub fn run(interpreter: &mut Interpreter, state: &mut State) -> Status {
    let Some(expect) = interpreter.world.expect.clone() else { return Status::Skipped("expect".into()) };
    settle(run_twice(interpreter, state, &expect.to_string_lossy()))
}

fn run_twice(interpreter: &mut Interpreter, state: &mut State, expect: &str) -> Result<(), Status> {
    let mut blocks: BTreeMap<usize, BlockReport> = BTreeMap::new();
    let mut differences = Vec::new();
    let file = state.env.get("test_file");
    for principal in [false, true] {
        let name = if principal { "principal.blocks" } else { "plain.blocks" };
        state.env.add("expect_report", name);
        state.env.add("expect_messages", format!("{name}.stderr"));
        let mut line = vec![expect.to_string()];
        line.extend(["-compiler".to_string(), interpreter.world.compiler.to_string_lossy().into_owned()]);
        line.extend(["-target".to_string(), interpreter.world.target.name.to_string()]);
        line.extend(state.env.words("flags"));
        if principal {
            line.push("-principal".into());
        }
        line.push(file.clone());
        _ = std::fs::remove_file(interpreter.cwd.join(name));
        let environment = [("TERM", "dumb")];
        let streams = ["compiler_stdin", "expect_report", "expect_messages"];
        let ended = invoke(interpreter, state, line, streams, &environment, interpreter.world.compile_limit())?;
        if ended.status() != Some(0) {
            let said = std::fs::read(interpreter.cwd.join(format!("{name}.stderr"))).unwrap_or_default();
            return fail(format!("rocaml-expect: {}\n{}", ended.words(), actions::tail(&said)));
        }
        let report = std::fs::read_to_string(interpreter.cwd.join(name)).unwrap_or_default();
        for block in report.lines().filter_map(parse) {
            let entry = blocks.entry(block.number).or_insert_with(|| block.clone());
            entry.agreement = entry.agreement.max(block.agreement);
        }
        let corrected = interpreter.cwd.join(format!("{file}.corrected"));
        if report.lines().filter_map(parse).any(|block| block.agreement == Agreement::Different) {
            let shown = compare::difference(&interpreter.test.path, &corrected);
            differences.push(format!("{}:\n{shown}", if principal { "with -principal" } else { "plainly" }));
        }
    }
    interpreter.blocks = blocks.into_values().collect();
    let count = |agreement| interpreter.blocks.iter().filter(|block| block.agreement == agreement).count();
    let (different, unknown) = (count(Agreement::Different), count(Agreement::SameTypes));
    if different > 0 {
        let numbers: Vec<String> = interpreter
            .blocks
            .iter()
            .filter(|block| block.agreement == Agreement::Different)
            .map(|block| format!("{} (line {})", block.number, block.line))
            .collect();
        differences.dedup_by_key(|text| text.split_once('\n').map(|(_, diff)| diff.to_string()));
        return fail(format!(
            "{different} of {} blocks differ: {}\n{}",
            interpreter.blocks.len(),
            numbers.join(", "),
            differences.join("\n")
        ));
    }
    if unknown > 0 {
        return Err(Status::Skipped("values need an evaluator".into()));
    }
    Ok(())
}

fn parse(line: &str) -> Option<BlockReport> {
    let mut words = line.split(' ');
    let number = words.next()?.parse().ok()?;
    let line = words.next()?.parse().ok()?;
    let agreement = match words.next()? {
        "same" => Agreement::Same,
        "types" => Agreement::SameTypes,
        "differs" => Agreement::Different,
        _ => return None,
    };
    Some(BlockReport { number, line, agreement })
}
