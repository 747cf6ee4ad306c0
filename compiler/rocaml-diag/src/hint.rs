//! Spelling hints: "Did you mean …?", aligned below the message they belong to.

use crate::doc::Doc;

/// The names nearest to `name`, if any is near enough: upstream's `Misc.spellcheck`.
pub fn spellcheck<'a>(valid: impl IntoIterator<Item = &'a str>, name: &str) -> Vec<String> {
    let cutoff = match name.len() {
        0..=2 => 0,
        3 | 4 => 1,
        5 | 6 => 2,
        _ => 3,
    };
    // An empty name is not counted among the short ones.
    let cutoff = if name.is_empty() { 3 } else { cutoff };
    let mut valid: Vec<&str> = valid.into_iter().collect();
    valid.sort_unstable();
    valid.dedup();
    let mut best: (Vec<String>, usize) = (Vec::new(), usize::MAX);
    for candidate in valid.into_iter().rev() {
        if let Some(distance) = edit_distance(name, candidate, cutoff) {
            if distance < best.1 {
                best = (vec![candidate.to_owned()], distance);
            } else if distance == best.1 {
                best.0.insert(0, candidate.to_owned());
            }
        }
    }
    best.0
}

/// Number of insertions, deletions, replacements and transpositions, if not above the cutoff.
fn edit_distance(a: &str, b: &str, cutoff: usize) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > cutoff {
        return None;
    }
    let mut table = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in table.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in table[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replace = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(table[i - 2][j - 2] + 1);
            }
            table[i][j] = best;
        }
    }
    let distance = table[a.len()][b.len()];
    (distance <= cutoff).then_some(distance)
}

/// The message of an error whose first words `lead` end where those of the hint end, and that hint.
pub fn aligned(lead: &str, rest: Doc, choices: &[String]) -> (Doc, Option<Doc>) {
    aligned_docs(lead, rest, choices.iter().map(Doc::code).collect())
}

/// [`aligned`] for choices that are more than names.
pub fn aligned_docs(lead: &str, rest: Doc, mut choices: Vec<Doc>) -> (Doc, Option<Doc>) {
    const PREFIX: &str = "Error: ";
    const HINT: &str = "Hint: ";
    const LEAD: &str = "Did you mean ";
    let mut main = Doc::new();
    let Some(last) = choices.pop() else {
        main.text(lead).append(rest);
        return (main, None);
    };
    let (main_width, hint_width) = (PREFIX.len() + lead.chars().count(), HINT.len() + LEAD.len());
    let width = main_width.max(hint_width);
    main.text(" ".repeat(width - main_width)).text(lead).append(rest);
    let or = if choices.is_empty() { "" } else { " or " };
    let hint = Doc::template(
        "@[%a: %s%s%a%s%a?@]",
        &[
            Doc::hint(),
            Doc::from(" ".repeat(width - hint_width)),
            Doc::from(LEAD),
            Doc::comma_list(choices),
            Doc::from(or),
            last,
        ],
    );
    (main, Some(hint))
}
