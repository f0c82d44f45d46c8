//! Prints the table.

use crate::race::{Case, Outcome, Target};

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
    let (text, is_met) = match outcome.target {
        None => return String::new(),
        Some(Target::Takes(times)) => (format!(">= {times}"), outcome.ratio >= times),
        Some(Target::Multiple(times)) => {
            let multiple = 1.0 / outcome.ratio;
            (format!("ours is {multiple:.2} times it, <= {times}"), multiple <= times)
        }
    };
    if is_met { text } else { format!("{text}: MISSED") }
}
