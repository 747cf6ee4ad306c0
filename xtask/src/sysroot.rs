//! `sysroot` and `runtime`: build one row or all, with one stage per row.

use sysroots::Build;

use crate::stages::{Stages, detail};
use crate::{Outcome, jobs, root, rows, setup};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Sysroot,
    Runtime,
}

pub fn run(row: &str, part: Part) -> Outcome {
    let rows = rows(row)?;
    let mut stages = Stages::new(rows.len() + 1);
    let result = stages.run("host packages", setup::ensure).and_then(|()| {
        let build = Build::new(&root(), jobs(), &detail);
        rows.iter().try_for_each(|target| {
            stages.run(target.name, || match part {
                Part::Sysroot => build.sysroot(target).map(|layout| layout.lib.display().to_string()),
                Part::Runtime => build.runtime(target).map(|layout| layout.lib.display().to_string()),
            })
        })
    });
    stages.summary();
    Ok(result?)
}
