//! Prints the table.

use crate::race::{Case, Outcome};

/// Prints a case's outcomes as rows of a Markdown table.
pub fn print(rows: &[(Case, Vec<Outcome>)]) {
    println!("| case | who | ns | ratio | target |");
    println!("| --- | --- | ---: | ---: | --- |");
    for (case, outcomes) in rows {
        for (nth, outcome) in outcomes.iter().enumerate() {
            let label =
                if nth == 0 { format!("{}: {}", case.row, case.title) } else { String::new() };
            let Outcome { name, nanoseconds, ratio, .. } = outcome;
            println!("| {label} | {name} | {nanoseconds:.0} | {ratio:.2} | {} |", target(outcome));
        }
    }
}

fn target(outcome: &Outcome) -> String {
    match outcome.target {
        None => String::new(),
        Some(target) if outcome.ratio >= target => format!(">= {target}"),
        Some(target) => format!(">= {target}: MISSED"),
    }
}
